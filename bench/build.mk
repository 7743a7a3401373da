# SPDX-License-Identifier: Apache-2.0
bench_program_sources := bench/programs.c $(patsubst %,bench/programs/%.c,mix crc sieve memcpy)
$(eval $(call bench,bench_peers,bench/bench_peers.c $(bench_program_sources),machine crypto bytes))
$(BUILD)/bench/bench_peers: private LDFLAGS += -Wl,--no-as-needed -lm
$(eval $(call bench,bench_node,bench/bench_node.c $(bench_program_sources),machine crypto bytes))

BENCHES += bench/meter.sh bench/deploy.sh bench/stream.sh bench/mixed.sh bench/page.sh
APP := tests/monitor/app.c tests/monitor/app_rig.c tests/monitor/rig.c
$(eval $(call bench,bench_linux,bench/bench_linux.c $(APP),\
    toolchain host channel channel_host chip kdf crypto bytes,libseccomp libelf libcrypto))
$(BUILD)/bench/bench_linux: private LDFLAGS += -Wl,--no-as-needed -lcmocka
$(BUILD)/bench/bench_linux: | $(BIN)/semo-monitor $(BIN)/semo-em $(BUILD)/tests/monitor/puppet
$(eval $(call bench,bench_tcp,bench/bench_tcp.c tests/monitor/app.c tests/node_host/door.c \
    tests/node_host/rig.c,control toolchain host channel channel_host chip kdf crypto bytes,\
    libelf jansson libcrypto))
$(BUILD)/bench/bench_tcp: private LDFLAGS += -Wl,--no-as-needed -lcmocka
$(BUILD)/bench/bench_tcp: | $(BIN)/semo-node $(BIN)/semo-monitor $(BIN)/semo-em
