/* SPDX-License-Identifier: Apache-2.0 */
/* The other files that somebody else may have written: the house's CSV, semo-node's configuration,
 * the state of a chip, keys and sealed files. Input: which u8 | the file. A refused one gets one
 * line and leaves the result alone. */
#include "deploy/seal.h"
#include "machine/chip.h"
#include "meter/house/house.h"
#include "node/host/config.h"
#include "tests/fuzz/scratch.h"

enum { BYTES_MAX = 8192, SLOT = 4096, RECORD_LEN = 153 };

/* The disk's part of a store takes longer than all the rest. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    return fd < 0 ? -1 : 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_make_folder();
    return 0;
}

static void check_line(enum semo_status status, const struct semo_error *e)
{
    if (status == SEMO_OK)
        return;
    FUZZ_MUST(e->text[0] && strlen(e->text) < sizeof e->text);
    for (const char *p = e->text; *p; p++)
        FUZZ_MUST((unsigned char)*p >= ' ' && *p != 0x7F);
}

static void read_house(const char *path, struct semo_error *e)
{
    struct semo_house h;
    char text[160];
    enum semo_status status = semo_house_load(path, NULL, &h, e);
    check_line(status, e);
    if (status != SEMO_OK)
        return;
    FUZZ_MUST(h.rows);
    for (size_t i = 1; i < h.rows; i++)
        FUZZ_MUST(h.row[i].utc == h.row[i - 1].utc + h.row[i - 1].hold_s && h.row[i - 1].hold_s);
    for (size_t i = 0; i < h.notes; i++)
        semo_house_note_text(&h.note[i], text, sizeof text);
    const struct semo_house_contact change = {semo_house_cycle(&h, h.rows, 0) / 2, false};
    struct semo_house_energy all = semo_house_integrate(&h, 0, true, NULL, 0);
    struct semo_house_energy half = semo_house_integrate(&h, 0, true, &change, 1);
    FUZZ_MUST(all.ws < 3600 && half.ws < 3600 && half.wh <= all.wh);
    semo_house_free(&h);
}

static void read_configuration(const char *path, struct semo_error *e)
{
    struct semo_config c;
    enum semo_status status = semo_config_read(path, &c, e);
    check_line(status, e);
    if (status != SEMO_OK)
        return;
    FUZZ_MUST(c.count && c.count <= SEMO_NODES_MAX && c.socket && c.monitor_ms);
    for (unsigned i = 0; i < c.count; i++)
        FUZZ_MUST(c.nodes[i].name[0] && c.nodes[i].chip && c.nodes[i].latency_cycles);
    semo_config_free(&c);
}

static void repair(uint8_t *record)
{
    uint64_t h = 0xCBF29CE484222325u;
    for (unsigned i = 0; i < RECORD_LEN - 8; i++)
        h = (h ^ record[i]) * 0x100000001B3u;
    struct semo_cursor c = semo_cursor_over(record + RECORD_LEN - 8, 8);
    semo_cursor_put_u64(&c, h);
}

/* Most of the file is never read: both records, and with an odd kind their checksums, too. */
static void read_chip(unsigned which, const uint8_t *bytes, size_t len)
{
    static uint8_t file[2 * SLOT];
    struct semo_chip *chip;
    size_t half = len / 2 < RECORD_LEN ? len / 2 : RECORD_LEN;
    memset(file, 0, sizeof file);
    if (half) {
        memcpy(file, bytes, half);
        memcpy(file + SLOT, bytes + half, half);
    }
    for (unsigned i = 0; i < 2; i++)
        if (which >> (4 + i) & 1)
            repair(file + i * SLOT);
    if (semo_chip_open(fuzz_file("chip", file, SLOT + half), &chip) != SEMO_OK)
        return;
    struct semo_chip_state s = *semo_chip_state(chip);
    FUZZ_MUST(s.epoch_limit);
    s.relay_closed = !s.relay_closed;
    FUZZ_MUST(semo_chip_store(chip, &s) == SEMO_OK);
    FUZZ_MUST(semo_chip_state(chip)->relay_closed == s.relay_closed);
    semo_chip_close(chip);
}

static void read_sealed(const char *path, struct semo_error *e)
{
    const struct semo_operator o = {.key = {1}};
    uint8_t *bytes = NULL;
    size_t len;
    enum semo_status status = semo_seal_read(&o, path, "application", "nodes", &bytes, &len, e);
    check_line(status, e);
    FUZZ_MUST(status != SEMO_OK && !bytes); /* nobody but the key's owner can make one */
}

static void read_operator(const char *path, size_t len, struct semo_error *e)
{
    struct semo_operator o;
    enum semo_status status = semo_operator_load(path, &o, e);
    check_line(status, e);
    FUZZ_MUST((status == SEMO_OK) == (len == sizeof o.key));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct semo_error e = {{0}, 0};
    if (!len || len > BYTES_MAX)
        return 0;
    unsigned which = input[0];
    const char *path = fuzz_file("file", input + 1, len - 1);
    switch (which % 8) {
    case 0:
    case 1:
    case 2:
        read_house(path, &e);
        break;
    case 3:
    case 4:
        read_configuration(path, &e);
        break;
    case 5:
        read_chip(which, input + 1, len - 1);
        break;
    case 6:
        read_sealed(path, &e);
        break;
    default:
        read_operator(path, len - 1, &e);
    }
    return 0;
}
