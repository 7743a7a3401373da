/* SPDX-License-Identifier: Apache-2.0 */
/* The library on one page: load a program, change its memory, step, run, go back, fork. */
#include <semo/machine.h>
#include <stdio.h>
#include <stdlib.h>

static void show(const char *what, const struct semo_machine *m)
{
    printf("%-9s cycle %5u  pc %04x  r12 %04x\n", what, (unsigned)semo_machine_cycle(m),
           semo_machine_register(m, 0), semo_machine_register(m, 12));
}

int main(int argc, char **argv)
{
    static uint8_t elf[0x20000];
    struct semo_machine_config config = {SEMO_HARDENED, .security = 128, .stop_at_cpuoff = true};
    struct semo_machine *m = semo_machine_new(&config);
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    const char *why = "no memory";
    if (!file || !m ||
        semo_machine_load_elf(m, elf, fread(elf, 1, sizeof elf, file), &why) != SEMO_OK)
        return fprintf(stderr, "machine: %s\n", file ? why : "usage: machine FILE.elf"), 2;
    semo_machine_poke(m, 0xF0C0, "\1", 2); /* programs of bench/ read here how often to work */
    semo_machine_step(m);
    show("stepped", m);
    semo_machine_run(m, 10000); /* until this cycle, or until an event: see enum semo_stop */
    show("run", m);
    void *snapshot = malloc(semo_machine_snapshot_size(m));
    semo_machine_snapshot(m, snapshot);
    struct semo_machine *fork = semo_machine_fork(m); /* shares program memory until a write */
    printf("stopped by %s\n", semo_machine_run(m, 99999) == SEMO_STOP_CPUOFF ? "CPUOFF" : "time");
    show("ended", m);
    show("fork", fork);
    semo_machine_run(fork, 99999);
    show("ended too", fork);
    semo_machine_restore(m, snapshot);
    show("restored", m);
    semo_machine_free(fork), semo_machine_free(m), free(snapshot), fclose(file);
}
