# SPDX-License-Identifier: Apache-2.0
BUDGET := $(BUILD)/tests/budget/budget
EXTRA_tests_budget_memory := -fno-builtin -fno-tree-loop-distribute-patterns
BUDGET_SOURCES := tests/budget/budget.c tests/budget/memory.c node/host/slip.c bench/programs.c \
    $(patsubst %,bench/programs/%.c,mix crc sieve memcpy)
SOURCES += $(BUDGET_SOURCES)
$(BUDGET): $(call obj,$(BUDGET_SOURCES)) \
    $(patsubst %,$(HOST)/lib/%.a,machine channel channel_host crypto bytes) | $(BENCH_ELVES)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) $^ $$($(PKG_CONFIG) --libs libcrypto) -o $@
$(eval $(call script_test,tests/budget.sh,$(BUDGET)))
