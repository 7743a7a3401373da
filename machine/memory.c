/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "machine/family.h"
#include "machine/state.h"

enum { WINDOW_RAM = SEMO_WINDOW_REGISTERS };

static uint8_t *bytes_of(const struct semo_machine *m, uint32_t page)
{
    return m->family->pages.slab[page / SEMO_SLAB_PAGES] +
           (size_t)(page % SEMO_SLAB_PAGES) * SEMO_PAGE_SIZE;
}

/* ---- pages of a family ---- */

enum { NONE = UINT32_MAX };

static void *larger(void *old, size_t size)
{
    void *more = realloc(old, size);
    if (!more)
        abort();
    return more;
}

/* The tables double: what is not used of them is not resident. */
static void make_room(struct semo_pages *p)
{
    if (p->count < p->room)
        return;
    p->room = p->room ? 2 * p->room : SEMO_SLAB_PAGES;
    p->page = larger(p->page, p->room * sizeof *p->page);
    p->slab = larger(p->slab, p->room / SEMO_SLAB_PAGES * sizeof *p->slab);
}

static void add_slab(struct semo_pages *p)
{
    make_room(p);
    p->slab[p->count / SEMO_SLAB_PAGES] = larger(NULL, SEMO_SLAB_PAGES * SEMO_PAGE_SIZE);
    for (unsigned n = SEMO_SLAB_PAGES; n-- > 0;) {
        uint32_t page = p->count + n;
        p->page[page] = (struct semo_page){.id = n + 1 < SEMO_SLAB_PAGES ? page + 1 : NONE};
    }
    p->first_free = p->count;
    p->count += SEMO_SLAB_PAGES;
}

/* Blocks remember contents by number. When the numbers are used up, all are forgotten. */
static uint32_t fresh_id(struct semo_machine *m)
{
    struct semo_pages *p = &m->family->pages;
    if (p->last_id == UINT32_MAX) {
        semo_family_flush(m->family);
        m->family->view.machine = NULL;
        p->last_id = 0;
        for (uint32_t n = 0; n < p->count; n++)
            if (p->page[n].refs)
                p->page[n].id = ++p->last_id;
    }
    return ++p->last_id;
}

static uint32_t page_new(struct semo_machine *m)
{
    struct semo_pages *p = &m->family->pages;
    if (!p->count || p->first_free == NONE)
        add_slab(p);
    uint32_t page = p->first_free;
    p->first_free = p->page[page].id;
    p->page[page] = (struct semo_page){.id = fresh_id(m), .refs = 1};
    return page;
}

static void page_drop(struct semo_machine *m, uint32_t page)
{
    struct semo_pages *p = &m->family->pages;
    if (--p->page[page].refs)
        return;
    p->page[page] = (struct semo_page){.id = p->first_free};
    p->first_free = page;
}

void semo_pages_free(struct semo_pages *p)
{
    for (uint32_t n = 0; n < p->count / SEMO_SLAB_PAGES; n++)
        free(p->slab[n]);
    free(p->slab);
    free(p->page);
}

/* ---- of a machine ---- */

void semo_memory_new(struct semo_machine *m)
{
    uint32_t zero = page_new(m);
    memset(bytes_of(m, zero), 0, SEMO_PAGE_SIZE);
    for (unsigned i = 0; i < SEMO_PAGE_COUNT; i++)
        m->page[i] = zero;
    m->family->pages.page[zero].refs = SEMO_PAGE_COUNT;
}

void semo_memory_share(struct semo_machine *m, const struct semo_machine *from)
{
    for (unsigned i = 0; i < SEMO_PAGE_COUNT; i++) {
        m->page[i] = from->page[i];
        m->family->pages.page[m->page[i]].refs++;
    }
    memcpy(m->ram, from->ram, sizeof m->ram);
}

void semo_memory_free(struct semo_machine *m)
{
    for (unsigned i = 0; i < SEMO_PAGE_COUNT; i++)
        page_drop(m, m->page[i]);
}

/* Page n, to be changed: no other machine sees it, and nothing decoded from it is found again. */
static uint8_t *own_page(struct semo_machine *m, unsigned n)
{
    struct semo_page *p = &m->family->pages.page[m->page[n]];
    if (p->refs > 1) {
        uint32_t copy = page_new(m); /* p may have moved */
        memcpy(bytes_of(m, copy), bytes_of(m, m->page[n]), SEMO_PAGE_SIZE);
        page_drop(m, m->page[n]);
        m->page[n] = copy;
        semo_family_page_changed(m, n);
    } else if (p->decoded) {
        p->id = fresh_id(m);
        p->decoded = false;
        semo_family_page_changed(m, n);
    }
    return bytes_of(m, m->page[n]);
}

uint16_t semo_word(const struct semo_machine *m, uint16_t address)
{
    const uint8_t *p;
    address &= 0xFFFE;
    if (address >= SEMO_PROGRAM_START)
        p = bytes_of(m, m->page[(address - SEMO_PROGRAM_START) / SEMO_PAGE_SIZE]) +
            address % SEMO_PAGE_SIZE;
    else if (address >= SEMO_DATA_START && address < SEMO_DATA_END)
        p = m->ram + (address - SEMO_DATA_START);
    else
        return (uint16_t)(semo_memory_get(m, address) | semo_memory_get(m, (uint16_t)(address + 1))
                                                            << 8);
    return (uint16_t)(p[0] | p[1] << 8);
}

const uint8_t *semo_memory_program(const struct semo_machine *m, uint16_t address)
{
    return bytes_of(m, m->page[(address - SEMO_PROGRAM_START) / SEMO_PAGE_SIZE]) +
           address % SEMO_PAGE_SIZE;
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
        bytes = offset < WINDOW_RAM ? semo_window_ram(m, n) : NULL;
        size = (offset < WINDOW_RAM ? WINDOW_RAM : SEMO_WINDOW_SIZE) - offset;
    } else if (address < SEMO_PROGRAM_START) {
        size = SEMO_PROGRAM_START - address;
    } else {
        bytes = bytes_of(m, m->page[(address - SEMO_PROGRAM_START) / SEMO_PAGE_SIZE]);
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

void semo_memory_read(const struct semo_machine *m, uint16_t address, void *out, size_t len)
{
    for (uint8_t *to = out; len;) {
        size_t run = len;
        const uint8_t *from = place(m, address, &run);
        if (from)
            memcpy(to, from, run);
        else
            memset(to, 0, run);
        to += run;
        address = (uint16_t)(address + run);
        len -= run;
    }
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
        size += semo_window_ram(m, n) ? WINDOW_RAM : 0;
    return size;
}

uint8_t *semo_memory_save(const struct semo_machine *m, uint8_t *out)
{
    memcpy(out, m->ram, SEMO_RAM_SIZE);
    out += SEMO_RAM_SIZE;
    for (unsigned i = 0; i < SEMO_PAGE_COUNT; i++, out += SEMO_PAGE_SIZE)
        memcpy(out, bytes_of(m, m->page[i]), SEMO_PAGE_SIZE);
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        if (semo_window_ram(m, n))
            out = (uint8_t *)memcpy(out, semo_window_ram(m, n), WINDOW_RAM) + WINDOW_RAM;
    return out;
}

const uint8_t *semo_memory_restore(struct semo_machine *m, const uint8_t *from)
{
    memcpy(m->ram, from, SEMO_RAM_SIZE);
    put(m, SEMO_PROGRAM_START, from + SEMO_RAM_SIZE, SEMO_PAGE_COUNT * SEMO_PAGE_SIZE);
    from += SEMO_RAM_SIZE + SEMO_PAGE_COUNT * SEMO_PAGE_SIZE;
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        if (semo_window_ram(m, n)) {
            memcpy(semo_window_ram(m, n), from, WINDOW_RAM);
            from += WINDOW_RAM;
        }
    return from;
}
