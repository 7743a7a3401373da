# SPDX-License-Identifier: Apache-2.0
$(eval $(call library,house,meter/house/house.c meter/house/zone.c meter/house/energy.c))
