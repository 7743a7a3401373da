# SPDX-License-Identifier: Apache-2.0
# One non-recursive graph. Each folder describes itself in its build.mk with the macros below.
# `make help` lists the targets.
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL := /bin/sh

CC         ?= cc
ifeq ($(origin CC),default)
CC         := cc
endif
CFLAGS     ?= -O2 -g
CLANG      ?= clang-14
LLD        ?= ld.lld-14
PKG_CONFIG ?= pkg-config
BUILD      := build
HOST       := $(BUILD)/host
BIN        := $(BUILD)/bin

SEMO_CFLAGS := -std=c11 -D_GNU_SOURCE -I. -Iinclude -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes
DEPFLAGS     = -MMD -MP

# `make deps demo`: install first, then start again, so that nothing found before is stale.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
goals := $(filter-out deps,$(MAKECMDGOALS))
.PHONY: deps $(goals)
deps:
	@mk/deps.sh mk/packages.txt
$(goals): deps
	@if [ '$@' = '$(firstword $(goals))' ]; then $(MAKE) --no-print-directory $(goals); fi
else

.PHONY: all check check-quick soak bench style demo clean help
all:

# obj(source) -> object path; every object depends on the flags in force.
obj = $(patsubst %.c,$(HOST)/%.o,$(1))
$(HOST)/%.o: %.c $(HOST)/flags.stamp
	@mkdir -p $(@D)
	$(CC) $(SEMO_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(EXTRA_$(subst /,_,$*)) $(DEPFLAGS) -c $< -o $@

define write_stamp
@mkdir -p $(@D); echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@
endef
.PHONY: always
$(HOST)/flags.stamp: always
	$(call write_stamp,$(CC) $(SEMO_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))
always: ;

# $(call library,name,sources): $(HOST)/lib/name.a
define library
SOURCES += $(2)
$$(HOST)/lib/$(1).a: $$(call obj,$(2))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^
endef

# $(call program,name,sources,libraries in link order,pkg-config packages,other ld flags): $(BIN)/name
define program
SOURCES += $(2)
PROGRAMS += $$(BIN)/$(1)
$$(BIN)/$(1): $$(call obj,$(2)) $$(patsubst %,$$(HOST)/lib/%.a,$(3))
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ $$(if $(4),$$$$($$(PKG_CONFIG) --libs $(4))) $(5) -o $$@
endef

# $(call test,name,sources,libraries,packages,needs): a cmocka program, run by make check
define test
SOURCES += $(2)
TESTS += $$(BUILD)/tests/$(1)
$$(BUILD)/tests/$(1): $$(call obj,$(2)) $$(patsubst %,$$(HOST)/lib/%.a,$(3)) | $(5)
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ -lcmocka $$(if $(4),$$$$($$(PKG_CONFIG) --libs $(4))) -o $$@
endef

# $(call script_test,path,needs): an executable script that prints TAP, run by make check
define script_test
TESTS += $(1)
TEST_NEEDS += $(2)
endef

# $(call bench,name,sources,libraries,packages): a program that prints one table, run by make bench
define bench
SOURCES += $(2)
BENCHES += $$(BUILD)/bench/$(1)
$$(BUILD)/bench/$(1): $$(call obj,$(2)) $$(patsubst %,$$(HOST)/lib/%.a,$(3))
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) $$^ $$(if $(4),$$$$($$(PKG_CONFIG) --libs $(4))) -o $$@
endef

include $(sort $(wildcard */build.mk */*/build.mk))

all: $(PROGRAMS) $(IMAGES)

check: all $(TESTS) $(TEST_NEEDS) style
	@tests/run.sh $(TESTS)
check-quick: all $(TESTS) $(TEST_NEEDS)
	@QUICK=1 tests/run.sh $(TESTS)
soak: all $(TESTS) $(TEST_NEEDS)
	@tests/soak.sh
bench: all $(BENCHES)
	@bench/run.sh $(BENCHES)
style:
	@mk/style.sh
demo: all
	@mk/demo.sh
clean:
	rm -rf $(BUILD)
help:
	@cat mk/help.txt

-include $(patsubst %.o,%.d,$(call obj,$(sort $(SOURCES))))
endif
