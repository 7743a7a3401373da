# SPDX-License-Identifier: Apache-2.0
$(eval $(call test,test_descriptor,tests/deploy/test_descriptor.c,deploy kdf crypto bytes \
    host,yaml-0.1))
$(eval $(call test,test_plan,tests/deploy/test_plan.c,deploy toolchain control channel channel_host \
    kdf crypto bytes host,yaml-0.1 libelf libcrypto))
$(eval $(call test,test_seal,tests/deploy/test_seal.c,deploy host,libcrypto))
$(eval $(call test,test_offer,tests/deploy/test_offer.c,deploy host,libcrypto))
DEPLOY_NEEDS := $(BIN)/semo $(BIN)/semo-node $(BUILD)/mcu/firmware.elf
$(eval $(call script_test,tests/deploy/reject.sh,$(DEPLOY_NEEDS)))
$(eval $(call script_test,tests/deploy/graph.sh,$(BIN)/semo))
$(eval $(call script_test,tests/deploy/lint.sh,$(DEPLOY_NEEDS)))
$(eval $(call script_test,tests/deploy/published.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor \
    $(BIN)/semo-em))
$(eval $(call script_test,tests/deploy/sources.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor \
    $(BIN)/semo-em))
$(eval $(call script_test,tests/deploy/new.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor $(BIN)/semo-em))
$(eval $(call script_test,tests/deploy/examples.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor $(BIN)/semo-em))
$(eval $(call script_test,tests/deploy/progress.sh,$(BIN)/semo))
$(eval $(call script_test,tests/deploy/tcb.sh,$(DEPLOY_NEEDS)))
$(eval $(call script_test,tests/deploy/ping.sh,$(DEPLOY_NEEDS) $(BUILD)/tests/find_key))
$(eval $(call script_test,tests/deploy/dialogue.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor $(BIN)/semo-em))
$(eval $(call script_test,tests/deploy/expiry.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor $(BIN)/semo-em))
$(eval $(call script_test,tests/deploy/kill.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor $(BIN)/semo-em \
    $(BUILD)/tests/kill_at.so))
$(eval $(call script_test,tests/deploy/flip.sh,$(DEPLOY_NEEDS) $(BUILD)/tests/flip.so))
# preloaded into the host programs
$(BUILD)/tests/%.so: tests/deploy/%.c $(HOST)/flags.stamp
	@mkdir -p $(@D)
	$(CC) $(SEMO_CFLAGS) $(CFLAGS) -fno-sanitize=all $(LDFLAGS) -shared -fPIC $< -ldl -o $@
$(eval $(call script_test,tests/deploy/json.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor $(BIN)/semo-em \
    $(BUILD)/tests/json_check))
$(eval $(call script_test,tests/deploy/grow.sh,$(DEPLOY_NEEDS)))
$(eval $(call script_test,tests/deploy/logs.sh,$(DEPLOY_NEEDS) $(BUILD)/tests/json_check))
$(eval $(call script_test,tests/deploy/state.sh,$(DEPLOY_NEEDS) $(BUILD)/tests/json_check \
    $(BUILD)/tests/reseal))
$(eval $(call script_test,tests/deploy/interrupt.sh,$(DEPLOY_NEEDS)))
$(eval $(call script_test,tests/deploy/confidential.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor \
    $(BIN)/semo-em $(BUILD)/mcu/lying.elf $(BIN)/lying-em $(BUILD)/tests/find_key))
$(eval $(call script_test,tests/deploy/owners.sh,$(DEPLOY_NEEDS) $(BUILD)/tests/find_key))
$(eval $(call script_test,tests/deploy/shared.sh,$(DEPLOY_NEEDS) $(BIN)/semo-monitor $(BIN)/semo-em))
SOURCES += tests/deploy/find_key.c tests/deploy/json_check.c tests/deploy/reseal.c
$(BUILD)/tests/reseal: $(call obj,tests/deploy/reseal.c) $(HOST)/lib/deploy.a $(HOST)/lib/host.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $$($(PKG_CONFIG) --libs libcrypto) -o $@
$(BUILD)/tests/json_check: $(call obj,tests/deploy/json_check.c)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $$($(PKG_CONFIG) --libs jansson) -o $@
$(BUILD)/tests/find_key: $(call obj,tests/deploy/find_key.c)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@
