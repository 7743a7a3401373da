# SPDX-License-Identifier: Apache-2.0
SEMO_SOURCES := $(wildcard cli/*.c)
$(eval $(call program,semo,$(SEMO_SOURCES),deploy compat toolchain debug control display house host channel \
    channel_host chip kdf crypto bytes,jansson libcrypto yaml-0.1 libelf))
