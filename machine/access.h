/* SPDX-License-Identifier: Apache-2.0 */
/* Who may touch which address: the one place that decides (design section 3). Everything else in
 * machine/ asks here; fast paths may remember an answer until the table of modules changes. */
#ifndef SEMO_ACCESS_H
#define SEMO_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#define SEMO_SLOTS_MAX 64

struct semo_slot { /* one protected module: ends are exclusive */
    bool enabled;
    uint16_t id, ps, pe, ss, se;
    uint8_t key[16];
};

struct semo_access_state {
    bool hardened;
    unsigned count; /* slots in use by this machine */
    struct semo_slot slots[SEMO_SLOTS_MAX];
};

enum semo_access_kind {
    SEMO_READ,
    SEMO_WRITE,          /* word, or byte at an even address */
    SEMO_WRITE_ODD_BYTE, /* upstream does not see this write in a module's own text (F3) */
    SEMO_MEASURE,        /* any access of an enable, disable or verify instruction */
    SEMO_EXECUTE,
    SEMO_DMA /* any access that no instruction makes: pc and prev do not matter */
};

enum semo_rule { /* 0 = allowed; sentences in semo_rule_text */
                 SEMO_ALLOWED,
                 SEMO_RULE_TEXT,
                 SEMO_RULE_DATA,
                 SEMO_RULE_ENTRY,
                 SEMO_RULE_CREATE,
                 SEMO_RULE_STACK,
                 SEMO_RULE_CLIX,
                 SEMO_RULE_NESTED
};

const char *semo_rule_text(enum semo_rule rule);

/* pc: start of the executing instruction, prev: of the one before it. For SEMO_EXECUTE, address is
 * pc. The address is the byte address before alignment. Pure. */
enum semo_rule semo_access(const struct semo_access_state *s, uint16_t pc, uint16_t prev,
                           uint16_t address, enum semo_access_kind kind);

/* The enabled slot whose text contains address (the highest wins), -1 = none. */
int semo_access_slot(const struct semo_access_state *s, uint16_t address);
/* The code at pc belongs to a module whose private section is exactly [start, end). */
bool semo_access_owns(const struct semo_access_state *s, uint16_t pc, uint16_t start, uint16_t end);

struct semo_span { /* addresses; the last one belongs to it */
    uint16_t first, last;
};

/* The largest run of addresses around `address` with no limit (ps, pe, ss, se) of an enabled slot
 * strictly inside. All addresses of a span are in the same slot and get the same answers, for every
 * pc and prev of a span; execution differs only at the start of a text, and nothing is entered
 * while pc and prev are in one span. */
struct semo_span semo_access_span(const struct semo_access_state *s, uint16_t address);

bool semo_access_overlap(uint16_t start, uint16_t end, uint16_t other, uint16_t other_end);

enum semo_creation {
    SEMO_CREATE_REFUSED,  /* nothing happens */
    SEMO_CREATE_VIOLATES, /* compat, text over text: a violation, and yet the module is created */
    SEMO_CREATE_ACCEPTED
};

/* May the instruction at pc create a module with the limits of n? Free slots, ids and the measured
 * owners of windows are the caller's business. Pure. */
enum semo_creation semo_access_create(const struct semo_access_state *s, uint16_t pc,
                                      const struct semo_slot *n);

#endif
