/* SPDX-License-Identifier: Apache-2.0 */
/* Speed of the emulated microcontroller: M instructions and M cycles per second of CPU time, with
 * the protection checks on. The programs are a few instructions each, assembled by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <semo/machine.h>

struct program {
    const char *name;
    unsigned instructions; /* per round of its loop */
    unsigned count;
    uint16_t words[24];
};

/* r4: address, r5: count, r6, r7: values; the watchdog is held first. */
#define HOLD 0x40B2, 0x5A80, 0x0120
#define LOAD 0x4034, 0x2000, 0x4035, 0x0100
static const struct program programs[] = {
    /* add r6, r7; xor r7, r6; rra r7; dec r5; jnz */
    {"registers", 5, 14, {HOLD, LOAD, 0x5607, 0xE706, 0x1107, 0x8315, 0x23FB, 0x3FFA, 0x4303}},
    /* mov @r4+, r6; add r6, 0x100(r4); bic #0x3800, r4; dec r5; jnz */
    {"memory",
     5,
     17,
     {HOLD, LOAD, 0x4436, 0x5684, 0x0100, 0xC034, 0x1F00, 0x8315, 0x23F9, 0x3FF8, 0x4303, 0x4303}},
    /* call #f; dec r5; jnz; f: push r6; mov @sp+, r6; ret */
    {"calls",
     6,
     17,
     {HOLD, 0x4031, 0x3000, 0x4035, 0x0100, 0x12B0, 0x5C1A, 0x8315, 0x23FC, 0x3FFB, 0x4303, 0x4303,
      0x4303, 0x1206, 0x4136, 0x4130}},
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct semo_machine *start(const struct program *p)
{
    struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = 128};
    struct semo_machine *m = semo_machine_new(&config);
    uint16_t vector = 0x5C00;
    if (!m)
        abort();
    semo_machine_poke(m, 0x5C00, p->words, sizeof p->words);
    semo_machine_poke(m, 0xFFFE, &vector, 2);
    return m;
}

/* Cycles of one round, found by running until the loop counter has moved by 200. */
static double cycles_per_round(const struct program *p)
{
    struct semo_machine *m = start(p);
    uint64_t from, cycle = 100;
    semo_machine_run(m, cycle);
    uint16_t count = semo_machine_register(m, 5);
    from = semo_machine_cycle(m);
    while ((uint16_t)(count - semo_machine_register(m, 5)) < 200)
        semo_machine_run(m, ++cycle);
    double result = (double)(semo_machine_cycle(m) - from) / 200;
    semo_machine_free(m);
    return result;
}

int main(void)
{
    const double cycles = 400e6;
    printf("%-12s %14s %14s\n", "machine", "M insn/s", "M cycles/s");
    for (unsigned i = 0; i < sizeof programs / sizeof *programs; i++) {
        const struct program *p = &programs[i];
        double round = cycles_per_round(p);
        struct semo_machine *m = start(p);
        double begin = seconds();
        semo_machine_run(m, (uint64_t)cycles);
        double took = seconds() - begin;
        printf("%-12s %14.0f %14.0f\n", p->name, cycles / round * p->instructions / took / 1e6,
               cycles / took / 1e6);
        semo_machine_free(m);
    }
    return 0;
}
