/* SPDX-License-Identifier: Apache-2.0 */
/* The 64-bit cycle counter: any write takes a snapshot, reads return it. */
#ifndef SANCUS_SUPPORT_TSC_H
#define SANCUS_SUPPORT_TSC_H

#include <stdint.h>
#include <stdio.h>

typedef uint64_t tsc_t;

#define TSC_BASE 0x0190
#define TSC_SIZE 8
#define TSC_CTL  (*(volatile uint8_t *)TSC_BASE)
#define TSC_VAL  (*(volatile tsc_t *)TSC_BASE)

static inline __attribute__((always_inline)) tsc_t tsc_read(void)
{
    TSC_CTL = 1;
    return TSC_VAL;
}

/* A stopwatch: NAME_get_interval() is the cycles from START to END, without those of measuring. */
#define DECLARE_TSC_TIMER(name)                                                                    \
    static tsc_t name##_start, name##_end;                                                         \
    static inline tsc_t name##_get_interval(void)                                                  \
    {                                                                                              \
        return name##_end - name##_start;                                                          \
    }                                                                                              \
    static inline void name##_print_interval(void)                                                 \
    {                                                                                              \
        printf(#name ": %lu cycles\n", (unsigned long)name##_get_interval());                      \
    }                                                                                              \
    struct sancus_tsc_##name /* takes the semicolon */
#define TSC_TIMER_START(name) (name##_start = tsc_read())
#define TSC_TIMER_END(name)   (name##_end = tsc_read())

#endif
