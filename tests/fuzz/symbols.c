/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols and source lines of an image that somebody else has built. The input is the image when it
 * begins as an ELF file, else the table of lines alone. */
#include "machine/debug/lines.h"
#include "machine/debug/symbols.h"
#include "tests/fuzz/fuzz.h"

static void read_symbols(const uint8_t *elf, size_t len)
{
    char text[80];
    uint16_t address, size;
    struct semo_symbols *s = semo_symbols_read(elf, len);
    FUZZ_MUST(s);
    for (unsigned a = 0; a < 0x10000; a += a < 0x5C00 ? 0x1000 : 0x102) {
        struct semo_position p = semo_symbols_at(s, (uint16_t)a);
        FUZZ_MUST(strlen(semo_position_print(&p, text, sizeof text)) < sizeof text);
        if (p.symbol)
            FUZZ_MUST(*p.symbol && semo_symbols_find(s, p.symbol, &address, &size));
    }
    semo_symbols_free(s);
}

static void read_lines(const uint8_t *section, size_t len)
{
    struct semo_lines *l = semo_lines_read(section, (uint32_t)len);
    FUZZ_MUST(l);
    for (unsigned a = 0; a < 0x10000; a += 0x82) {
        struct semo_line line = semo_lines_at(l, (uint16_t)a);
        FUZZ_MUST(!line.file || strlen(line.file) <= len);
        FUZZ_MUST(!line.folder || strlen(line.folder) <= len);
    }
    semo_lines_free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    uint8_t *bytes = malloc(len ? len : 1);
    if (len)
        memcpy(bytes, input, len);
    if (len && input[0] == 0x7F)
        read_symbols(bytes, len);
    else
        read_lines(bytes, len);
    free(bytes);
    return 0;
}
