# SPDX-License-Identifier: Apache-2.0
$(eval $(call library,display,meter/display/display.c meter/display/terminal.c))
