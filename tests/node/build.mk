# SPDX-License-Identifier: Apache-2.0
PUPPETS := $(BUILD)/mcu/puppet-a.bin $(BUILD)/mcu/puppet-b.bin
$(BUILD)/mcu/puppet-a.bin: PLACE := -Ttext=0x6000 --defsym=data=0x0300
$(BUILD)/mcu/puppet-b.bin: PLACE := -Ttext=0x6200 --defsym=data=0x0320
$(PUPPETS): $(BUILD)/mcu/tests/node/puppet_module.o
	$(LLD) -N --oformat=binary -e puppet $(PLACE) $< -o $@
-include $(BUILD)/mcu/tests/node/puppet_module.d

$(eval $(call test,test_firmware,tests/node/test_firmware.c tests/node/peer.c tests/node/puppet.c,\
    machine kdf crypto bytes,,$(PUPPETS) $(BUILD)/mcu/firmware.elf))
$(eval $(call test,test_hostile,tests/node/test_hostile.c tests/node/peer.c tests/node/puppet.c,\
    machine crypto bytes,,$(PUPPETS) $(BUILD)/mcu/firmware.elf $(BUILD)/mcu/hostile.elf))
$(eval $(call test,test_semo_em,tests/node/test_semo_em.c,bytes,,$(BIN)/semo-em $(BIN)/hostile-em))
$(eval $(call test,test_modules,tests/node/test_modules.c tests/node/peer.c tests/node/real.c,\
    toolchain host machine kdf crypto bytes,libelf,$(BUILD)/mcu/firmware.elf $(BUILD)/mcu/hostile.elf))
$(eval $(call test,test_attack,tests/node/test_attack.c tests/attack/hostile_em/attack.c,bytes))
