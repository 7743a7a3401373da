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

void semo_family_leave(struct semo_machine *m)
{
    struct semo_family *f = m->family;
    semo_family_forget(m);
    if (--f->refs)
        return;
    free(f->arena);
    free(f);
}

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
    struct semo_page *p = m->page[page - SEMO_PROGRAM_START / SEMO_PAGE_SIZE];
    p->decoded = true;
    v->segment[page] = p->id << 18 | (uint64_t)(first - start) / 2 << 9 | (behind - 2 - start) / 2;
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
