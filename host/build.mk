# SPDX-License-Identifier: Apache-2.0
# random.c needs libcrypto, tree.c needs yaml-0.1; who does not call them need not link those.
HOST_SOURCES := host/error.c host/random.c host/file.c host/process.c host/json.c host/tree.c host/socket.c host/admin.c \
    host/log.c
$(eval $(call library,host,$(HOST_SOURCES)))
