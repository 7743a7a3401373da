/* SPDX-License-Identifier: Apache-2.0 */
/* The image loader: a refused image changes nothing and says why; an accepted one runs. The first
 * byte is the configuration, or, when the input begins as an ELF file, the whole is the image. */
#include <semo/machine.h>
#include "tests/fuzz/fuzz.h"

enum { MEMORY = 0x10000, CYCLES = 2000 };

static struct semo_machine *machine[2];
static void *start[2];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    for (int p = SEMO_COMPAT; p <= SEMO_HARDENED; p++) {
        struct semo_machine_config config = {.profile = p, .security = p ? 128 : 64};
        machine[p] = semo_machine_new(&config);
        start[p] = malloc(semo_machine_snapshot_size(machine[p]));
        semo_machine_snapshot(machine[p], start[p]);
    }
    return 0;
}

static void check_refused(struct semo_machine *m, const char *why)
{
    static uint8_t memory[MEMORY], empty[MEMORY];
    FUZZ_MUST(why && *why && !strchr(why, '\n'));
    semo_machine_peek(m, 0, memory, MEMORY);
    FUZZ_MUST(!memcmp(memory, empty, MEMORY));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    int profile = len && input[0] != 0x7F ? input[0] & 1 : SEMO_HARDENED;
    struct semo_machine *m = machine[profile];
    const char *why = NULL;
    if (len && input[0] != 0x7F)
        input++, len--;
    uint8_t *elf = malloc(len ? len : 1);
    memcpy(elf, input, len);
    semo_machine_restore(m, start[profile]);
    enum semo_status status = semo_machine_load_elf(m, elf, len, &why);
    free(elf);
    if (status != SEMO_OK)
        check_refused(m, why);
    semo_machine_reset(m);
    semo_machine_run(m, semo_machine_cycle(m) + CYCLES);
    return 0;
}
