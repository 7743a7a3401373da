# SPDX-License-Identifier: Apache-2.0
$(eval $(call test,test_chip,tests/devices/test_chip.c,chip crypto bytes))
