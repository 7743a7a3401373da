/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/family.h"
#include <stdlib.h>
#include <string.h>
#include "machine/state.h"

struct semo_family *semo_family_new(void)
{
    struct semo_family *f = calloc(1, sizeof *f);
    uint8_t *arena = malloc(SEMO_BLOCK_ARENA);
    if (!f || !arena) {
        free(f);
        free(arena);
        return NULL;
    }
    f->arena = arena;
    return f;
}

static void free_builtin(struct semo_family *f)
{
    for (unsigned i = 0; i < f->builtin_count; i++) {
        if (f->settled)
            f->builtin[i]->state = NULL; /* it was a machine's */
        f->builtin[i]->class->free(f->builtin[i]);
    }
    free(f->builtin);
}

void semo_family_leave(struct semo_machine *m)
{
    struct semo_family *f = m->family;
    semo_family_forget(m);
    if (f->borrower == m)
        f->borrower = NULL;
    if (--f->refs)
        return;
    free_builtin(f);
    semo_pages_free(&f->pages);
    free(f->arena);
    semo_bytes_wipe(f, sizeof *f);
    free(f);
}

/* ---- devices of the core ---- */

/* The first place behind `used` that suits a state of this size. */
static size_t aligned(size_t used, size_t size)
{
    size_t unit = size & -size;
    unit = unit > 8 ? 8 : unit ? unit : 1;
    return (used + unit - 1) & ~(unit - 1);
}

void semo_family_add(struct semo_family *f, struct semo_device *d)
{
    struct semo_device **more = realloc(f->builtin, (f->builtin_count + 1) * sizeof *more);
    if (!more)
        abort();
    f->builtin = more;
    f->builtin[f->builtin_count++] = d;
    f->states_size = aligned(f->states_size, d->class->state_size) + d->class->state_size;
    f->borrower = d->machine;
    for (unsigned a = d->base; a < (unsigned)d->base + d->size; a += 2)
        f->low[a / 2] = d;
}

void semo_family_give(struct semo_machine *m)
{
    struct semo_family *f = m->family;
    size_t used = 0;
    for (unsigned i = 0; i < f->builtin_count; i++) {
        struct semo_device *d = f->builtin[i];
        used = aligned(used, d->class->state_size);
        d->machine = m;
        d->state = m->states + used;
        used += d->class->state_size;
    }
    f->borrower = m;
}

struct semo_machine *semo_family_settle(struct semo_machine *m)
{
    struct semo_family *f = m->family;
    struct semo_machine *moved = realloc(m, sizeof *m + f->states_size);
    if (!moved) {
        semo_machine_free(m);
        return NULL;
    }
    size_t used = 0;
    memset(moved->states, 0, f->states_size);
    for (unsigned i = 0; i < f->builtin_count; i++) {
        struct semo_device *d = f->builtin[i];
        used = aligned(used, d->class->state_size);
        memcpy(moved->states + used, d->state, d->class->state_size);
        used += d->class->state_size;
        free(d->state);
    }
    f->settled = true;
    semo_family_give(moved);
    return moved;
}

/* ---- views ---- */

void semo_family_forget(struct semo_machine *m)
{
    if (m->family->view.machine == m)
        m->family->view.machine = NULL;
}

void semo_family_page_changed(struct semo_machine *m, unsigned n)
{
    if (m->family->view.machine == m)
        m->family->view.segment[SEMO_PROGRAM_START / SEMO_PAGE_SIZE + n] = 0;
}

uint64_t semo_family_segment(struct semo_machine *m, unsigned page)
{
    struct semo_view *v = &m->family->view;
    uint32_t start = page * SEMO_PAGE_SIZE, end = start + SEMO_PAGE_SIZE; /* exclusive */
    if (start < SEMO_PROGRAM_START || start > 0xFFFF)
        return 0;
    if (v->segment[page])
        return v->segment[page];
    uint32_t first = v->first > start ? v->first : start;
    uint32_t behind = v->last + 1u < end ? v->last + 1u : end;
    first = (first + 1) & ~1u;
    behind &= ~1u;
    if (first >= behind)
        return 0;
    struct semo_page *p =
        &m->family->pages.page[m->page[page - SEMO_PROGRAM_START / SEMO_PAGE_SIZE]];
    p->decoded = true;
    v->segment[page] =
        (uint64_t)p->id << 18 | (uint64_t)(first - start) / 2 << 9 | (behind - 2 - start) / 2;
    return v->segment[page];
}

void *semo_family_room(struct semo_family *f, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    f->full = size > SEMO_BLOCK_ARENA - f->used;
    if (f->full)
        return NULL;
    f->used += size;
    return f->arena + f->used - size;
}

void semo_family_flush(struct semo_family *f)
{
    memset(f->table, 0, sizeof f->table);
    f->used = 0;
    f->full = false;
}
