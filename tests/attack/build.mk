# SPDX-License-Identifier: Apache-2.0
# The event managers of the attacker: `semo up --event-manager NODE=...`.
comma := ,
HOSTILE_WRAP := semo_em_frame semo_em_deliver semo_em_route
HOSTILE_SOURCES := tests/attack/hostile_em/hostile.c tests/attack/hostile_em/attack.c
$(eval $(call mcu_image,hostile,$(FIRMWARE_SOURCES) $(HOSTILE_SOURCES) lib/mspabi/mspabi.S,\
    $(HOSTILE_WRAP:%=--wrap=%)))
$(call unsanitized,$(HOSTILE_SOURCES))
$(eval $(call program,hostile-em,node/host/semo_em.c $(HOSTILE_SOURCES),em bytes,libuv-static,\
    $(EM_LINK) $(HOSTILE_WRAP:%=-Wl$(comma)--wrap=%)))

# Attacks on the meter's modules in the machine. The access rule is wrapped to leave one out.
FORT := tests/attack/fort.c
FORT_LIBS := module_rig toolchain host machine kdf crypto bytes
$(eval $(call test,test_unprotected_sweep,tests/attack/test_unprotected_sweep.c \
    tests/attack/attempts.c $(FORT),$(FORT_LIBS),libelf))
$(BUILD)/tests/test_unprotected_sweep: private LDFLAGS += -Wl,--wrap=semo_access
$(eval $(call test,test_reset_sweep,tests/attack/test_reset_sweep.c $(FORT),$(FORT_LIBS),libelf))

# The families of attacks (docs/attacks.md), on two small machines.
LAB := tests/attack/lab.c tests/attack/attempts.c tests/machine/rig.c
$(eval $(call test,test_family_m,tests/attack/test_family_m.c $(LAB),machine crypto bytes,jansson))
$(eval $(call test,test_family_life,tests/attack/test_family_life.c $(LAB),machine crypto bytes,jansson))
$(eval $(call test,test_family_c,tests/attack/test_family_c.c $(LAB),machine crypto bytes,jansson))
$(eval $(call test,test_family_runtime,tests/attack/test_family_runtime.c,module_rig toolchain host machine kdf crypto bytes,libelf))
$(eval $(call script_test,tests/attack/table.sh))

# Families E and P: modules of every policy, and what is between them.
$(eval $(call library,party,tests/attack/party.c))
FAMILY_LIBS := party module_rig toolchain host machine kdf crypto bytes
$(eval $(call test,test_family_e,tests/attack/test_family_e.c,$(FAMILY_LIBS),libelf))
$(eval $(call test,test_family_p,tests/attack/test_family_p.c,$(FAMILY_LIBS),libelf))
# The deployer against nodes that are the attacker's.
$(eval $(call test,test_family_e_deploy,tests/attack/test_family_e_deploy.c tests/attack/world.c,\
    deploy toolchain machine host channel channel_host chip kdf crypto bytes,\
    jansson libcrypto yaml-0.1 libelf))
# Two owners: the same, with a second deployer.
$(eval $(call test,test_family_o,tests/attack/test_family_o.c tests/attack/world.c,\
    deploy toolchain machine host channel channel_host chip kdf crypto bytes,\
    jansson libcrypto yaml-0.1 libelf))
$(BUILD)/tests/test_family_e_deploy: private LDFLAGS += -Wl,--wrap=semo_toolchain_link

# Programs of tests/attack/mutants.list can run one test by its name.
CHOOSY := test_family_e test_family_e_deploy test_family_o test_offer test_panel test_family_p test_family_runtime test_firmware \
    test_runtime test_reply test_channel test_descriptor
SOURCES += tests/attack/only.c
$(CHOOSY:%=$(BUILD)/tests/%): $(call obj,tests/attack/only.c)
$(eval $(call script_test,tests/attack/mutants.sh))
