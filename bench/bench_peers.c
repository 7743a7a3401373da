/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated microcontroller beside mspdebug's simulator on the four programs: CPU time, medians
 * of rounds in which all take turns. Ours is the hardened machine, checks and cycle counting on:
 * once outside of modules, once with the program as an enabled module and its RAM private. */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/measure.h"
#include "bench/programs.h"

#define ROUNDS 5

enum { PLAIN, INSIDE, MSPDEBUG, CANDIDATES };

struct figures {
    uint64_t instructions, cycles;
    double seconds[CANDIDATES][ROUNDS];
    double speed[CANDIDATES]; /* M instructions a second */
};

/* ---- ours ---- */

static double time_own(const struct bench_program *p, enum bench_start start)
{
    double begin = measure_cpu();
    struct semo_machine *m = bench_program_load(p, start, 0);
    bench_program_run(m);
    double seconds = measure_cpu() - begin;
    bench_program_check(p, m);
    semo_machine_free(m);
    return seconds;
}

/* One exact step after the other; the fast run must take the same cycles. */
static void count(const struct bench_program *p, struct figures *f)
{
    struct semo_machine *exact = bench_program_load(p, BENCH_PLAIN, 0);
    struct semo_machine *fast = bench_program_load(p, BENCH_PLAIN, 0);
    while (semo_machine_step(exact) == SEMO_STOP_CYCLE)
        f->instructions++;
    bench_program_run(exact); /* from CPUOFF to the end */
    bench_program_check(p, exact);
    bench_program_run(fast);
    f->cycles = semo_machine_cycle(fast);
    if (semo_machine_cycle(exact) != f->cycles) {
        fprintf(stderr, "bench_peers: %s: exact %" PRIu64 " cycles, fast %" PRIu64 "\n", p->name,
                semo_machine_cycle(exact), f->cycles);
        exit(1);
    }
    semo_machine_free(exact);
    semo_machine_free(fast);
}

/* ---- mspdebug ---- */

static void become_mspdebug(const struct bench_program *p, int out)
{
    char prog[96], stop[32];
    snprintf(prog, sizeof prog, "prog %s", p->elf);
    snprintf(stop, sizeof stop, "setbreak 0x%x", PROGRAM_AFTER);
    dup2(out, 1);
    dup2(out, 2);
    execlp("mspdebug", "mspdebug", "-q", "sim", prog, stop, "run", (char *)NULL);
    _exit(127);
}

/* Its whole output, as one string. */
static void read_all(int from, char *text, size_t room)
{
    size_t len = 0;
    for (ssize_t n; len + 1 < room && (n = read(from, text + len, room - 1 - len)) > 0;)
        len += (size_t)n;
    text[len] = 0;
}

/* Seconds of CPU time of the child; negative: there is no mspdebug. */
static double time_mspdebug(const struct bench_program *p, uint16_t right)
{
    static char text[65536];
    struct rusage used;
    int ends[2], status;
    unsigned result = 0;
    if (pipe(ends) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0)
        become_mspdebug(p, ends[1]);
    close(ends[1]);
    read_all(ends[0], text, sizeof text);
    close(ends[0]);
    if (child < 0 || wait4(child, &status, 0, &used) != child || WEXITSTATUS(status) == 127)
        return -1;
    const char *r12 = strstr(text, "R12:");
    if (!r12 || sscanf(r12, "R12: %x", &result) != 1 || result != right) {
        fprintf(stderr, "bench_peers: %s: mspdebug has %04X, not %04X\n", p->name, result, right);
        exit(1);
    }
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* ---- the table ---- */

static void take_turns(const struct bench_program *p, struct figures *f)
{
    struct semo_machine *m = bench_program_load(p, BENCH_PLAIN, 0);
    uint16_t right = p->on_host(bench_program_rounds(m));
    semo_machine_free(m);
    for (unsigned round = 0; round < ROUNDS; round++) {
        f->seconds[PLAIN][round] = time_own(p, BENCH_PLAIN);
        f->seconds[MSPDEBUG][round] = time_mspdebug(p, right);
        f->seconds[INSIDE][round] = time_own(p, BENCH_INSIDE);
    }
    for (unsigned c = 0; c < CANDIDATES; c++)
        f->speed[c] = (double)f->instructions / measure_median(f->seconds[c], ROUNDS) / 1e6;
}

static void print_figures(const struct bench_program *p, const struct figures *f)
{
    printf("%-8s %10.2f %10.2f %10.1f %10.1f", p->name, (double)f->instructions / 1e6,
           (double)f->cycles / 1e6, f->speed[PLAIN], f->speed[INSIDE]);
    if (f->speed[MSPDEBUG] < 0)
        puts("    skipped");
    else
        printf(" %10.1f %9.1fx %9.1fx\n", f->speed[MSPDEBUG], f->speed[PLAIN] / f->speed[MSPDEBUG],
               f->speed[INSIDE] / f->speed[MSPDEBUG]);
}

static double mean(const struct figures *all, int of, int over)
{
    double sum = 0;
    for (unsigned i = 0; i < BENCH_PROGRAMS; i++)
        sum += log(all[i].speed[of] / (over < 0 ? 1 : all[i].speed[over]));
    return exp(sum / BENCH_PROGRAMS);
}

static void print_means(const struct figures *all)
{
    double plain = mean(all, PLAIN, -1), inside = mean(all, INSIDE, -1);
    printf("%-8s %10s %10s %10.1f %10.1f", "mean", "", "", plain, inside);
    if (all[0].speed[MSPDEBUG] < 0) {
        puts("    skipped: mspdebug is not installed");
    } else {
        double ratio = mean(all, PLAIN, MSPDEBUG);
        printf(" %10.1f %9.1fx %9.1fx\n", mean(all, MSPDEBUG, -1), ratio,
               mean(all, INSIDE, MSPDEBUG));
        printf("over mspdebug: %.1fx; goal at least 12x: %s; aim 20x: %s\n", ratio,
               ratio >= 12 ? "holds" : "MISSED", ratio >= 20 ? "holds" : "not reached");
    }
    printf("over MSPSim's published 55 to 59 M insn/s (another run, another day): %.1fx to %.1fx; "
           "aim 10x\n",
           plain / 59, plain / 55);
    printf("protection, program and RAM inside a module: %+.1f %% time\n",
           100 * (plain / inside - 1));
}

int main(void)
{
    static struct figures all[BENCH_PROGRAMS];
    puts("CPU time, median of 5; M insn/s of the hardened machine, the same as a module, mspdebug");
    printf("%-8s %10s %10s %10s %10s %10s %10s %10s\n", "program", "M insn", "M cycles", "semo",
           "in module", "mspdebug", "ratio", "in module");
    for (unsigned i = 0; i < BENCH_PROGRAMS; i++) {
        count(&bench_programs[i], &all[i]);
        take_turns(&bench_programs[i], &all[i]);
        print_figures(&bench_programs[i], &all[i]);
        fflush(stdout);
    }
    puts("every result (r12) is that of the same source on the host");
    print_means(all);
    return 0;
}
