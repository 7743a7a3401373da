# SPDX-License-Identifier: Apache-2.0
$(eval $(call test,test_house,tests/house/test_house.c,house host))
