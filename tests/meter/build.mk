# SPDX-License-Identifier: Apache-2.0
# The whole meter, end to end, on the programs that users get.
METER_NEEDS := $(BIN)/semo $(BIN)/semo-node $(BIN)/semo-monitor $(BIN)/semo-em $(BIN)/hostile-em \
    $(BUILD)/mcu/firmware.elf $(BUILD)/mcu/hostile.elf
$(eval $(call script_test,tests/meter/deploy.sh,$(METER_NEEDS)))
$(eval $(call script_test,tests/meter/operator.sh,$(METER_NEEDS)))
$(eval $(call script_test,tests/meter/determinism.sh,$(METER_NEEDS)))
$(eval $(call script_test,tests/meter/attack.sh,$(METER_NEEDS) $(BUILD)/mcu/lying.elf $(BIN)/lying-em))
$(eval $(call test,test_load_switch,tests/meter/test_load_switch.c,))
$(eval $(call test,test_central,tests/meter/test_central.c,))
METER_LIBS := deploy toolchain control host channel channel_host chip kdf crypto bytes
METER_PACKAGES := jansson libcrypto yaml-0.1 libelf
$(eval $(call test,test_only_cs,tests/attack/test_only_cs.c tests/meter/house.c,$(METER_LIBS),\
    $(METER_PACKAGES),$(METER_NEEDS) $(BUILD)/mcu/probe-relay.bin))
$(eval $(call test,test_hoard,tests/attack/test_hoard.c tests/meter/house.c,$(METER_LIBS),\
    $(METER_PACKAGES),$(METER_NEEDS)))
$(eval $(call test,test_hostile_meter,tests/attack/test_hostile_meter.c tests/meter/house.c,$(METER_LIBS),\
    $(METER_PACKAGES),$(METER_NEEDS)))

# The lying loader of tests/attack, as image and as program.
LYING_SOURCES := tests/attack/lying_loader/lying.c
$(eval $(call mcu_image,lying,$(FIRMWARE_SOURCES) $(LYING_SOURCES),--wrap=semo_em_frame))
$(call unsanitized,$(LYING_SOURCES))
$(eval $(call program,lying-em,node/host/semo_em.c $(LYING_SOURCES),em bytes,libuv-static,\
    $(EM_LINK) -Wl$(comma)--wrap=semo_em_frame))
$(eval $(call test,test_flips,tests/attack/test_flips.c tests/meter/house.c,$(METER_LIBS),\
    $(METER_PACKAGES),$(METER_NEEDS) $(BUILD)/mcu/lying.elf $(BIN)/lying-em))
$(BUILD)/tests/test_flips: private LDFLAGS += -Wl,--wrap=semo_link_request -Wl,--wrap=semo_link_call \
    -Wl,--wrap=semo_toolchain_link -Wl,--wrap=semo_set_key
$(eval $(call test,test_steps,tests/meter/test_steps.c tests/meter/house.c,$(METER_LIBS),\
    $(METER_PACKAGES),$(METER_NEEDS)))
$(BUILD)/tests/test_steps: private LDFLAGS += -Wl,--wrap=semo_state_write_status \
    -Wl,--wrap=semo_link_info
