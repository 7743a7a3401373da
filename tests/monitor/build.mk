# SPDX-License-Identifier: Apache-2.0
# The attacker's module is linked by hand, since it has no runtime; and an event manager on strings.
MONITOR_TEST := $(BUILD)/tests/monitor
MODULE_CC := $(CC) -std=c11 -Os -Wall -Wextra -ffreestanding -nostdlib -static -no-pie -fno-pic \
    -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -I. -Iinclude \
    -ffunction-sections -Wl,--gc-sections \
    -Wl,--build-id=none,--defsym=semo_config_slot=32,--defsym=semo_config_connections=4 \
    -Wl,--defsym=semo_config_opens=0,--defsym=semo_config_open_len=0 \
    -Wl,--defsym=semo_config_queue=1024,--defsym=semo_config_frame=1096 \
    -Wl,-T,runtime/linux/module.ld

$(MONITOR_TEST)/evil.elf: tests/monitor/evil.c runtime/linux/start.c runtime/linux/module.ld \
    tests/monitor/attempts.h lib/wire/gate.h
	@mkdir -p $(@D)
	$(MODULE_CC) $(filter %.c,$^) -o $@
SOURCES += tests/monitor/puppet.c
$(call unsanitized,tests/monitor/puppet.c)
$(MONITOR_TEST)/puppet: $(call obj,tests/monitor/puppet.c)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $^ $(STATIC) -o $@

$(eval $(call test,test_monitor,tests/monitor/test_monitor.c tests/monitor/rig.c,toolchain host \
    channel channel_host chip kdf crypto bytes,libseccomp libelf libcrypto,$(BIN)/semo-monitor $(BIN)/semo-em \
    $(MONITOR_TEST)/puppet $(MONITOR_TEST)/evil.elf))
$(eval $(call test,test_linux_node,tests/monitor/test_linux_node.c tests/monitor/rig.c \
    tests/monitor/app.c tests/monitor/app_rig.c,toolchain host channel channel_host chip kdf crypto bytes,\
    libseccomp libelf libcrypto,$(BIN)/semo-monitor $(BIN)/semo-em $(MONITOR_TEST)/puppet))
$(eval $(call test,test_limits,tests/monitor/test_limits.c monitor/linux/limits.c \
    monitor/linux/packet.c))
