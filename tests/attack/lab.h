/* SPDX-License-Identifier: Apache-2.0 */
/* Where the families of attacks are tried: two machines that differ in the secrets of one victim
 * only. An attack has succeeded when the attacker can tell them apart, when the victim is not as it
 * was, or when what had to be refused was not. Each row of tests is tried without protection and on
 * both profiles: an attack that never succeeds anywhere shows nothing. */
#ifndef SEMO_ATTACK_LAB_H
#define SEMO_ATTACK_LAB_H

#include "tests/machine/rig.h"
#include "tests/attack/attempts.h"

enum { LAB_TEXT = 0x7000, LAB_END = 0x7040, LAB_DATA = 0x2000, LAB_DATA_END = 0x2040 };
extern const struct rig_module lab_victim; /* these; vendor 0x1234, id 1 */

enum lab_kind { LAB_BARE, LAB_COMPAT, LAB_HARDENED }; /* bare: nothing is enabled */

struct lab {
    enum lab_kind kind;
    struct semo_machine *m[2];
    struct rig_module victim;
    uint8_t *before[2]; /* all memory */
    uint8_t *snapshot[2];
    unsigned printed[2]; /* bytes on the print port */
    unsigned judged;     /* findings that count, all but for a row that says otherwise */
    uint64_t seed;
    unsigned long tried, won;
    char first[120]; /* the first one that succeeded */
};

/* What one row may ask for: another place of the victim, another machine. */
struct lab_options {
    struct rig_module victim; /* pe = 0: the usual one */
    unsigned security;        /* 0: 128 */
    bool atomicity;
    void (*plant)(struct semo_machine *m); /* what makes it succeed on `bare` */
};

void lab_new(struct lab *l, enum lab_kind kind, const struct lab_options *o);
void lab_free(struct lab *l);
/* From now on this is how it was; the attacker's code may have been changed for it. */
void lab_keep(struct lab *l);
void lab_restore(struct lab *l);
/* Puts words in both machines. */
void lab_put_words(struct lab *l, uint16_t address, const uint16_t *words, unsigned n);
#define LAB_WORDS(l, address, ...)                                                                 \
    lab_put_words(l, address, (const uint16_t[]){__VA_ARGS__},                                     \
                  sizeof((const uint16_t[]){__VA_ARGS__}) / 2)
void lab_set(struct lab *l, unsigned n, uint16_t value);
/* One instruction of both at pc; returns the violations that it made in the first. */
unsigned lab_step(struct lab *l, uint16_t pc);
bool lab_inside(const struct lab *l, uint16_t address); /* the victim's */

enum lab_finding {
    LAB_NOTHING,
    LAB_LEARNT = 1,
    LAB_CHANGED = 2,
    LAB_ALLOWED = 4,
    LAB_TIMED = 8, /* learnt from the number of cycles */
    LAB_ANY = 15
};

/* Registers, cycles, output; the victim; with `all` also all memory that is the attacker's. */
unsigned lab_compare(struct lab *l, bool all);
/* Counts one attempt; restores when it succeeded. Printf-like name of the attempt. */
bool lab_judge(struct lab *l, unsigned findings, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* One of the attempts of a stranger. */
unsigned lab_attempt(struct lab *l, const struct attempt *a);

typedef void lab_attack(struct lab *l);
/* The whole row on all kinds, with a line of counts. It must succeed on `bare` (with_bare), must on
 * `compat` exactly when `open`, and never on `hardened`. */
void lab_row(const char *name, lab_attack *attack, const struct lab_options *o, bool with_bare,
             bool open);

/* A setup: every row on `hardened` with the atomicity monitor as well. */
int lab_also_monitored(void **state);

#define LAB_ROW_WITH(name, options, with_bare, open)                                               \
    static void name##_attack(struct lab *l);                                                      \
    static void name(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        lab_row(#name, name##_attack, options, with_bare, open);                                   \
    }                                                                                              \
    static void name##_attack(struct lab *l)
#define LAB_ROW(name, with_bare, open) LAB_ROW_WITH(name, NULL, with_bare, open)

bool lab_soak(void);
bool lab_over(void); /* the time of a soak is over */
uint64_t lab_random(struct lab *l);

#endif
