# SPDX-License-Identifier: Apache-2.0
$(eval $(call library,control,host/control.c))

# semo-node without its main: the tests take parts of it.
NODE_HOST := slip queue drbg config router world mcu monitored peer trace status han server \
    bridge daemon
$(eval $(call library,node,$(NODE_HOST:%=node/host/%.c)))
$(eval $(call program,semo-node,node/host/main.c,node host chip machine kdf crypto bytes,\
    libuv jansson libcrypto))

# The event manager is executed in an empty root: it is static.
EM := node/host/em.c node/host/em_events.c node/host/em_loader.c node/host/em_gate.c
$(eval $(call library,em,$(EM)))
$(eval $(call program,semo-em,node/host/semo_em.c,em bytes,,-static))
