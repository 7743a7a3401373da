# SPDX-License-Identifier: Apache-2.0
MONITOR_SOURCES := monitor/linux/main.c monitor/linux/modules.c monitor/linux/sandbox.c \
    monitor/linux/filter.c monitor/linux/limits.c monitor/linux/image.c monitor/linux/packet.c monitor/core/service.c
$(eval $(call program,semo-monitor,$(MONITOR_SOURCES),chip kdf crypto bytes,libseccomp libcrypto))
