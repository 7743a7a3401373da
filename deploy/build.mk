# SPDX-License-Identifier: Apache-2.0
$(eval $(call library,deploy,deploy/descriptor.c deploy/fields.c))
