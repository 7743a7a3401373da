# SPDX-License-Identifier: Apache-2.0
# The microcontroller's event manager and loader: one image.
MCU := $(BUILD)/mcu
# The other register allocators of this back end miscompile. This one spills all that lives across a
# branch, so that what is inlined costs more than what is called.
MCU_CFLAGS := -std=c11 --target=msp430 -Os -mllvm -regalloc=fast -mllvm -optimize-regalloc=0 \
    -fno-inline -ffreestanding -ffunction-sections -fdata-sections -I. -Iinclude \
    -Wall -Wextra -Wshadow -Wvla
FIRMWARE_SOURCES := node/mcu/start.S node/mcu/link.S node/mcu/module.S node/mcu/em.c \
    node/mcu/events.c node/mcu/loader.c lib/bytes/cursor.c

mcu_obj = $(patsubst %,$(MCU)/%.o,$(basename $(1)))
$(MCU)/flags.stamp: always
	$(call write_stamp,$(CLANG) $(MCU_CFLAGS) $(LLD))
$(MCU)/%.o: %.c $(MCU)/flags.stamp
	@mkdir -p $(@D)
	$(CLANG) $(MCU_CFLAGS) $(DEPFLAGS) -c $< -o $@
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
