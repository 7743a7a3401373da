/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "machine/mcu/image.h"
#include <semo/map.h>

enum { FILE_MAX = 16 << 20, RESET_VECTOR = 0xFFFE };

struct semo_mcu_file semo_mcu_read(const char *path)
{
    struct semo_mcu_file f;
    struct semo_error e;
    if (semo_file_read(path, FILE_MAX, &f.bytes, &f.len, &e) != SEMO_OK) {
        fprintf(stderr, "semo-mcu: %s\n", e.text);
        exit(SEMO_EXIT_USAGE);
    }
    return f;
}

/* NULL: the bytes may lie there. */
static const char *misplaced(uint16_t base, const struct semo_mcu_file *f)
{
    uint32_t end = base >= SEMO_PROGRAM_START ? 0x10000 : SEMO_DATA_END;
    if (f->len >= 4 && memcmp(f->bytes, "\177ELF", 4) == 0)
        return "an ELF file says itself where it belongs; leave --base out";
    if (base & 1)
        return "--base is odd; instructions lie at even addresses";
    if (base < SEMO_DATA_START || (base >= SEMO_DATA_END && base < SEMO_PROGRAM_START) ||
        f->len > end - base)
        return "outside data memory (0200-41ff) and program memory (5c00-ffff) at this --base";
    return NULL;
}

static void load_flat(struct semo_machine *m, const struct semo_mcu_options *o,
                      const struct semo_mcu_file *f)
{
    const uint8_t start[2] = {(uint8_t)o->base, (uint8_t)(o->base >> 8)};
    const char *why = misplaced(o->base, f);
    if (why)
        semo_mcu_fail(o->image, why);
    semo_machine_poke(m, o->base, f->bytes, f->len);
    if (o->base + f->len <= RESET_VECTOR)
        semo_machine_poke(m, RESET_VECTOR, start, sizeof start);
}

void semo_mcu_load(struct semo_machine *m, const struct semo_mcu_options *o,
                   const struct semo_mcu_file *image)
{
    const char *why = NULL;
    if (image->len == 0)
        semo_mcu_fail(o->image, "the file is empty");
    if (o->flat)
        load_flat(m, o, image);
    else if (semo_machine_load_elf(m, image->bytes, image->len, &why) != SEMO_OK)
        semo_mcu_fail(o->image, why);
}
