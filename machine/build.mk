# SPDX-License-Identifier: Apache-2.0
# The microcontroller as a library, the state file of a chip, and a thin program over the library.
machine_sources := $(filter-out machine/semo_mcu.c machine/chip.c,$(wildcard machine/*.c)) \
    $(wildcard machine/devices/*.c)
$(eval $(call library,machine,$(machine_sources)))
$(eval $(call library,chip,machine/chip.c))

$(eval $(call library,debug,$(wildcard machine/debug/*.c)))
$(eval $(call program,semo-mcu,machine/semo_mcu.c $(wildcard machine/mcu/*.c),debug machine crypto \
    bytes host,libelf jansson))
