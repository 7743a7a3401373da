# SPDX-License-Identifier: Apache-2.0
# rig: a module in the machine, for the tests and the bench of events.
$(eval $(call library,module_rig,tests/runtime/rig.c))
rig_libraries := module_rig toolchain host machine kdf crypto bytes
