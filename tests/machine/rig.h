/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the machine share: golden files, small programs, one instruction at a time. */
#ifndef SEMO_TESTS_MACHINE_RIG_H
#define SEMO_TESTS_MACHINE_RIG_H

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <semo/machine.h>
#include <semo/map.h>

enum { RIG_CODE = 0x6000, RIG_HANDLER = 0x5D00, RIG_STACK = 0x0600 };
enum { RIG_DISABLE = 0x1380, RIG_ENABLE, RIG_VERIFY, RIG_VERIFY_PREVIOUS, RIG_WRAP, RIG_UNWRAP };
enum { RIG_GET_ID = 0x1386, RIG_GET_CALLER, RIG_GUARD, RIG_CLIX };

struct rig_module {
    uint16_t ps, pe, ss, se;
};

struct rig_bytes {
    uint8_t at[4096];
    unsigned len;
};

json_t *rig_golden(const char *name);
struct rig_bytes rig_hex(const char *text);
uint8_t *rig_file(const char *path, size_t *len);

/* The configurations of the golden files: "64", "128", "64atom", "64reset"; sec prefix allowed. */
struct semo_machine_config rig_golden_config(const char *name);
/* A machine with an empty program memory; the watchdog is held and every interrupt goes to
 * RIG_HANDLER (`jmp $`). Registers 0, SP = RIG_STACK, PC = RIG_CODE. */
struct semo_machine *rig_machine(enum semo_profile profile, unsigned security);
struct semo_machine *rig_configured(const struct semo_machine_config *config);
void rig_load(struct semo_machine *m, const char *path);

void rig_put(struct semo_machine *m, uint16_t address, uint16_t word);
void rig_put_words(struct semo_machine *m, uint16_t address, const uint16_t *words, unsigned n);
#define RIG_WORDS(m, address, ...)                                                                 \
    rig_put_words(m, address, (const uint16_t[]){__VA_ARGS__},                                     \
                  sizeof((const uint16_t[]){__VA_ARGS__}) / 2)
uint16_t rig_get(const struct semo_machine *m, uint16_t address);

/* Executes the one instruction at `pc`; returns its cycles (with those of an interrupt it causes).
 */
unsigned rig_step(struct semo_machine *m, uint16_t pc);
unsigned rig_instruction(struct semo_machine *m, uint16_t word); /* puts it at RIG_CODE first */
void rig_set(struct semo_machine *m, unsigned n, uint16_t value);
uint16_t rig_reg(const struct semo_machine *m, unsigned n);
/* Enables a module of vendor 0x1234; returns its id. */
uint16_t rig_enable(struct semo_machine *m, const struct rig_module *module);

#endif
