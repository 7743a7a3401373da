# SPDX-License-Identifier: Apache-2.0
$(eval $(call library,control,host/control.c))

# semo-node without its main: the tests take parts of it.
NODE_HOST := slip queue drbg config router world mcu monitored peer trace status han server \
    bridge daemon
$(eval $(call library,node,$(NODE_HOST:%=node/host/%.c)))
$(eval $(call program,semo-node,node/host/main.c,node host chip machine kdf crypto bytes,\
    libuv jansson libcrypto))
