# SPDX-License-Identifier: Apache-2.0
DEBUG_TEST_LIBRARIES := debug machine crypto bytes host
$(eval $(call script_test,tests/debug/lldb.sh))
