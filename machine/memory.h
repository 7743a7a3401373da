/* SPDX-License-Identifier: Apache-2.0 */
/* The memories of a machine: data memory of its own, program memory in pages that a machine and its
 * forks share until one of them writes, and the private RAM of attached device windows. */
#ifndef SEMO_MEMORY_H
#define SEMO_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <semo/map.h>

struct semo_machine;

enum { SEMO_PAGE_SIZE = 1024, SEMO_PAGE_COUNT = (0x10000 - SEMO_PROGRAM_START) / SEMO_PAGE_SIZE };
enum { SEMO_RAM_SIZE = SEMO_DATA_END - SEMO_DATA_START };
enum { SEMO_WINDOWS_END = SEMO_WINDOW(SEMO_WINDOW_COUNT) };

struct semo_page {      /* of a family; its bytes are in a slab */
    uint32_t id;        /* of this content: given to no other while blocks with it may exist */
    uint32_t refs : 31; /* entries of page tables; 0 = free, and id is the next free page */
    uint32_t decoded : 1;
};

enum { SEMO_SLAB_PAGES = 64 };

struct semo_pages {
    struct semo_page *page;
    uint8_t **slab; /* SEMO_SLAB_PAGES pages each */
    uint32_t count, room, first_free;
    uint32_t last_id;
};

void semo_pages_free(struct semo_pages *p);

void semo_memory_new(struct semo_machine *m); /* all zero */
/* Of a new machine: it has the data memory of `from` and shares its program memory. */
void semo_memory_share(struct semo_machine *m, const struct semo_machine *from);
void semo_memory_free(struct semo_machine *m);

/* What lies at an address for whoever may see everything; nothing there: reads 0, keeps nothing. */
uint8_t semo_memory_get(const struct semo_machine *m, uint16_t address);
void semo_memory_read(const struct semo_machine *m, uint16_t address, void *out, size_t len);
void semo_memory_put(struct semo_machine *m, uint16_t address, const void *bytes, size_t len);
/* The bytes of its page from address on. */
const uint8_t *semo_memory_program(const struct semo_machine *m, uint16_t address);
void semo_memory_clear(struct semo_machine *m, uint16_t start, size_t len);

/* All of it, flat, for snapshots. A restore leaves pages alone that do not change. */
size_t semo_memory_size(const struct semo_machine *m);
uint8_t *semo_memory_save(const struct semo_machine *m, uint8_t *out);
const uint8_t *semo_memory_restore(struct semo_machine *m, const uint8_t *from);

#endif
