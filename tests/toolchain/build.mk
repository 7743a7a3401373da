# SPDX-License-Identifier: Apache-2.0
$(eval $(call test,test_reject_module,tests/toolchain/test_reject.c,toolchain host,libelf))
$(eval $(call test,test_build_module,tests/toolchain/test_build.c,toolchain host,libelf))
$(eval $(call test,test_generated,tests/toolchain/test_generated.c tests/toolchain/generate.c,module_rig toolchain host machine kdf crypto bytes,libelf))
