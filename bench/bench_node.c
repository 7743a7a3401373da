/* SPDX-License-Identifier: Apache-2.0 */
/* What a node costs besides its instructions: its start, its memory, its snapshots, its sleep. CPU
 * time; medians. */
#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <semo/map.h>
#include "bench/measure.h"
#include "bench/programs.h"

#define SAMPLES 31
#define FORKS   1000
#define PAGE    1024

static const struct bench_program *const program = &bench_programs[0];

/* ---- the program ---- */

struct child {
    double cpu, wall; /* seconds */
    double resident;  /* MiB */
};

static void become_node(const char *cycles)
{
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    dup2(null, 2);
    execl("build/bin/semo-mcu", "semo-mcu", "run", program->elf, "--profile", "hardened",
          "--max-cycles", cycles, (char *)NULL);
    _exit(127);
}

/* From fork to exit. */
static struct child run_node(const char *cycles)
{
    struct rusage used;
    int status;
    double begin = measure_clock(CLOCK_MONOTONIC);
    pid_t child = fork();
    if (child == 0)
        become_node(cycles);
    if (child < 0 || wait4(child, &status, 0, &used) != child || WEXITSTATUS(status) == 127) {
        fputs("bench_node: build/bin/semo-mcu does not start\n", stderr);
        exit(1);
    }
    return (struct child){
        .wall = measure_clock(CLOCK_MONOTONIC) - begin,
        .cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6,
        .resident = (double)used.ru_maxrss / 1024,
    };
}

static void start_of_program(void)
{
    double cpu[SAMPLES], wall[SAMPLES];
    for (unsigned i = 0; i < SAMPLES; i++) {
        struct child c = run_node("1");
        cpu[i] = c.cpu;
        wall[i] = c.wall;
    }
    measure_row("semo-mcu, fork to first instruction and exit, CPU",
                1e3 * measure_median(cpu, SAMPLES), "ms", 5);
    measure_row("   the same, elapsed", 1e3 * measure_median(wall, SAMPLES), "ms", 5);
    measure_row("semo-mcu, resident after 10 M cycles of mix", run_node("10000000").resident, "MiB",
                4);
}

/* ---- the library ---- */

static void start_of_library(void)
{
    double seconds[SAMPLES];
    for (unsigned i = 0; i < SAMPLES; i++) {
        double begin = measure_cpu();
        struct semo_machine *m = bench_program_load(program, BENCH_PLAIN, 0);
        if (semo_machine_step(m) != SEMO_STOP_CYCLE)
            abort();
        seconds[i] = measure_cpu() - begin;
        semo_machine_free(m);
    }
    measure_row("library, create, load, first instruction", 1e3 * measure_median(seconds, SAMPLES),
                "ms", 5);
}

/* KiB of this process that are in memory. */
static double resident(void)
{
    unsigned long total, pages;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu %lu", &total, &pages) != 2)
        abort();
    fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

/* Something else each time. */
static void write_pages(struct semo_machine *m, uint16_t from, unsigned pages)
{
    static uint32_t written;
    for (unsigned i = 0; i < pages; i++, written++)
        semo_machine_poke(m, (uint16_t)(from + i * PAGE), &written, sizeof written);
}

/* A fork that ran a while and wrote the rest of its RAM, or neither, and wrote program pages. */
static struct semo_machine *further(struct semo_machine *first, uint64_t cycles,
                                    unsigned program_pages)
{
    struct semo_machine *m = semo_machine_fork(first);
    if (!m)
        abort();
    if (cycles) {
        write_pages(m, PROGRAM_STACK, (SEMO_DATA_END - PROGRAM_STACK) / PAGE);
        semo_machine_run(m, semo_machine_cycle(m) + cycles);
    }
    write_pages(m, 0x8000, program_pages);
    return m;
}

/* KiB of each of many. As many have come and gone before, so that what they share (a bounded cache
 * of decoded code) is there. */
static double fork_cost(uint64_t cycles, unsigned program_pages)
{
    static struct semo_machine *forks[FORKS];
    struct semo_machine *first = bench_program_load(program, BENCH_PLAIN, 0);
    semo_machine_run(first, 100000);
    for (unsigned i = 0; i < FORKS; i++)
        semo_machine_free(further(first, cycles, program_pages));
    malloc_trim(0);
    double before = resident();
    for (unsigned i = 0; i < FORKS; i++)
        forks[i] = further(first, cycles, program_pages);
    double cost = (resident() - before) / FORKS;
    for (unsigned i = 0; i < FORKS; i++)
        semo_machine_free(forks[i]);
    semo_machine_free(first);
    return cost;
}

static void further_nodes(void)
{
    const double ram = (SEMO_DATA_END - SEMO_DATA_START) / 1024.0, budget = ram + 1;
    measure_row("a further node, forked (mean of 1,000)", fork_cost(0, 0), "KiB", budget);
    measure_row("   RAM filled, 20,000 cycles of mix", fork_cost(20000, 0), "KiB", budget);
    measure_row("   and 4 pages of program memory written", fork_cost(20000, 4), "KiB", budget + 4);
    measure_row("   and 16 pages", fork_cost(20000, 16), "KiB", budget + 16);
}

/* ---- snapshots ---- */

/* Median seconds of snapshot and of restore. In between the node runs a little and writes 16 pages;
 * it runs on after a restore, so that what that leaves for later counts. */
static void time_snapshots(struct semo_machine *m, uint16_t from, double *save, double *restore)
{
    double saves[SAMPLES], restores[SAMPLES];
    void *buffer = malloc(semo_machine_snapshot_size(m));
    for (unsigned i = 0; i < SAMPLES; i++) {
        double begin = measure_cpu();
        semo_machine_snapshot(m, buffer);
        saves[i] = measure_cpu() - begin;
        semo_machine_run(m, semo_machine_cycle(m) + 1000);
        write_pages(m, from, 16);
        begin = measure_cpu();
        semo_machine_restore(m, buffer);
        semo_machine_run(m, semo_machine_cycle(m) + 100);
        restores[i] = measure_cpu() - begin;
    }
    free(buffer);
    *save = measure_median(saves, SAMPLES);
    *restore = measure_median(restores, SAMPLES);
}

static void snapshots(const char *where, uint16_t from)
{
    struct semo_machine *first = bench_program_load(program, BENCH_PLAIN, 0);
    semo_machine_run(first, 100000);
    struct semo_machine *m = semo_machine_fork(first);
    double save, restore;
    char what[64];
    if (!m)
        abort();
    write_pages(m, from, 16);
    time_snapshots(m, from, &save, &restore);
    snprintf(what, sizeof what, "snapshot, node that wrote 16 pages of %s", where);
    measure_row(what, 1e6 * save, "us", 20);
    measure_row("   restore and 100 cycles", 1e6 * restore, "us", 20);
    semo_machine_free(m);
    semo_machine_free(first);
}

/* ---- sleep ---- */

/* Seconds to pass so much virtual time asleep. */
static double sleep_cost(uint64_t virtual_seconds)
{
    /* mov #0x5A80, &0x120 (hold the watchdog); bis #0x18, r2; jmp $ */
    static const uint16_t asleep[] = {0x40B2, 0x5A80, 0x0120, 0xD032, 0x0018, 0x3FFF};
    const struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = 128};
    struct semo_machine *m = semo_machine_new(&config);
    const uint16_t vector = 0x5C00;
    double seconds[SAMPLES];
    if (!m)
        abort();
    semo_machine_poke(m, vector, asleep, sizeof asleep);
    semo_machine_poke(m, 0xFFFE, &vector, sizeof vector);
    semo_machine_run(m, 1000);
    for (unsigned i = 0; i < SAMPLES; i++) {
        double begin = measure_cpu();
        semo_machine_run(m, semo_machine_cycle(m) + virtual_seconds * SEMO_CLOCK_HZ);
        seconds[i] = measure_cpu() - begin;
    }
    semo_machine_free(m);
    return measure_median(seconds, SAMPLES);
}

static void sleep_of_nodes(void)
{
    double brief = sleep_cost(1), lengthy = sleep_cost(1000);
    measure_row("asleep for 1 s of virtual time", 1e6 * brief, "us", 20);
    measure_row("asleep for 1,000 s (twice that of 1 s is the budget)", 1e6 * lengthy, "us",
                2e6 * brief);
}

int main(void)
{
    printf("%-58s %10s %-4s %10s\n", "one node", "measured", "", "budget");
    start_of_program();
    start_of_library();
    further_nodes();
    snapshots("RAM", SEMO_DATA_START);
    snapshots("program", 0x8000);
    sleep_of_nodes();
    return 0;
}
