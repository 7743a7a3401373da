# SPDX-License-Identifier: Apache-2.0
# The microcontroller's event manager and loader: one image.
MCU := $(BUILD)/mcu
LLC ?= llc-14
MCU_CFLAGS := -std=c11 --target=msp430 -Os -ffreestanding -ffunction-sections -fdata-sections -I. -Iinclude \
    -Wall -Wextra -Wshadow -Wvla
FIRMWARE_SOURCES := node/mcu/start.S node/mcu/link.S node/mcu/module.S node/mcu/em.c \
    node/mcu/events.c node/mcu/loader.c lib/bytes/cursor.c

mcu_obj = $(patsubst %,$(MCU)/%.o,$(basename $(1)))
$(MCU)/flags.stamp: always
	$(call write_stamp,$(CLANG) $(LLC) $(MCU_CFLAGS) $(LLD))
# Why in three steps: toolchain/object.c.
MCU_PASS := peephole-opt
$(MCU)/%.o: %.c $(MCU)/flags.stamp
	@mkdir -p $(@D)
	$(CLANG) $(MCU_CFLAGS) $(DEPFLAGS) -MT $@ -S -mllvm -stop-after=$(MCU_PASS) $< -o $(@:.o=.mir)
	sed -i 's/= SUBREG_TO_REG 0, \(.*\), %subreg.subreg_8bit/= MOVZX16rr8 \1/' $(@:.o=.mir)
	$(LLC) -O2 -start-after=$(MCU_PASS) -filetype=obj -function-sections -data-sections \
	    $(@:.o=.mir) -o $@
$(MCU)/%.o: %.S $(MCU)/flags.stamp
	@mkdir -p $(@D)
	$(CLANG) $(MCU_CFLAGS) $(DEPFLAGS) -c $< -o $@

# $(call mcu_image,name,sources,ld flags): $(MCU)/name.elf
define mcu_image
IMAGES += $$(MCU)/$(1).elf
$$(MCU)/$(1).elf: $$(call mcu_obj,$(2)) node/mcu/firmware.ld
	$$(LLD) -N --gc-sections $(3) -T node/mcu/firmware.ld $$(filter %.o,$$^) -o $$@
-include $$(patsubst %.o,%.d,$$(call mcu_obj,$(2)))
endef
$(eval $(call mcu_image,firmware,$(FIRMWARE_SOURCES),))
