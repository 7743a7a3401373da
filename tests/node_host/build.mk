# SPDX-License-Identifier: Apache-2.0
BAD_MONITORS := $(patsubst %,$(BUILD)/tests/node_host/monitor-%,silent dead babble)
SOURCES += tests/node_host/bad_monitor.c
$(BAD_MONITORS): $(call obj,tests/node_host/bad_monitor.c)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

PROBES := $(patsubst %,$(BUILD)/mcu/probe-%.bin,metering relay buttons panel)
$(BUILD)/mcu/probe-metering.bin: WINDOW := 0x4200
$(BUILD)/mcu/probe-relay.bin: WINDOW := 0x4A00
$(BUILD)/mcu/probe-buttons.bin: WINDOW := 0x5200
$(BUILD)/mcu/probe-panel.bin: WINDOW := 0x5600
$(PROBES): $(BUILD)/mcu/tests/node_host/probe.o
	$(LLD) -N --oformat=binary -e probe -Ttext=0x6400 --defsym=data=$(WINDOW) $< -o $@

$(eval $(call test,test_node_parts,tests/node_host/test_parts.c,node host bytes,jansson libcrypto))
$(eval $(call test,test_prints,tests/node_host/test_prints.c,node chip machine kdf crypto bytes host,libuv jansson \
    libcrypto))
RIG_LIBS := control host chip crypto bytes
RIG_NEEDS := $(BIN)/semo-node $(BIN)/semo-monitor $(BIN)/semo-em $(PUPPETS) $(BUILD)/mcu/firmware.elf
$(eval $(call test,test_timers,tests/node_host/test_timers.c tests/node_host/rig.c,$(RIG_LIBS),jansson,\
    $(RIG_NEEDS)))
DOOR := tests/node_host/door.c tests/node_host/rig.c
$(eval $(call test,test_realtime,tests/node_host/test_realtime.c $(DOOR),kdf $(RIG_LIBS),jansson libcrypto,\
    $(RIG_NEEDS)))
$(eval $(call test,test_serial,tests/node_host/test_serial.c tests/node_host/board.c $(DOOR) node/host/slip.c,kdf $(RIG_LIBS),\
    jansson libcrypto,$(RIG_NEEDS)))
$(eval $(call test,test_hanging,tests/node_host/test_hanging.c tests/monitor/app.c $(DOOR),\
    toolchain channel channel_host kdf $(RIG_LIBS),libelf jansson libcrypto,$(RIG_NEEDS) $(BAD_MONITORS)))
$(eval $(call test,test_admin,tests/node_host/test_admin.c $(DOOR),kdf $(RIG_LIBS),jansson libcrypto,\
    $(RIG_NEEDS)))
$(eval $(call test,test_node,tests/node_host/test_node.c tests/node_host/rig.c,control host chip crypto \
    bytes,jansson,$(BIN)/semo-node $(BIN)/semo-monitor $(BIN)/semo-em $(BIN)/hostile-em $(BAD_MONITORS) $(PUPPETS) $(PROBES) \
    $(BUILD)/mcu/firmware.elf $(BUILD)/mcu/hostile.elf))

BOARD := $(BUILD)/tests/board
BOARD_SOURCES := tests/node_host/board_main.c tests/node_host/board.c node/host/slip.c
SOURCES += $(BOARD_SOURCES)
$(BOARD): $(call obj,$(BOARD_SOURCES)) $(patsubst %,$(HOST)/lib/%.a,control host bytes)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

$(eval $(call script_test,tests/node_host/board.sh,$(BIN)/semo $(BIN)/semo-node $(BOARD) $(BUILD)/mcu/firmware.elf))
$(eval $(call script_test,tests/node_host/unit.sh,$(BIN)/semo-node))
$(eval $(call script_test,tests/node_host/elsewhere.sh,$(BIN)/semo $(BIN)/semo-node $(BIN)/semo-monitor $(BIN)/semo-em))
$(eval $(call script_test,tests/node_host/apart.sh,$(BIN)/semo $(BIN)/semo-node $(BIN)/semo-monitor $(BIN)/semo-em))
