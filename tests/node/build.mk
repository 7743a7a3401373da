# SPDX-License-Identifier: Apache-2.0
PUPPETS := $(BUILD)/mcu/puppet-a.bin $(BUILD)/mcu/puppet-b.bin
$(BUILD)/mcu/puppet-a.bin: PLACE := -Ttext=0x6000 --defsym=data=0x0300
$(BUILD)/mcu/puppet-b.bin: PLACE := -Ttext=0x6200 --defsym=data=0x0320
$(PUPPETS): $(BUILD)/mcu/tests/node/puppet.o
	$(LLD) -N --oformat=binary -e puppet $(PLACE) $< -o $@
-include $(BUILD)/mcu/tests/node/puppet.d

$(eval $(call test,test_firmware,tests/node/test_firmware.c tests/node/peer.c,\
    machine crypto bytes,,$(PUPPETS) $(BUILD)/mcu/firmware.elf))
