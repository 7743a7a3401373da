# SPDX-License-Identifier: Apache-2.0
$(eval $(call program,semo-web,$(wildcard apps/button-led/web/*.c),control host bytes,jansson))
