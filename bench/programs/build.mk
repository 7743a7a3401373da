# SPDX-License-Identifier: Apache-2.0
# The four programs for the microcontroller: $(PROGRAM_ELF)/name.elf. A program is also built for
# the host, to say what the result must be.
PROGRAM_ELF := $(BUILD)/bench/programs
PROGRAM_CFLAGS := -std=c11 --target=msp430 -O2 -ffreestanding -fno-builtin -fno-jump-tables -I. \
    -Iinclude -Wall -Wextra -Wshadow -Wvla

$(PROGRAM_ELF)/flags.stamp: always
	$(call write_stamp,$(CLANG) $(PROGRAM_CFLAGS) $(LLD))
$(PROGRAM_ELF)/%.o: bench/programs/%.c $(PROGRAM_ELF)/flags.stamp
	@mkdir -p $(@D)
	$(CLANG) $(PROGRAM_CFLAGS) $(DEPFLAGS) -c $< -o $@
$(PROGRAM_ELF)/start.o: bench/programs/start.S $(PROGRAM_ELF)/flags.stamp
	@mkdir -p $(@D)
	$(CLANG) $(PROGRAM_CFLAGS) $(DEPFLAGS) -c $< -o $@

# $(call bench_program,name,rounds): $(PROGRAM_ELF)/name.elf
define bench_program
BENCH_ELVES += $$(PROGRAM_ELF)/$(1).elf
$$(PROGRAM_ELF)/$(1).elf: $$(PROGRAM_ELF)/$(1).o $$(PROGRAM_ELF)/start.o $$(BUILD)/mcu/lib/mspabi/mspabi.o \
    bench/programs/program.ld bench/programs/build.mk
	$$(LLD) -N --gc-sections --defsym=program_rounds=$(2) -T bench/programs/program.ld \
	    $$(filter %.o,$$^) -o $$@
EXTRA_bench_programs_$(1) := -Dprogram_run=program_run_$(1)
-include $$(PROGRAM_ELF)/$(1).d
endef
$(eval $(call bench_program,mix,700))
$(eval $(call bench_program,crc,2000))
$(eval $(call bench_program,sieve,1000))
$(eval $(call bench_program,memcpy,7000))
IMAGES += $(BENCH_ELVES)
-include $(PROGRAM_ELF)/start.d
