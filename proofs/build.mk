# SPDX-License-Identifier: Apache-2.0
$(eval $(call script_test,proofs/protocol.sh))
