/* SPDX-License-Identifier: Apache-2.0 */
/* <sancus_support/sm_io.h> in a deployed module: unauthenticated lines, as printf. */
#ifndef SANCUS_DEPLOYED_IO_H
#define SANCUS_DEPLOYED_IO_H
#define SANCUS_SUPPORT_SM_IO_H

#include <sancus/deployed.h>
#include <stdio.h>

#define printf0(text)            printf("%s", text)
#define printf1(format, a)       printf(format, a)
#define printf2(format, a, b)    printf(format, a, b)
#define printf3(format, a, b, c) printf(format, a, b, c)

#define pr_info(text)           printf("[%s] %s\n", __FILE_NAME__, text)
#define pr_info1(text, a)       printf("[" __FILE_NAME__ "] " text, a)
#define pr_info2(text, a, b)    printf("[" __FILE_NAME__ "] " text, a, b)
#define pr_info3(text, a, b, c) printf("[" __FILE_NAME__ "] " text, a, b, c)

#define EXIT()   SEMO_PROGRAMS_HAVE("EXIT")
#define FINISH() SEMO_PROGRAMS_HAVE("FINISH")

static inline void dump_buf(const void *buffer, int size, const char *label)
{
    printf("%s (%d bits) is: ", label, size * 8);
    for (int i = 0; i < size; i++)
        printf("%02x", ((const unsigned char *)buffer)[i]);
    putchar('\n');
}

#endif
