/* SPDX-License-Identifier: Apache-2.0 */
#include <sancus/sm_support.h>
#include <sancus/reactive.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMNAME   fan
#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

DECLARE_SM(SMNAME, 0x1234);

static uint16_t SM_DATA(SMNAME) last[4];
static unsigned long SM_DATA(SMNAME) sum;
static int SM_DATA(SMNAME) count, speed = 1;

SM_OUTPUT(SMNAME, blows);

static uint32_t mean(uint32_t of, uint32_t among)
{
    return among ? of / among : 0;
}

void SM_FUNC(SMNAME) turn(int faster)
{
    speed += faster;
    blows(&speed, sizeof(uint16_t));
}

SM_INPUT(SMNAME, warmth, data, len)
{
    uint16_t now;
    if (len != 2) {
        puts("fan: " TEXT(SMNAME) " wants two bytes");
        return;
    }
    memcpy(&now, data, 2);
    data[0] = 0;
    memmove(last + 1, last, sizeof last - sizeof *last);
    last[0] = now;
    sum += now;
    count++;
    printf("%4u|%-4u|%04x|%lu", now, now, now, mean(sum, count));
    if (memcmp(last, last + 1, sizeof *last))
        turn(now > last[1] ? 1 : -1);
}

void SM_ENTRY(SMNAME) report(void)
{
    for (int i = 0; i < 4; i++)
        printf("%X ", last[i]);
    putchar('\n');
    printf("%c%.4s%%%5d|%p|%ld|%.3u|%*x|%06d|%-+4i|%3c|\n\n", 'v', "alue or more", -count,
           (void *)0x2A, -(long)sum, 7u, 4, 0xABu, -12, 5, '=');
    printf("%s", strlen(TEXT(SMNAME)) == 3 && atoi("-12") == -abs(12) ? "ends here" : "wrong");
}

int SM_ENTRY(SMNAME) chatter(void)
{
    for (unsigned i = 0; i < 50; i++)
        printf("%u.123456789\n", i);
    return 5;
}
