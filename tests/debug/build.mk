# SPDX-License-Identifier: Apache-2.0
DEBUG_TEST_LIBRARIES := debug machine crypto bytes host
$(eval $(call script_test,tests/debug/lldb.sh))
$(eval $(call test,test_gdb,tests/debug/test_gdb.c tests/machine/rig.c,$(DEBUG_TEST_LIBRARIES),\
    libelf jansson,$(BUILD)/examples/debug/counter.elf))
$(eval $(call test,test_vcd,tests/debug/test_vcd.c tests/machine/rig.c,$(DEBUG_TEST_LIBRARIES),\
    libelf jansson))
$(eval $(call test,test_server,tests/debug/test_server.c tests/machine/rig.c,\
    $(DEBUG_TEST_LIBRARIES),libelf jansson))
