/* SPDX-License-Identifier: Apache-2.0 */
/* Printing, for modules and for everybody else: in a module each is an out-call. */
#ifdef SEMO_DEPLOYED
#include <sancus/deployed_io.h> /* instead of all this */
#endif
#ifndef SANCUS_SUPPORT_SM_IO_H
#define SANCUS_SUPPORT_SM_IO_H

#include <sancus/sm_support.h>

void msp430_io_init(void);
void pr_sm_info(struct SancusModule *sm);
int putchar(int c);

/* Ends the run. */
#define FINISH() EXIT()
#define EXIT()                                                                                     \
    do {                                                                                           \
        __asm__ __volatile__("bis #0x10, r2");                                                     \
    } while (1)

#undef __always_inline
#define __always_inline static inline __attribute__((__always_inline__))

#if defined(__SANCUS_IO_QUIET) || defined(__SANCUS_IO_BENCH)
#define puts(s)                       ((void)0)
#define printf0(s)                    ((void)0)
#define printf1(s, a)                 ((void)0)
#define printf2(s, a, b)              ((void)0)
#define printf3(s, a, b, c)           ((void)0)
#define dump_buf(buffer, size, label) ((void)0)
#else
#include <stdio.h>
void printf0(const char *text);
void printf1(const char *format, int a);
void printf2(const char *format, int a, int b);
void printf3(const char *format, int a, int b, int c);

__always_inline void dump_buf(const void *buffer, int size, const char *label)
{
    const unsigned char *bytes = (const unsigned char *)buffer;
    printf2("%s (%d bits) is: ", (int)label, size * 8);
    for (int i = 0; i < size; i++)
        printf1("%02x", bytes[i]);
    puts(" ");
}
#endif

#define INFO_STR(text)          "[" __FILE__ "] " text
#define pr_info(text)           puts(INFO_STR(text))
#define pr_info1(text, a)       printf1(INFO_STR(text), (int)(a))
#define pr_info2(text, a, b)    printf2(INFO_STR(text), (int)(a), (int)(b))
#define pr_info3(text, a, b, c) printf3(INFO_STR(text), (int)(a), (int)(b), (int)(c))

#ifdef __SANCUS_IO_BENCH
#define BUG_ON(condition) ((void)0)
#else
#define BUG_ON(condition)                                                                          \
    do {                                                                                           \
        if (condition) {                                                                           \
            pr_info("assertion failed: " #condition);                                              \
            EXIT();                                                                                \
        }                                                                                          \
    } while (0)
#endif
#define ASSERT(condition) BUG_ON(!(condition))

#endif
