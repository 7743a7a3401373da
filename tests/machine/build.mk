# SPDX-License-Identifier: Apache-2.0
machine_test_libraries := machine crypto bytes
$(eval $(call test,test_traces,tests/machine/test_traces.c tests/machine/rig.c,$(machine_test_libraries),jansson zlib))
$(eval $(call test,test_memories,tests/machine/test_memories.c tests/machine/rig.c,$(machine_test_libraries),jansson))
$(eval $(call test,test_reference,tests/machine/test_reference.c tests/machine/rig.c,$(machine_test_libraries),jansson))
$(eval $(call test,test_vectors,tests/machine/test_vectors.c tests/machine/rig.c,$(machine_test_libraries),jansson))
$(eval $(call test,test_upstream_holes,tests/attack/test_upstream_holes.c tests/machine/rig.c,$(machine_test_libraries),jansson))
$(eval $(call test,test_hardened,tests/machine/test_hardened.c tests/machine/rig.c,$(machine_test_libraries),jansson))
$(eval $(call test,test_machine,tests/machine/test_machine.c tests/machine/rig.c,$(machine_test_libraries),jansson))
$(eval $(call script_test,tests/machine/semo_mcu_traces.sh,$(BIN)/semo-mcu))
$(eval $(call script_test,tests/machine/semo_mcu.sh))
$(eval $(call test,test_fast,tests/machine/test_fast.c tests/machine/rig.c,$(machine_test_libraries),jansson))
$(eval $(call test,test_access,tests/machine/test_access.c,machine crypto bytes))
