# SPDX-License-Identifier: Apache-2.0
# rig: a module in the machine, for the tests and the bench of events.
$(eval $(call library,module_rig,tests/runtime/rig.c))
rig_libraries := module_rig toolchain host machine kdf crypto bytes
$(eval $(call test,test_runtime,tests/runtime/test_runtime.c tests/runtime/far_end.c,$(rig_libraries) channel,\
    libelf libcrypto))
$(eval $(call test,test_reply,tests/runtime/test_reply.c tests/runtime/far_end.c,$(rig_libraries) channel,\
    libelf libcrypto))
$(eval $(call test,test_print,tests/runtime/test_print.c,$(rig_libraries),libelf))
$(eval $(call bench,bench_events,bench/bench_events.c,$(rig_libraries),libelf))
$(eval $(call test,test_helpers,tests/runtime/test_helpers.c,$(rig_libraries),libelf))
