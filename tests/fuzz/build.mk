# SPDX-License-Identifier: Apache-2.0
# libFuzzer targets. The sources that they reach are compiled once more, with sanitizers, into a
# folder of their own; docs/fuzzing.md.
FUZZ := $(BUILD)/fuzz
FUZZ_CFLAGS := -O1 -gline-tables-only -fno-omit-frame-pointer -fsanitize=address,undefined \
    -fno-sanitize-recover=undefined
# The emulator: what is inlined by force into hundreds of handlers would take minutes to compile;
# and following each comparison of an emulated instruction costs most of the time and finds nothing.
FUZZ_EMULATOR := -Dalways_inline=unused -fno-sanitize-coverage=trace-cmp
fuzz_flags = $(if $(filter-out machine/image,$(filter machine/% lib/bytes/%,$(1))),$(FUZZ_EMULATOR))
fuzz_obj = $(patsubst %.c,$(FUZZ)/obj/%.o,$(1))
$(FUZZ)/flags.stamp: always
	$(call write_stamp,$(CLANG) $(SEMO_CFLAGS) $(FUZZ_CFLAGS))
$(FUZZ)/obj/%.o: %.c $(FUZZ)/flags.stamp
	@mkdir -p $(@D)
	$(CLANG) $(SEMO_CFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link $(call fuzz_flags,$*) \
	    $(DEPFLAGS) -c $< -o $@

# $(call fuzz,name,sources beside the target,ld flags,needs): $(FUZZ)/name
define fuzz
FUZZ_TARGETS += $$(FUZZ)/$(1)
FUZZ_SOURCES += tests/fuzz/$(1).c $(2)
$$(FUZZ)/$(1): $$(call fuzz_obj,tests/fuzz/$(1).c $(2)) | $(4)
	@mkdir -p $$(@D)
	$$(CLANG) $$(FUZZ_CFLAGS) -fsanitize=fuzzer $$^ $(3) -o $$@
endef

FUZZ_LIB := lib/bytes/cursor.c lib/kdf/kdf.c lib/crypto/aead.c lib/crypto/spongent.c \
    lib/crypto/counters.c lib/crypto/portable.c lib/crypto/x86/bmi2.c lib/crypto/x86/avx512.c \
    lib/crypto/x86/select.c
FUZZ_MACHINE := $(machine_sources) $(FUZZ_LIB)
FUZZ_HOST := host/error.c host/file.c host/process.c
FUZZ_WORLD := $(NODE_HOST:%=node/host/%.c) $(FUZZ_HOST) host/random.c host/socket.c host/admin.c host/log.c \
    machine/chip.c $(FUZZ_MACHINE)
FUZZ_DESCRIPTOR := deploy/descriptor.c deploy/node_spec.c deploy/module_spec.c \
    deploy/connection_spec.c deploy/fields.c deploy/flow.c deploy/published.c host/json.c host/tree.c

$(eval $(call fuzz,image,$(FUZZ_MACHINE)))
$(eval $(call fuzz,instructions,$(FUZZ_MACHINE)))
$(eval $(call fuzz,frames,node/host/slip.c $(FUZZ_MACHINE),,$(BUILD)/mcu/firmware.elf))
$(eval $(call fuzz,router,$(FUZZ_WORLD),-luv -ljansson -lcrypto))
$(eval $(call fuzz,server,$(FUZZ_WORLD) host/control.c,-luv -ljansson -lcrypto \
    -Wl$(comma)--wrap=uv_hrtime$(comma)--wrap=semo_socket_listen$(comma)--wrap=fsync,$(BUILD)/mcu/firmware.elf))
$(eval $(call fuzz,client,deploy/link.c deploy/remote.c host/admin.c host/control.c host/socket.c \
    $(FUZZ_HOST) $(FUZZ_LIB),-lcrypto -Wl$(comma)--wrap=semo_socket_connect))
$(eval $(call fuzz,monitor,monitor/core/service.c node/host/em.c node/host/em_calls.c node/host/em_events.c \
    node/host/em_loader.c $(FUZZ_LIB),-lcrypto))
$(eval $(call fuzz,descriptor,$(FUZZ_DESCRIPTOR) $(FUZZ_HOST) $(FUZZ_LIB),-lyaml))
$(eval $(call fuzz,files,meter/house/house.c meter/house/zone.c meter/house/energy.c \
    node/host/config.c machine/chip.c deploy/seal.c host/random.c $(FUZZ_HOST) \
    $(FUZZ_LIB),-ljansson -lcrypto -Wl$(comma)--wrap=fsync))
$(eval $(call fuzz,gdb,$(wildcard machine/debug/gdb*.c) machine/debug/report.c \
    machine/debug/symbols.c machine/debug/lines.c $(FUZZ_MACHINE),-lelf -ljansson))
$(eval $(call fuzz,symbols,machine/debug/symbols.c machine/debug/lines.c lib/bytes/cursor.c,-lelf))

$(eval $(call script_test,tests/fuzz/replay.sh,$(FUZZ_TARGETS)))
-include $(patsubst %.o,%.d,$(call fuzz_obj,$(sort $(FUZZ_SOURCES))))
