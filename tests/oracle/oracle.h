/* SPDX-License-Identifier: Apache-2.0 */
/* A second, slow, obvious interpreter of the microcontroller, written from the hardware reference
 * and the recorded runs alone; it shares no code with machine/. Time is spent cycle by cycle:
 * an instruction is a sequence of "do this in the present cycle" and oracle_tick(). "compat" only.
 * Section numbers in the comments are those of the hardware reference. */
#ifndef SEMO_TESTS_ORACLE_H
#define SEMO_TESTS_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ORACLE_SLOTS = 4, ORACLE_IRQ_VIOLATION = 13, ORACLE_INPUT = 256 };
enum { SR_C = 1, SR_Z = 2, SR_N = 4, SR_GIE = 8, SR_CPUOFF = 16, SR_SCG1 = 128, SR_V = 0x100 };
enum { SR_WRITABLE = 0x01BF, SR_VIOLATED = 0x4000, SR_MODULE = 0x8000 };

struct oracle_config {
    unsigned security; /* 64 or 128 */
    uint8_t master_key[16];
    bool atomicity;
    unsigned max_words; /* give up on longer texts and messages; 0 = never */
};

struct oracle_slot {
    bool enabled;
    uint16_t id, ps, pe, ss, se;
    uint8_t key[16];
};

struct oracle_periph {
    uint8_t ie1, ifg1, clock1, clock2; /* 0x57, 0x58 */
    unsigned smclk_divider;
    bool smclk; /* ticks in the present cycle */
    uint16_t wdt_control, wdt_count;
    uint16_t tactl, tar, taccr[3], tacctl[3];
    unsigned ta_divider;
    bool ta_down;
    unsigned ta_set; /* flags set in the present cycle: bit n = CCIFGn, bit 3 = TAIFG */
    uint16_t mpy_op1, mpy_op2, mpy_low, mpy_high, mpy_ext;
    unsigned mpy_mode;  /* 0 MPY, 1 MPYS, 2 MAC, 3 MACS */
    uint8_t port[6][8]; /* OUT DIR IFG IES IE SEL as in the address order, index 0 = IN */
    uint8_t digit[8];
    uint64_t tsc, tsc_snapshot;
    bool write; /* bus write of the present cycle, taken over at its end */
    uint16_t write_address, write_data;
    unsigned write_mask;
    uint16_t taiv_taken; /* TAIV value read or to be cleared in the present cycle */
    bool reset, expired; /* PUC asked for; by the watchdog's time */
};

enum oracle_kind {                     /* for the coverage table */
                   ORACLE_TWO_OPERAND, /* + opcode 4..15 */
                   ORACLE_SINGLE = 16, /* + 0..7 */
                   ORACLE_JUMP = 24,   /* + condition */
                   ORACLE_SANCUS = 32, /* + 0..9 */
                   ORACLE_NO_OPERATION = 42,
                   ORACLE_INTERRUPTS,   /* taken in unprotected code */
                   ORACLE_SAVES = 44,   /* of modules, with the save area written */
                   ORACLE_NO_SAVES,     /* of modules without */
                   ORACLE_ENTRIES,      /* of modules, at their entry */
                   ORACLE_BAD_ENTRIES,  /* anywhere else */
                   ORACLE_BAD_ACCESSES, /* data accesses refused */
                   ORACLE_BAD_STACK,    /* stack guard */
                   ORACLE_BAD_CREATION, /* overlapping enable */
                   ORACLE_BAD_PERIOD,   /* rules of the atomicity monitor */
                   ORACLE_ENABLES,      /* successful */
                   ORACLE_REFUSALS,     /* enables that failed */
                   ORACLE_CONFIDENTIAL, /* encrypted ones */
                   ORACLE_DISABLES,     /* successful */
                   ORACLE_CRYPTO,       /* wrap, unwrap and verify that ran */
                   ORACLE_ACCEPTED,     /* unwrap and verify that found the tag right */
                   ORACLE_ABORTS,       /* of crypto by the monitor */
                   ORACLE_ERRATA,       /* substituted words that were used */
                   ORACLE_WAKES,        /* from CPUOFF by an interrupt */
                   ORACLE_SLEEPS,
                   ORACLE_PERIODS,     /* entry periods */
                   ORACLE_CLIXES,      /* with an effect */
                   ORACLE_RESETS,      /* by the watchdog */
                   ORACLE_PERIPHERALS, /* accesses to 0..0x1FF */
                   ORACLE_PROGRAM_WRITES,
                   ORACLE_SOURCES,                           /* + enum oracle_mode */
                   ORACLE_DESTINATIONS = ORACLE_SOURCES + 8, /* likewise, of two operands */
                   ORACLE_BYTES = ORACLE_DESTINATIONS + 4,   /* instructions with the byte bit */
                   ORACLE_KINDS
};

enum oracle_mode {
    ORACLE_REGISTER,
    ORACLE_INDEXED,
    ORACLE_SYMBOLIC,
    ORACLE_ABSOLUTE,
    ORACLE_INDIRECT,
    ORACLE_AUTOINCREMENT,
    ORACLE_IMMEDIATE,
    ORACLE_CONSTANT
};

struct oracle_violation { /* the last one, which may take several cycles */
    uint64_t first, last;
    uint16_t pc, module;
    bool woken; /* by the interrupt that raised it: which PC is told is open */
};

struct oracle {
    struct oracle_config config;
    uint8_t memory[65536]; /* data and program memory only */
    uint16_t r[16];
    uint64_t cycle;
    struct oracle_slot slot[ORACLE_SLOTS];
    uint16_t next_id, stack_guard;
    uint16_t pc_now, pc_before; /* "current" and "previous instruction PC" */
    uint16_t id_last, id_previous;
    uint16_t irq_id;    /* 0xFFF0+n during a hardware sequence, else 0 */
    unsigned open;      /* 1 = enable, disable or verify is executing: public sections are open */
    uint16_t read_port; /* what the data memory's read port shows */
    bool zero_reads, port_unknown;
    struct oracle_periph p;

    bool masked;         /* accesses of this instruction are suppressed */
    bool violated;       /* an interrupt 13 is due at its end */
    bool violation_now;  /* in the present cycle */
    uint64_t violations; /* cycles in which the signal was high */
    uint64_t violators;  /* instructions that raised it */
    struct oracle_violation violation;
    bool sampled_gie; /* effective GIE and requests in the cycle just past */
    unsigned sampled_lines;
    int interrupt; /* to be taken next, -1 = none */
    bool asleep, stalled;

    struct { /* erratum 1.5: the words that replace what memory holds for one fetch */
        bool opcode_valid, next_valid, made;
        uint16_t opcode, next, word;
    } swap;
    bool slot_valid; /* an operation on PC with one operand: the word after it is executed first */
    uint16_t slot_address, slot_opcode, last_extension;
    bool in_slot, flag_after_reset, woken;
    int accepting;           /* interrupt in its first cycle, else 0 */
    uint64_t program_access; /* cycle of the last data access to program memory, and its word */
    uint16_t program_word, fetch_port;
    unsigned instruction_words;

    /* atomicity monitor */
    unsigned clix_left, entry_left;
    bool period_ending; /* GIE is forced in the present cycle */
    bool in_clix_instruction;
    uint64_t crypto_start;
    unsigned crypto_check;
    bool aborted, gie_forced; /* forced: by the end of a period in the last cycle of an abort */
    uint16_t last_word;       /* fed to the sponge by the last crypto operation */
    bool last_word_known;

    const char *undetermined; /* the reference does not say what happens: stop comparing */
    uint64_t count[ORACLE_KINDS];
    void (*line)(void *context, const char *text);
    void *context;
    bool bus_lines_known; /* false: the bus lines of this instruction are not documented */
    uint8_t filed[64], printed[64];
    unsigned filed_count, printed_count;
};

struct oracle *oracle_new(const struct oracle_config *config); /* powered on, in reset */
void oracle_free(struct oracle *o);
void oracle_put(struct oracle *o, uint16_t address, const void *bytes, size_t len);
void oracle_reset(struct oracle *o); /* PUC: memories stay */
/* One instruction, one interrupt sequence, or one cycle asleep. */
void oracle_step(struct oracle *o);
uint16_t oracle_next_address(const struct oracle *o); /* of the instruction to come */
uint16_t oracle_module_at(const struct oracle *o, uint16_t address);

/* --- the parts, for each other --- */

/* oracle_bus.c */
void oracle_tick(struct oracle *o); /* ends the present cycle */
void oracle_until(struct oracle *o, uint64_t cycle);
void oracle_violation(struct oracle *o, enum oracle_kind kind, bool mask);
uint16_t oracle_word(const struct oracle *o, uint16_t address); /* raw, data or program memory */
void oracle_set_word(struct oracle *o, uint16_t address, uint16_t word);
uint16_t oracle_read(struct oracle *o, uint16_t address, bool byte);
void oracle_write(struct oracle *o, uint16_t address, uint16_t data, bool byte);
bool oracle_allowed(const struct oracle *o, uint16_t address, bool write, bool byte);
bool oracle_in_data(uint16_t address);
bool oracle_in_program(uint16_t address);
const struct oracle_slot *oracle_slot_at(const struct oracle *o, uint16_t address);
uint16_t oracle_id_now(const struct oracle *o);
bool oracle_bad_entry(const struct oracle *o);
void oracle_new_stack(struct oracle *o, uint16_t sp); /* checks the guard in this cycle */
void oracle_trace(struct oracle *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
void oracle_trace_registers(struct oracle *o, const char *head);

/* oracle_periph.c */
void oracle_periph_reset(struct oracle *o);
uint16_t oracle_periph_read(struct oracle *o, uint16_t address);
void oracle_periph_write(struct oracle *o, uint16_t address, uint16_t data, unsigned mask);
void oracle_periph_tick(struct oracle *o);
unsigned oracle_periph_lines(const struct oracle *o);
void oracle_periph_accept(struct oracle *o, int n);

/* oracle_interrupt.c */
void oracle_interrupt(struct oracle *o);
bool oracle_gie(const struct oracle *o); /* effective, in this cycle */
bool oracle_privileged(const struct oracle *o);
bool oracle_nested_entry(const struct oracle *o);           /* refused in this cycle */
bool oracle_write_status(struct oracle *o, uint16_t value); /* true: fetching stalls */
void oracle_monitor_tick(struct oracle *o);
void oracle_clix(struct oracle *o);

/* oracle_cpu.c */
void oracle_set_register(struct oracle *o, unsigned n, uint16_t value);

/* oracle_sancus.c */
void oracle_sancus(struct oracle *o, unsigned which);

/* oracle_sponge.c */
struct oracle_sponge {
    unsigned security, width, counter_bits, start, taps;
    uint64_t state[6]; /* bit 0 = lowest of the first */
    const uint64_t (*moved)[16][6];
};
void oracle_sponge_start(struct oracle_sponge *s, unsigned security);
void oracle_sponge_duplex(struct oracle_sponge *s, uint32_t v);
uint16_t oracle_sponge_out(const struct oracle_sponge *s);
void oracle_sponge_key(struct oracle_sponge *s, const uint8_t *key);
void oracle_sponge_absorb(struct oracle_sponge *s, uint16_t word, bool frame);
void oracle_mac(unsigned security, const uint8_t *key, const uint16_t *words, size_t n,
                uint8_t *tag);

#endif
