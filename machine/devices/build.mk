# SPDX-License-Identifier: Apache-2.0
# The devices are part of the library `machine`; the chip's state file does I/O and is not.
$(eval $(call library,chip,machine/chip.c))
