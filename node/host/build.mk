# SPDX-License-Identifier: Apache-2.0
$(eval $(call library,control,host/control.c))
