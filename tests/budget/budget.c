/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed work for tests/budget.sh, which counts the instructions of each work_ function, and of no
 * other, under callgrind. No seed, no clock, no file but the images of bench/programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/programs.h"
#include "lib/channel/channel.h"
#include "lib/crypto/aead.h"
#include "node/host/slip.h"

#define WORK __attribute__((noinline, noclone)) void

static struct semo_machine *machine;
static void *snapshot;

/* ---- the machine ---- */

#define WORK_RUN(name)                                                                             \
    WORK work_run_##name(void);                                                                    \
    WORK work_run_##name(void)                                                                     \
    {                                                                                              \
        bench_program_run(machine);                                                                \
    }
WORK_RUN(mix)
WORK_RUN(crc)
WORK_RUN(sieve)
WORK_RUN(memcpy)
WORK_RUN(mix_in_module)

WORK work_exact_steps(void);
WORK work_exact_steps(void)
{
    for (unsigned i = 0; i < 20000; i++)
        semo_machine_step(machine);
}

WORK work_enable_module(void);
WORK work_enable_module(void)
{
    while (!semo_machine_module_at(machine, PROGRAM_TEXT))
        semo_machine_step(machine);
}

WORK work_snapshots(void);
WORK work_snapshots(void)
{
    for (unsigned i = 0; i < 50; i++)
        semo_machine_snapshot(machine, snapshot);
}

WORK work_restores(void);
WORK work_restores(void)
{
    for (unsigned i = 0; i < 50; i++) {
        semo_machine_restore(machine, snapshot);
        semo_machine_run(machine, semo_machine_cycle(machine) + 100);
    }
}

static void finish(const struct bench_program *p)
{
    bench_program_check(p, machine);
    semo_machine_free(machine);
}

static void run_programs(void)
{
    static const struct {
        uint16_t rounds;
        void (*work)(void);
    } runs[BENCH_PROGRAMS] = {
        {10, work_run_mix}, {30, work_run_crc}, {10, work_run_sieve}, {100, work_run_memcpy}};
    for (unsigned i = 0; i < BENCH_PROGRAMS; i++) {
        machine = bench_program_load(&bench_programs[i], BENCH_PLAIN, runs[i].rounds);
        runs[i].work();
        finish(&bench_programs[i]);
    }
}

static void run_as_module(void)
{
    machine = bench_program_load(&bench_programs[0], BENCH_INSIDE, 10);
    work_enable_module();
    work_run_mix_in_module();
    finish(&bench_programs[0]);
}

static void go_back_and_forth(void)
{
    machine = bench_program_load(&bench_programs[0], BENCH_PLAIN, 10);
    work_exact_steps();
    snapshot = malloc(semo_machine_snapshot_size(machine));
    if (!snapshot)
        abort();
    work_snapshots();
    work_restores();
    bench_program_run(machine);
    finish(&bench_programs[0]);
    free(snapshot);
}

/* ---- crypto, channel, frames ---- */

static uint8_t body[64], out[64], tag[16];

static void wrap(unsigned security)
{
    static const uint8_t key[16] = {1, 2, 3}, ad[10] = {4};
    struct semo_aead a;
    semo_aead_key(&a, security, key);
    semo_aead_wrap(&a, ad, sizeof ad, body, sizeof body, out, tag);
}

WORK work_wrap_64(void);
WORK work_wrap_64(void)
{
    wrap(64);
}

WORK work_wrap_128(void);
WORK work_wrap_128(void)
{
    wrap(128);
}

static struct semo_channel sender = {.connection = 1}, receiver = {.connection = 1};
static _Alignas(2) uint8_t sealed[SEMO_SEALED_LEN(sizeof body)];

WORK work_channel_seal(void);
WORK work_channel_seal(void)
{
    if (semo_channel_seal(&sender, 0, body, sizeof body, sealed) != SEMO_OK)
        abort();
}

WORK work_channel_open(void);
WORK work_channel_open(void)
{
    unsigned len;
    if (semo_channel_open(&receiver, sealed, sizeof sealed, out, sizeof out, &len) != SEMO_OK)
        abort();
}

static uint8_t coded[SEMO_SLIP_MAX];
static unsigned coded_len;

WORK work_frame_decode(void);
WORK work_frame_decode(void)
{
    static struct semo_slip line;
    unsigned frames = 0;
    for (unsigned i = 0; i < coded_len; i++)
        frames += semo_slip_take(&line, coded[i]) == SEMO_SLIP_FRAME;
    if (frames != 1)
        abort();
}

static void receive_frame(void)
{
    static uint8_t frame[SEMO_FRAME_MAX];
    for (unsigned i = 0; i < sizeof frame; i++)
        frame[i] = (uint8_t)i;
    coded_len = semo_slip_encode(frame, sizeof frame, coded);
    work_frame_decode();
}

int main(void)
{
    go_back_and_forth();
    run_programs();
    run_as_module();
    work_wrap_64();
    work_wrap_128();
    work_channel_seal();
    work_channel_open();
    receive_frame();
    return 0;
}
