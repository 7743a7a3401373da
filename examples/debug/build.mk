# SPDX-License-Identifier: Apache-2.0
# A program around one module, in one ELF file with debug information (docs/debugging.md). The module
# and its runtime are compiled and linked as semo build does it, but for what lldb 19 cannot read of
# MSP430: lists of locations, which optimised code has and code of -O0 has not.
DEBUG_EXAMPLE := $(BUILD)/examples/debug
DEBUG_EXAMPLE_CFLAGS := --target=msp430 -mllvm -regalloc=fast -mllvm -optimize-regalloc=0 \
    -mllvm -disable-copyprop -std=c11 -ffreestanding -fno-builtin -ffunction-sections \
    -fdata-sections -gdwarf-4 -Wall -Werror -DSEMO_SECURITY=64 -I. -Iinclude
DEBUG_EXAMPLE_SIZES := text=0x8000 data=0x0200 data_len=0x600 stack=512 slot=32 connections=2 \
    queue=64 frame=80 opens=0 open_len=0
DEBUG_EXAMPLE_SOURCES := $(wildcard runtime/*.c runtime/mcu/*.S lib/bytes/*.c lib/mspabi/*.S) \
    lib/channel/channel.c lib/channel/policy.c lib/channel/time.c examples/debug/counter.c examples/debug/main.c examples/debug/start.S
DEBUG_EXAMPLE_OBJECTS := $(DEBUG_EXAMPLE_SOURCES:%=$(DEBUG_EXAMPLE)/objects/%.o)

$(DEBUG_EXAMPLE)/flags.stamp: always
	$(call write_stamp,$(CLANG) $(DEBUG_EXAMPLE_CFLAGS) $(LLD) $(DEBUG_EXAMPLE_SIZES))
$(DEBUG_EXAMPLE)/objects/%.o: % $(DEBUG_EXAMPLE)/flags.stamp
	@mkdir -p $(@D)
	$(CLANG) $(DEBUG_EXAMPLE_CFLAGS) $(if $(filter examples/%,$<),-O0,-Os -gline-tables-only) \
	    $(DEPFLAGS) -c $< -o $@
DEBUG_EXAMPLE_LINK := $(LLD) -N --gc-sections -e start -T runtime/mcu/module.ld \
    -T examples/debug/program.ld $(DEBUG_EXAMPLE_SIZES:%=--defsym=semo_config_%)
DEBUG_EXAMPLE_SCRIPTS := runtime/mcu/module.ld examples/debug/program.ld
$(DEBUG_EXAMPLE)/bare.elf: $(DEBUG_EXAMPLE_OBJECTS) $(DEBUG_EXAMPLE_SCRIPTS)
	$(DEBUG_EXAMPLE_LINK) $(DEBUG_EXAMPLE_OBJECTS) -o $@
# Linked twice: the second time with call frames for the debugger, which change no address.
$(DEBUG_EXAMPLE)/frames.o: $(DEBUG_EXAMPLE)/bare.elf $(BIN)/semo-mcu
	$(BIN)/semo-mcu frames $< > $(@:.o=.s)
	$(CLANG) --target=msp430 -c $(@:.o=.s) -o $@
$(DEBUG_EXAMPLE)/counter.elf: $(DEBUG_EXAMPLE)/frames.o
	$(DEBUG_EXAMPLE_LINK) $(DEBUG_EXAMPLE_OBJECTS) $< -o $@
IMAGES += $(DEBUG_EXAMPLE)/counter.elf
-include $(DEBUG_EXAMPLE_OBJECTS:.o=.d)
