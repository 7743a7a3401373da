/* SPDX-License-Identifier: Apache-2.0 */
/* What the benches share: CPU time, medians, and a row with its budget. */
#ifndef SEMO_BENCH_MEASURE_H
#define SEMO_BENCH_MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double measure_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds of CPU time of this process. */
static inline double measure_cpu(void)
{
    return measure_clock(CLOCK_PROCESS_CPUTIME_ID);
}

static inline int measure_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the samples. */
static inline double measure_median(double *samples, size_t count)
{
    qsort(samples, count, sizeof *samples, measure_ascending);
    return samples[count / 2];
}

static inline void measure_row(const char *what, double value, const char *unit, double budget)
{
    printf("%-58s %10.2f %-4s %10.2f  %s\n", what, value, unit, budget,
           value <= budget ? "holds" : "OVER");
}

#endif
