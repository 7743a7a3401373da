/* SPDX-License-Identifier: Apache-2.0 */
/* The 64-bit cycle counter: any write takes a snapshot, reads return it. */
#ifndef SANCUS_SUPPORT_TSC_H
#define SANCUS_SUPPORT_TSC_H

#include <stdint.h>

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

#endif
