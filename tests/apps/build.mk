# SPDX-License-Identifier: Apache-2.0
APP_NEEDS := $(BIN)/semo $(BIN)/semo-node $(BUILD)/mcu/firmware.elf $(BUILD)/mcu/hostile.elf \
    $(BUILD)/mcu/lying.elf $(BIN)/hostile-em $(BIN)/semo-monitor $(BIN)/semo-em $(BUILD)/tests/world
SOURCES += tests/apps/world.c
$(BUILD)/tests/world: $(call obj,tests/apps/world.c) $(patsubst %,$(HOST)/lib/%.a,control host bytes)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $$($(PKG_CONFIG) --libs jansson) -o $@
$(eval $(call script_test,tests/apps/car_park.sh,$(APP_NEEDS)))
SOURCES += tests/apps/crowd.c
$(BUILD)/tests/crowd: $(call obj,tests/apps/crowd.c)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@
$(eval $(call script_test,tests/apps/button_led.sh,$(APP_NEEDS) $(BIN)/semo-web $(BUILD)/tests/crowd))
$(eval $(call script_test,tests/apps/owners.sh,$(APP_NEEDS)))
$(eval $(call script_test,tests/apps/readme.sh,$(APP_NEEDS)))
$(eval $(call test,test_car_park,tests/apps/test_car_park.c,))
$(eval $(call test,test_panel,tests/apps/test_panel.c,))
