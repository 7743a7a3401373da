/* SPDX-License-Identifier: Apache-2.0 */
/* Decoded code: runs of instructions that fast.c goes through without looking back. decode.c makes
 * them, once for all machines of a family that have the same code there. */
#ifndef SEMO_BLOCK_H
#define SEMO_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "machine/alu.h"

enum semo_source { SRC_REGISTER, SRC_IMMEDIATE, SRC_INDEXED, SRC_INDIRECT, SRC_INCREMENT, SOURCES };
enum semo_destination { DST_REGISTER, DST_INDEXED, DESTINATIONS };

enum { SEMO_R_ZERO = 16, SEMO_R_COUNT }; /* a register that is always 0: &abs is an index to it */
enum { SEMO_CONDITIONS = 7 };            /* of jumps that are conditional */
enum { SEMO_FUSED = 4, SEMO_QUIET = 6, SEMO_SKIPPED = 4 };

/* What an operation does: numbers of labels in fast.c. */
#define SEMO_DO_TWO(op, byte, src, dst)                                                            \
    (((((op)-SEMO_OP_MOV) * 2 + (byte)) * SOURCES + (src)) * DESTINATIONS + (dst))
enum semo_do {
    DO_TWO, /* operation, byte, source, destination */
    /* to a register, from a register or an immediate; the flags are overwritten unseen */
    DO_QUIET = 12 * 2 * SOURCES * DESTINATIONS, /* 4 * (place in quiet_ops) + 2 * byte + source */
    DO_FUSED =
        DO_QUIET + 4 * SEMO_QUIET, /* with the jump behind: (4 * place + ...) * 7 + condition */
    DO_SKIPPED = DO_FUSED + 4 * SEMO_FUSED * SEMO_CONDITIONS,  /* done unless the jump skips it */
    DO_PUSH = DO_SKIPPED + 2 * SEMO_SKIPPED * SEMO_CONDITIONS, /* + source */
    DO_PUSH_BYTE = DO_PUSH + SOURCES,                          /* + source */
    DO_CALL = DO_PUSH_BYTE + SOURCES,                          /* + source */
    DO_BRANCH = DO_CALL + SOURCES,                             /* MOV to PC, + source */
    DO_SHIFT = DO_BRANCH + SOURCES,                            /* + 2 * which + byte */
    DO_SHIFT_QUIET = DO_SHIFT + 8,                             /* words, + which */
    DO_HALVE = DO_SHIFT_QUIET + 4,                             /* RRC with C known to be 0 */
    DO_HALVE_QUIET,
    DO_JUMP, /* + condition */
    DO_CLEAR_CARRY = DO_JUMP + SEMO_CONDITIONS,
    DO_FLAGS,   /* clears flags `a`, sets flags `b` */
    DO_PACK,    /* SR is about to be read */
    DO_EVEN_SP, /* SP was written */
    DO_NEXT,    /* the next block; no instruction */
    DO_EXIT,    /* an instruction for semo_cpu_step() */
    DO_COUNT
};

static inline bool semo_do_links(uintptr_t what) /* the slot behind it says where it goes */
{
    return (what >= DO_FUSED && what < DO_SKIPPED) || (what >= DO_JUMP && what < DO_CLEAR_CARRY) ||
           what == DO_NEXT;
}

struct semo_block;

struct semo_op {
    union {
        struct {
            union {
                uintptr_t what; /* enum semo_do, until fast.c has seen it */
                const void *go;
            };
            uint16_t a;       /* immediate, index of the source, what @Rn+ adds; return address */
            uint16_t b;       /* index of the destination; cycles given back by a jump */
            uint8_t src, dst; /* registers */
            uint8_t slot;     /* its place in the block */
            uint8_t c;        /* skipped: cycles given back; block ends: the extension is known */
        };
        struct { /* the slot behind a jump and behind DO_NEXT: where it goes */
            const struct semo_block *link;
            uint16_t target;
        };
    };
};

/* The machine before the operation in a slot, and after the one in the slot before. Index 1 holds
 * when the last DO_SKIPPED was skipped. */
struct semo_mark {
    uint16_t pc;     /* of the next instruction */
    uint16_t cycles; /* since the start of the block, with everything that may be skipped */
    bool started;    /* an instruction of the block was executed: the last two are known */
    bool extends;    /* one that changed source_extension, too */
    uint16_t last[2], behind[2], extension[2];
};

struct semo_block {
    uint64_t segment; /* content of its page and limits of its span in it */
    uint64_t second;  /* the same of the next page, if its instruction reaches over; else 0 */
    int32_t cycles;
    uint16_t pc;
    uint8_t slots;
    struct semo_op op[];
};

static inline const struct semo_mark *semo_block_marks(const struct semo_block *b)
{
    return (const struct semo_mark *)(b->op + b->slots);
}

static inline const struct semo_block *semo_block_of(const struct semo_op *op)
{
    return (const struct semo_block *)((const char *)(op - op->slot) -
                                       offsetof(struct semo_block, op));
}

extern const uint8_t semo_quiet_ops[SEMO_QUIET], semo_fused_ops[SEMO_FUSED];
extern const uint8_t semo_skipped_ops[SEMO_SKIPPED];

/* Where a jump goes that nobody has followed yet. */
extern const struct semo_block semo_block_unlinked;

/* The block of m at pc, which is in the page and limits that `segment` stands for; `what` of its
 * operations is still a number. NULL: the arena is full. */
struct semo_block *semo_block_decode(struct semo_machine *m, uint16_t pc, uint64_t segment);

#endif
