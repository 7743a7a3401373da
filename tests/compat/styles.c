/* SPDX-License-Identifier: Apache-2.0 */
/* The same annotations in every place and by every kind of macro. */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <stdint.h>
#include <stdio.h>

#define NAME_(a, b) a##b
#define NAME(a, b)  NAME_(a, b)
#define PREFIX      unit
#define MODULE      NAME(PREFIX, _seven)
#define VENDOR      0x1234
#define PUBLIC      SM_ENTRY(MODULE)
#define PRIVATE     SM_FUNC(MODULE)
#define STATE       SM_DATA(MODULE)

#ifndef PAYLOAD
#define PAYLOAD uint32_t
#endif

DECLARE_SM(unit_seven, VENDOR);
extern struct SancusModule unit_seven;

STATE static PAYLOAD a;
static STATE PAYLOAD b;
static PAYLOAD STATE c;
PAYLOAD STATE d = 4;
volatile unsigned char STATE flags;
struct pair {
    PAYLOAD left, right;
};
static struct pair STATE pair = {.right = 9};
static struct pair STATE *where = &pair;
const PAYLOAD STATE constant = 1000;
STATE const char motto[] = "E pluribus unum";

PRIVATE static PAYLOAD f1(void)
{
    return a;
}
static PRIVATE PAYLOAD f2(void)
{
    return b;
}
static PAYLOAD PRIVATE f3(void)
{
    return c;
}
PAYLOAD PRIVATE f4(void);
PRIVATE PAYLOAD f4(void)
{
    return d;
}

PUBLIC PAYLOAD e1(PAYLOAD n);
PAYLOAD PUBLIC e2(PAYLOAD n);
PUBLIC void e3(void);
extern void PUBLIC e4(char *to, unsigned at);

PAYLOAD e1(PAYLOAD n)
{
    a += n;
    b += a;
    c += b;
    return f1() + f2() + f3() + f4();
}

PAYLOAD e2(PAYLOAD n)
{
    return n * constant + where->right;
}

void e3(void)
{
    flags ^= 0x55;
    where->right += flags;
}

void e4(char *to, unsigned at)
{
    if (sancus_is_outside_sm(MODULE, to, 1) && at < sizeof motto)
        *to = motto[at];
}

SM_OUTPUT(MODULE, changed);
SM_INPUT(MODULE, change, bytes, length)
{
    if (length)
        changed(bytes, length);
}

void reactive_handle_output(conn_index connection, void *data, size_t len)
{
    (void)data;
    printf("%u %u\n", connection, len);
}

int main()
{
    char letter;
    sancus_enable(&unit_seven);
    printf("%ld %ld\n", e1(1), e1(2));
    printf("%ld\n", e2(3));
    e3();
    printf("%ld\n", e2(3));
    for (unsigned i = 0; i < 15; i++) {
        e4(&letter, i);
        putchar(letter);
    }
    printf("\n%d %d\n", SM_GET_INPUT_IDX(MODULE, change), SM_GET_OUTPUT_IDX(MODULE, changed));
    return 0;
}
