# SPDX-License-Identifier: Apache-2.0
$(eval $(call library,control,host/control.c))

# semo-node without its main: the tests take parts of it.
NODE_HOST := slip queue drbg config router timer world mcu monitored remote serial line uplink peer trace status han server \
    bridge admin notes daemon
$(eval $(call library,node,$(NODE_HOST:%=node/host/%.c)))
$(eval $(call program,semo-node,node/host/main.c,node host chip machine kdf crypto bytes,\
    libuv jansson libcrypto))

# The event manager is executed in an empty root: it is static, which no program with sanitizers can
# be. They leave out what it is made of.
STATIC := -static -fno-sanitize=all
# $(call unsanitized,sources)
unsanitized = $(foreach s,$(1),$(eval EXTRA_$(subst /,_,$(basename $(s))) += -fno-sanitize=all))
EM := node/host/em.c node/host/em_calls.c node/host/em_events.c node/host/em_loader.c node/host/em_gate.c
$(call unsanitized,$(EM) node/host/semo_em.c lib/bytes/cursor.c)
$(eval $(call library,em,$(EM)))
# libuv could look up users, which no static program can; the linker says so.
EM_LINK := $(STATIC) -Wl,--no-warnings
$(eval $(call program,semo-em,node/host/semo_em.c,em bytes,libuv-static,$(EM_LINK)))
