/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/programs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define DECLARE(name) uint16_t program_run_##name(uint16_t rounds);
#define ROW(name)     {#name, "build/bench/programs/" #name ".elf", program_run_##name},
#define PROGRAMS(X)   X(mix) X(crc) X(sieve) X(memcpy)
PROGRAMS(DECLARE)
const struct bench_program bench_programs[BENCH_PROGRAMS] = {PROGRAMS(ROW)};

_Noreturn __attribute__((format(printf, 1, 2))) static void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static void load(struct semo_machine *m, const char *path)
{
    static uint8_t elf[0x20000];
    FILE *file = fopen(path, "rb");
    if (!file)
        fail("%s: not there", path);
    size_t len = fread(elf, 1, sizeof elf, file);
    fclose(file);
    const char *why;
    if (semo_machine_load_elf(m, elf, len, &why) != SEMO_OK)
        fail("%s: %s", path, why);
}

struct semo_machine *bench_program_load(const struct bench_program *p, enum bench_start start,
                                        uint16_t rounds)
{
    struct semo_machine_config config = {
        .profile = SEMO_HARDENED, .security = 128, .stop_at_cpuoff = true};
    struct semo_machine *m = semo_machine_new(&config);
    uint16_t vector = (uint16_t)start;
    if (!m)
        fail("no memory");
    load(m, p->elf);
    if (rounds)
        semo_machine_poke(m, PROGRAM_ROUNDS, &rounds, sizeof rounds);
    semo_machine_poke(m, 0xFFFE, &vector, sizeof vector);
    return m;
}

uint16_t bench_program_rounds(const struct semo_machine *m)
{
    uint16_t rounds;
    semo_machine_peek(m, PROGRAM_ROUNDS, &rounds, sizeof rounds);
    return rounds;
}

void bench_program_run(struct semo_machine *m)
{
    if (semo_machine_run(m, UINT64_C(10000000000)) != SEMO_STOP_CPUOFF)
        fail("a program did not end: PC %04X", semo_machine_register(m, 0));
}

void bench_program_check(const struct bench_program *p, const struct semo_machine *m)
{
    uint16_t got = semo_machine_register(m, 12), right = p->on_host(bench_program_rounds(m));
    if (semo_machine_violations(m))
        fail("%s: violated", p->name);
    if (got != right)
        fail("%s: result %04X, not %04X", p->name, got, right);
}
