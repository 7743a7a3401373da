# SPDX-License-Identifier: Apache-2.0
# What a user of the library would write: only include/ and the libraries.
EXAMPLE_MACHINE := $(BUILD)/examples/machine
$(EXAMPLE_MACHINE): examples/machine.c $(patsubst %,$(HOST)/lib/%.a,machine crypto bytes) \
    | $(PROGRAM_ELF)/crc.elf
	@mkdir -p $(@D)
	$(CC) -std=c11 -Iinclude -Wall -Wextra -Wshadow $(CFLAGS) $(LDFLAGS) $(filter-out %.h,$^) -o $@
$(EXAMPLE_MACHINE): $(wildcard include/semo/*.h)
$(eval $(call script_test,tests/examples/machine.sh,$(EXAMPLE_MACHINE)))
$(eval $(call test,test_device,tests/examples/test_device.c,machine crypto bytes))
