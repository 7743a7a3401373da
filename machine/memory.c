/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "machine/family.h"
#include "machine/state.h"

enum { WINDOW_RAM = SEMO_WINDOW_REGISTERS };

static struct semo_page *page_new(struct semo_family *f)
{
    struct semo_page *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->id = ++f->last_id;
    return p;
}

static void page_drop(struct semo_page *p)
{
    if (--p->refs == 0)
        free(p);
}

bool semo_memory_new(struct semo_machine *m)
{
    struct semo_page *zero = page_new(m->family);
    for (unsigned i = 0; i < SEMO_PAGE_COUNT; i++)
        m->page[i] = zero;
    zero->refs = SEMO_PAGE_COUNT;
    return true;
}

void semo_memory_share(struct semo_machine *m, const struct semo_machine *from)
{
    for (unsigned i = 0; i < SEMO_PAGE_COUNT; i++) {
        from->page[i]->refs++;
        page_drop(m->page[i]);
        m->page[i] = from->page[i];
    }
    memcpy(m->ram, from->ram, sizeof m->ram);
}

void semo_memory_free(struct semo_machine *m)
{
    for (unsigned i = 0; i < SEMO_PAGE_COUNT; i++)
        page_drop(m->page[i]);
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        free(m->window_ram[n]);
}

/* Page n, to be changed: no other machine sees it, and nothing decoded from it is found again. */
static uint8_t *own_page(struct semo_machine *m, unsigned n)
{
    struct semo_page *p = m->page[n];
    if (p->refs > 1) {
        struct semo_page *copy = page_new(m->family);
        memcpy(copy->bytes, p->bytes, sizeof p->bytes);
        copy->refs = 1;
        p->refs--;
        m->page[n] = p = copy;
        semo_family_page_changed(m, n);
    } else if (p->decoded) {
        p->decoded = false;
        p->id = ++m->family->last_id;
        semo_family_page_changed(m, n);
    }
    return p->bytes;
}

/* The bytes that lie at address..., and how many; NULL: nothing is there for that many. */
static uint8_t *place(const struct semo_machine *m, uint16_t address, size_t *len)
{
    size_t offset = 0, size;
    uint8_t *bytes = NULL;
    if (address < SEMO_DATA_START) {
        size = SEMO_DATA_START - address;
    } else if (address < SEMO_DATA_END) {
        bytes = (uint8_t *)m->ram;
        offset = address - SEMO_DATA_START;
        size = SEMO_RAM_SIZE - offset;
    } else if (address < SEMO_WINDOWS_END) {
        unsigned n = (address - SEMO_WINDOW_START) / SEMO_WINDOW_SIZE;
        offset = (address - SEMO_WINDOW_START) % SEMO_WINDOW_SIZE;
        bytes = offset < WINDOW_RAM ? m->window_ram[n] : NULL;
        size = (offset < WINDOW_RAM ? WINDOW_RAM : SEMO_WINDOW_SIZE) - offset;
    } else if (address < SEMO_PROGRAM_START) {
        size = SEMO_PROGRAM_START - address;
    } else {
        bytes = m->page[(address - SEMO_PROGRAM_START) / SEMO_PAGE_SIZE]->bytes;
        offset = address % SEMO_PAGE_SIZE;
        size = SEMO_PAGE_SIZE - offset;
    }
    if (*len > size)
        *len = size;
    return bytes ? bytes + offset : NULL;
}

uint8_t semo_memory_get(const struct semo_machine *m, uint16_t address)
{
    size_t one = 1;
    const uint8_t *p = place(m, address, &one);
    return p ? *p : 0;
}

/* One run of addresses that lie together; bytes NULL: zero. Pages that would not change are left.
 */
static void put_run(struct semo_machine *m, uint16_t address, const uint8_t *bytes, size_t len)
{
    static const uint8_t zero[SEMO_RAM_SIZE];
    size_t same = len;
    uint8_t *to = place(m, address, &same);
    const uint8_t *from = bytes ? bytes : zero;
    if (!to || !memcmp(to, from, len))
        return;
    if (address >= SEMO_PROGRAM_START)
        to =
            own_page(m, (address - SEMO_PROGRAM_START) / SEMO_PAGE_SIZE) + address % SEMO_PAGE_SIZE;
    memcpy(to, from, len);
}

static void put(struct semo_machine *m, uint16_t address, const uint8_t *bytes, size_t len)
{
    while (len) {
        size_t run = len;
        place(m, address, &run);
        put_run(m, address, bytes, run);
        bytes = bytes ? bytes + run : NULL;
        address = (uint16_t)(address + run);
        len -= run;
    }
}

void semo_memory_put(struct semo_machine *m, uint16_t address, const void *bytes, size_t len)
{
    put(m, address, bytes, len);
}

void semo_memory_clear(struct semo_machine *m, uint16_t start, size_t len)
{
    put(m, start, NULL, len);
}

/* ---- snapshots ---- */

size_t semo_memory_size(const struct semo_machine *m)
{
    size_t size = SEMO_RAM_SIZE + SEMO_PAGE_COUNT * SEMO_PAGE_SIZE;
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        size += m->window_ram[n] ? WINDOW_RAM : 0;
    return size;
}

uint8_t *semo_memory_save(const struct semo_machine *m, uint8_t *out)
{
    memcpy(out, m->ram, SEMO_RAM_SIZE);
    out += SEMO_RAM_SIZE;
    for (unsigned i = 0; i < SEMO_PAGE_COUNT; i++, out += SEMO_PAGE_SIZE)
        memcpy(out, m->page[i]->bytes, SEMO_PAGE_SIZE);
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        if (m->window_ram[n])
            out = (uint8_t *)memcpy(out, m->window_ram[n], WINDOW_RAM) + WINDOW_RAM;
    return out;
}

const uint8_t *semo_memory_restore(struct semo_machine *m, const uint8_t *from)
{
    memcpy(m->ram, from, SEMO_RAM_SIZE);
    put(m, SEMO_PROGRAM_START, from + SEMO_RAM_SIZE, SEMO_PAGE_COUNT * SEMO_PAGE_SIZE);
    from += SEMO_RAM_SIZE + SEMO_PAGE_COUNT * SEMO_PAGE_SIZE;
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        if (m->window_ram[n]) {
            memcpy(m->window_ram[n], from, WINDOW_RAM);
            from += WINDOW_RAM;
        }
    return from;
}
