# SPDX-License-Identifier: Apache-2.0
# The whole meter, end to end, on the programs that users get.
METER_NEEDS := $(BIN)/semo $(BIN)/semo-node $(BIN)/semo-monitor $(BIN)/semo-em $(BIN)/hostile-em \
    $(BUILD)/mcu/firmware.elf $(BUILD)/mcu/hostile.elf
$(eval $(call script_test,tests/meter/operator.sh,$(METER_NEEDS)))
