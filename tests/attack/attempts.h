/* SPDX-License-Identifier: Apache-2.0 */
/* What unprotected code can try with an address: one small program for each way in which an
 * instruction, an interrupt or the crypto unit touches memory or goes somewhere. */
#ifndef SEMO_ATTEMPTS_H
#define SEMO_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/machine.h>

enum {
    ATTEMPT_CODE = 0xF300,    /* free program memory for the attacker */
    ATTEMPT_HANDLER = 0xF400, /* where every interrupt goes: stands still */
    ATTEMPT_STACK = 0x3000,   /* of the attacker */
    ATTEMPT_SCRATCH = 0x3100, /* its operands; below 0x3200 */
    ATTEMPT_LOOK = 16         /* bytes of each that are looked at after every attempt */
};

struct attempt_target {
    struct semo_machine *machine;
    uint16_t text, data; /* where a module's begin */
    uint16_t code;       /* where the attempt is put, 0: ATTEMPT_CODE */
};

/* By what the address is used for. */
enum attempt_family {
    ATTEMPT_SOURCE,
    ATTEMPT_DESTINATION,
    ATTEMPT_COPY,
    ATTEMPT_ONE,
    ATTEMPT_OPERAND_LAST = ATTEMPT_ONE, /* up to here: one access, at the address */
    ATTEMPT_STACKED,
    ATTEMPT_JUMP,
    ATTEMPT_INTERRUPT,
    ATTEMPT_UNIT
};

/* What has to happen on `hardened`. */
enum expectation { EXPECT_VIOLATION, EXPECT_NOTHING, EXPECT_REFUSAL };

struct attempt {
    char name[48];
    enum attempt_family family;
    uint16_t code; /* where, 0: ATTEMPT_CODE */
    uint16_t words[5];
    unsigned count;
    uint16_t registers[16];
    uint16_t stack[2]; /* on top of the attacker's stack */
    uint16_t vector;   /* where the violation's or the timer's handler is said to be, 0 = nowhere */
    bool jump;         /* goes to the address instead of touching it */
    enum expectation expected;
};

/* Everything that the attacker knows afterwards, but for the rest of memory. */
struct outcome {
    uint16_t registers[16];
    uint8_t stack[ATTEMPT_LOOK], scratch[ATTEMPT_LOOK];
    uint32_t cycles, violations;
};

unsigned attempts_prepare(void); /* the number of ways */
/* Way n with an address; other registers and flags by the round. False: no such attempt. */
bool attempt_make(const struct attempt_target *t, unsigned n, uint16_t address, unsigned round,
                  struct attempt *a);
struct outcome attempt_run(const struct attempt_target *t, const struct attempt *a);

#endif
