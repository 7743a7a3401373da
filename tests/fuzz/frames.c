/* SPDX-License-Identifier: Apache-2.0 */
/* The link of a microcontroller node. Any bytes go through the host's SLIP receiver, and into the
 * link UART of a node that runs the real firmware. The node must not hang: it still answers INFO,
 * unless the bytes had it load a module, which may do what it likes with the processor. The places
 * that the firmware reaches are given to libFuzzer as further coverage. */
#include <semo/map.h>
#include "lib/wire/wire.h"
#include "node/host/slip.h"
#include "tests/fuzz/chip.h"

enum { BYTES_MAX = 1300, BOOT = SEMO_CLOCK_HZ / 100, PATIENCE = 100 };
enum { INSTRUCTIONS = 6000, TAG = 0x5A };

static struct fuzz_chip chip;
static struct semo_slip heard;
static bool answered, loaded;

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t reached[0x4000];

static void check_coding(const uint8_t *frame, unsigned len)
{
    static struct semo_slip back;
    uint8_t coded[SEMO_SLIP_MAX];
    enum semo_slip_result result = SEMO_SLIP_MORE;
    memset(&back, 0, sizeof back);
    unsigned n = semo_slip_encode(frame, len, coded);
    FUZZ_MUST(n <= 2 * len + 2);
    for (unsigned i = 0; i < n; i++)
        result = semo_slip_take(&back, coded[i]);
    FUZZ_MUST(result == SEMO_SLIP_FRAME && back.len == len && !memcmp(back.frame, frame, len));
}

static void decode(const uint8_t *bytes, unsigned len)
{
    static struct semo_slip s;
    memset(&s, 0, sizeof s);
    for (unsigned i = 0; i < len; i++)
        if (semo_slip_take(&s, bytes[i]) == SEMO_SLIP_FRAME) {
            FUZZ_MUST(s.len && s.len <= SEMO_FRAME_MAX);
            check_coding(s.frame, s.len);
        }
}

/* ---- the node ---- */

static void on_byte(void *context, uint8_t byte, uint64_t at)
{
    (void)context, (void)at;
    enum semo_slip_result result = semo_slip_take(&heard, byte);
    FUZZ_MUST(result != SEMO_SLIP_BROKEN);
    if (result != SEMO_SLIP_FRAME || heard.len < 4)
        return;
    const uint8_t *f = heard.frame;
    answered |= f[0] == (SEMO_FRAME_INFO | SEMO_FRAME_ANSWER) && f[1] == TAG && f[2] == TAG;
    loaded |= f[0] == (SEMO_FRAME_ENABLE | SEMO_FRAME_ANSWER) && f[3] == SEMO_OK;
}

/* One by one, while there are not too many, so that it is seen where they are; asleep straight to
 * what comes next. */
static void run(struct semo_machine *m, uint64_t until)
{
    for (unsigned i = 0; i < INSTRUCTIONS && semo_machine_cycle(m) < until; i++) {
        uint64_t now = semo_machine_cycle(m), next = semo_machine_next_event(m);
        semo_machine_run(m, next > now ? (next < until ? next + 1 : until) : now + 1);
        reached[semo_machine_register(m, 0) / 2 % sizeof reached]++;
    }
    while (semo_machine_cycle(m) < until)
        semo_machine_run(m, until);
}

static void say(const uint8_t *bytes, unsigned len)
{
    struct semo_machine *m = chip.machine;
    unsigned taken = semo_link_receive(chip.link, bytes, len, semo_machine_cycle(m));
    FUZZ_MUST(taken == len);
    run(m, semo_machine_cycle(m) + (uint64_t)len * SEMO_LINK_BYTE_CYCLES + BOOT);
}

static void check_alive(void)
{
    static const uint8_t end = 0xC0, info[] = {SEMO_FRAME_INFO, TAG, TAG, 0xC0};
    struct semo_machine *m = chip.machine;
    say(&end, 1); /* what began, perhaps a RESET, is done first */
    answered = false;
    say(info, sizeof info);
    for (unsigned i = 0; i < PATIENCE && !answered && !loaded; i++)
        run(m, semo_machine_cycle(m) + BOOT);
    FUZZ_MUST(answered || loaded);
}

static uint8_t *read_whole(const char *path, size_t *len)
{
    uint8_t *bytes = malloc(1 << 16);
    FILE *f = fopen(path, "rb");
    if (!f) {
        fprintf(stderr, "%s: missing; run make and start this in the root of the tree\n", path);
        exit(2);
    }
    *len = fread(bytes, 1, 1 << 16, f);
    fclose(f);
    return bytes;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const struct semo_machine_config config = {
        .profile = SEMO_HARDENED, .security = 128, .master_key = {7}};
    const char *why;
    size_t len;
    (void)argc, (void)argv;
    uint8_t *elf = read_whole("build/mcu/firmware.elf", &len);
    chip.machine = semo_machine_new(&config);
    chip.sent = on_byte;
    fuzz_attach(&chip);
    FUZZ_MUST(semo_machine_load_elf(chip.machine, elf, len, &why) == SEMO_OK);
    free(elf);
    semo_machine_reset(chip.machine);
    run(chip.machine, BOOT);
    fuzz_keep(&chip);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    if (len > BYTES_MAX)
        return 0;
    decode(input, (unsigned)len);
    fuzz_rewind(&chip);
    memset(&heard, 0, sizeof heard);
    loaded = false;
    say(input, (unsigned)len);
    check_alive();
    return 0;
}
