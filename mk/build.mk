# SPDX-License-Identifier: Apache-2.0
# make install | uninstall PREFIX=/usr/local DESTDIR=
PREFIX  ?= /usr/local
VERSION := 0.1
INSTALL ?= install
TO       = $(DESTDIR)$(PREFIX)

# One archive for users of include/semo/machine.h.
$(HOST)/libsemo-machine.a: $(patsubst %,$(HOST)/lib/%.a,machine crypto bytes)
	@{ echo create $@; for part in $^; do echo addlib $$part; done; echo save; echo end; } | $(AR) -M

INSTALL_PROGRAMS := semo semo-mcu semo-node semo-web
INSTALL_PARTS := $(BIN)/semo-monitor $(BIN)/semo-em $(BIN)/hostile-em \
    $(BUILD)/mcu/firmware.elf $(BUILD)/mcu/hostile.elf
# What modules are compiled from, and what semo tcb counts.
INSTALL_SOURCES := include lib runtime monitor node machine deploy host toolchain cli \
    meter/display meter/house
MAN_PAGES := $(wildcard docs/man/*.[1-8])

.PHONY: install uninstall
install: all $(HOST)/libsemo-machine.a
	$(INSTALL) -d $(TO)/bin $(TO)/lib/semo $(TO)/lib/pkgconfig $(TO)/include \
	    $(TO)/share/semo $(TO)/share/bash-completion/completions
	$(INSTALL) $(INSTALL_PROGRAMS:%=$(BIN)/%) $(TO)/bin
	$(INSTALL) $(INSTALL_PARTS) $(TO)/lib/semo
	$(INSTALL) -m 644 $(HOST)/libsemo-machine.a $(TO)/lib
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' mk/semo.pc >$(TO)/lib/pkgconfig/semo.pc
	$(INSTALL) -m 644 mk/completion.bash $(TO)/share/bash-completion/completions/semo
	find $(INSTALL_SOURCES) -type f \( -name '*.[chS]' -o -name '*.ld' -o -path 'cli/new/*' \) \
	    -exec $(INSTALL) -D -m 644 {} $(TO)/share/semo/{} \;
	$(INSTALL) -d $(TO)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|' mk/semo-node@.service >$(TO)/lib/systemd/system/semo-node@.service
	find include -type f -name '*.h' -exec $(INSTALL) -D -m 644 {} $(TO)/{} \;
	for page in $(MAN_PAGES); do \
	    $(INSTALL) -D -m 644 $$page $(TO)/share/man/man$${page##*.}/$${page##*/} || exit 1; done
uninstall:
	rm -f $(INSTALL_PROGRAMS:%=$(TO)/bin/%) $(TO)/lib/libsemo-machine.a \
	    $(TO)/lib/systemd/system/semo-node@.service $(TO)/lib/pkgconfig/semo.pc $(TO)/share/bash-completion/completions/semo
	rm -rf $(TO)/lib/semo $(TO)/share/semo
	cd include && find . -type f -name '*.h' -exec rm -f $(TO)/include/{} \;
	for page in $(MAN_PAGES); do rm -f $(TO)/share/man/man$${page##*.}/$${page##*/}; done

$(eval $(call script_test,tests/install/install.sh,$(INSTALL_PARTS) $(INSTALL_PROGRAMS:%=$(BIN)/%)))
