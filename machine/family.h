/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine and its forks share: pages of program memory, one cache of decoded code, and the
 * devices of the core, whose states each machine has for itself. */
#ifndef SEMO_FAMILY_H
#define SEMO_FAMILY_H

#include "machine/state.h"

struct semo_block;

enum { SEMO_BLOCK_TABLE = 8192, SEMO_BLOCK_ARENA = 1 << 20 };

struct semo_window {      /* of addresses that the code of a view may read and write */
    uint16_t start, half; /* even; words */
};

/* What the code of one machine in one span of addresses may do: answers of semo_access(), asked for
 * when they are first needed. */
struct semo_view {
    struct semo_machine *machine;               /* NULL: nothing is known */
    uint16_t first, last;                       /* the span */
    uint64_t segment[0x10000 / SEMO_PAGE_SIZE]; /* by page; 0 = not asked yet, or outside */
    struct semo_window data[2];                 /* of data memory */
    struct semo_window text;                    /* of program memory: read only */
    struct semo_window own;                     /* of the private RAM of device windows */
    uint16_t id;                                /* of the module that the span is in */
};

struct semo_family {
    unsigned refs; /* machines */
    struct semo_pages pages;
    struct semo_crypto_unit crypto;
    /* devices of the core, and the machine that they are of at present */
    struct semo_device **builtin, *bcs, *dma;
    struct semo_device *low[SEMO_DATA_START / 2];
    unsigned builtin_count;
    size_t states_size;
    bool settled; /* all are there */
    struct semo_machine *borrower;
    struct semo_view view;
    struct semo_block *table[SEMO_BLOCK_TABLE]; /* by hash of segment and address */
    uint8_t *arena;                             /* blocks, one behind the other */
    size_t used;
    bool full;
};

static inline unsigned semo_family_hash(uint64_t segment, uint16_t pc)
{
    return ((unsigned)(segment >> 18) * 0x1F1 ^ pc >> 1) % SEMO_BLOCK_TABLE;
}

struct semo_family *semo_family_new(void); /* NULL: no memory */
void semo_family_leave(struct semo_machine *m);

/* Of the first machine: its devices; then all of them move their states into it, and it moves. */
void semo_family_add(struct semo_family *f, struct semo_device *d);
struct semo_machine *semo_family_settle(struct semo_machine *m); /* NULL: no memory, m is freed */
/* The devices of the core act for m from here on. */
void semo_family_give(struct semo_machine *m);
static inline void semo_family_lend(struct semo_machine *m)
{
    if (m->family->borrower != m)
        semo_family_give(m);
}

/* Page n of m has another content: what was known of it is asked for again. */
void semo_family_page_changed(struct semo_machine *m, unsigned n);

/* Stands for the content of the page around page * SEMO_PAGE_SIZE and the part of it (first and
 * last word, 9 bits each) that is in the span of the view; 0 = none of it. */
uint64_t semo_family_segment(struct semo_machine *m, unsigned page);

/* Room for a block; NULL: full, to be flushed before the next run. */
void *semo_family_room(struct semo_family *f, size_t size);
void semo_family_flush(struct semo_family *f);
/* The modules of m changed: nothing is known any more. */
void semo_family_forget(struct semo_machine *m);

#endif
