/* SPDX-License-Identifier: Apache-2.0 */
/* A debugger that may send anything, to a target with an enabled module. Input: raw u8, then bytes
 * as they are when it is odd; else packets, one a line, which get their frame and checksum here.
 * What the target sends must be well-formed, and it must always be stopped by an interrupt. */
#include <semo/map.h>
#include "machine/debug/gdb.h"
#include "tests/fuzz/chip.h"

enum { CODE = 0x6000, TEXT = 0x7000, BYTES_MAX = 2048, BURST = 200, CYCLES = 1000000 };

static struct fuzz_chip chip;
static enum { IDLE, BODY, HIGH, LOW } framing;
static uint8_t sum, claimed;

static unsigned digit(uint8_t c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;
    FUZZ_MUST(at);
    return (unsigned)(at - digits);
}

static void on_byte(uint8_t byte)
{
    switch (framing) {
    case IDLE:
        FUZZ_MUST(byte == '+' || byte == '-' || byte == '$');
        framing = byte == '$' ? BODY : IDLE;
        sum = 0;
        break;
    case BODY:
        FUZZ_MUST(byte != '$' && byte != 3);
        framing = byte == '#' ? HIGH : BODY;
        sum = byte == '#' ? sum : (uint8_t)(sum + byte);
        break;
    case HIGH:
        claimed = (uint8_t)(digit(byte) << 4);
        framing = LOW;
        break;
    case LOW:
        FUZZ_MUST((claimed | digit(byte)) == sum);
        framing = IDLE;
    }
}

static void on_send(void *context, const uint8_t *bytes, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len; i++)
        on_byte(bytes[i]);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    /* enable; call the module; store; again */
    static const uint16_t code[] = {0x403C, TEXT,   0x403D, TEXT + 16, 0x403E,    0x2000,
                                    0x403F, 0x2010, 0x1381, 0x4036,    CODE + 26, 0x4030,
                                    TEXT,   0x4392, 0x2100, 0x3FFA};
    static const uint16_t text[] = {0x5392, 0x2002, 0x4600};
    const struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = 64};
    (void)argc, (void)argv;
    chip.machine = semo_machine_new(&config);
    for (unsigned i = 0; i < sizeof code / 2; i++)
        fuzz_put(chip.machine, (uint16_t)(CODE + 2 * i), code[i]);
    for (unsigned i = 0; i < sizeof text / 2; i++)
        fuzz_put(chip.machine, (uint16_t)(TEXT + 2 * i), text[i]);
    fuzz_put(chip.machine, 0xFFFE, CODE);
    semo_machine_reset(chip.machine);
    fuzz_keep(&chip);
    return 0;
}

/* Runs a while when it was told to; then it must stop. */
static void go_on(struct semo_gdb *g)
{
    static const uint8_t interrupt[] = {'$', '#', '0', '0', 3}; /* not within a packet */
    semo_gdb_run(g, BURST);
    if (semo_gdb_state(g) == SEMO_GDB_RUNNING)
        semo_gdb_feed(g, interrupt, sizeof interrupt);
    FUZZ_MUST(semo_gdb_state(g) != SEMO_GDB_RUNNING);
}

static void feed_packet(struct semo_gdb *g, const uint8_t *body, unsigned len)
{
    uint8_t check = 0;
    char end[4];
    for (unsigned i = 0; i < len; i++)
        check += body[i];
    snprintf(end, sizeof end, "#%02x", check);
    semo_gdb_feed(g, (const uint8_t *)"$", 1);
    semo_gdb_feed(g, body, len);
    semo_gdb_feed(g, (const uint8_t *)end, 3);
    if (semo_gdb_state(g) == SEMO_GDB_RUNNING)
        go_on(g);
}

static void feed_lines(struct semo_gdb *g, const uint8_t *at, unsigned left)
{
    while (left) {
        const uint8_t *end = memchr(at, '\n', left);
        unsigned len = end ? (unsigned)(end - at) : left;
        feed_packet(g, at, len);
        at += len + !!end;
        left -= len + !!end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    if (!len || len > BYTES_MAX)
        return 0;
    fuzz_rewind(&chip);
    framing = IDLE;
    const struct semo_gdb_config config = {
        .machine = chip.machine, .max_cycles = CYCLES, .send = on_send};
    struct semo_gdb *g = semo_gdb_new(&config);
    if (input[0] & 1) {
        semo_gdb_feed(g, input + 1, len - 1);
        go_on(g);
    } else {
        feed_lines(g, input + 1, (unsigned)len - 1);
    }
    FUZZ_MUST(framing == IDLE);
    semo_gdb_free(g);
    return 0;
}
