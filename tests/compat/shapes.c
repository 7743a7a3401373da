/* SPDX-License-Identifier: Apache-2.0 */
/* Calls out with arguments of every shape: the words of the prototype leave, nothing else does. */
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <stdint.h>
#include <stdio.h>

DECLARE_SM(talker, 0x1234);

unsigned registers[16];

/* What every register holds when a function outside is reached. */
#define SPY(name)                                                                                  \
    __attribute__((naked)) void name##_spy(void)                                                   \
    {                                                                                              \
        asm("mov r4, &registers+8\n\tmov r5, &registers+10\n\tmov r6, &registers+12\n\t"           \
            "mov r7, &registers+14\n\tmov r8, &registers+16\n\tmov r9, &registers+18\n\t"          \
            "mov r10, &registers+20\n\tmov r11, &registers+22\n\tmov r12, &registers+24\n\t"       \
            "mov r13, &registers+26\n\tmov r14, &registers+28\n\tmov r15, &registers+30\n\tret");  \
    }                                                                                              \
    asm(".globl " #name "\n\t.set " #name ", " #name "_spy");
SPY(none)
SPY(one)
SPY(two)
SPY(three)
SPY(four)
SPY(wide)
SPY(mixed)
SPY(pair)
SPY(pointers)
SPY(bytes)

void none(void);
void one(int a);
void two(int a, int b);
void three(int a, int b, int c);
void four(int a, int b, int c, int d);
void wide(int32_t a);
void mixed(int a, int32_t b, char c);
void pair(int32_t a, uint32_t b);
void pointers(const char *a, void *b, int (*c)(void));
uint8_t bytes(uint8_t a, int8_t b);

static unsigned SM_DATA(talker) secret[8] = {0xDEAD, 0xBEEF, 0xFACE, 0xF00D,
                                             0xC0DE, 0xFEED, 0xABBA, 0xCAFE};

int SM_ENTRY(talker) talk(unsigned shape)
{
    unsigned a = secret[0], b = secret[1], c = secret[2], d = secret[3], sum = 0;
    for (unsigned i = 0; i < 8; i++)
        sum += secret[i] * (a ^ b ^ c ^ d);
    switch (shape) {
    case 0:
        none();
        break;
    case 1:
        one(0x1001);
        break;
    case 2:
        two(0x1001, 0x1002);
        break;
    case 3:
        three(0x1001, 0x1002, 0x1003);
        break;
    case 4:
        four(0x1001, 0x1002, 0x1003, 0x1004);
        break;
    case 5:
        wide(0x10021001);
        break;
    case 6:
        mixed(0x1001, 0x10031002, 'x');
        break;
    case 7:
        pair(-2, 0x10041003);
        break;
    case 8:
        pointers("public", (void *)0x1002, (int (*)(void))0x1003);
        break;
    case 9:
        bytes(0x101, -1);
        break;
    }
    for (unsigned i = 0; i < 8; i++)
        sum -= secret[i] * (a ^ b ^ c ^ d);
    return sum;
}

int main(void)
{
    sancus_enable(&talker);
    for (unsigned shape = 0; shape < 10; shape++) {
        int kept = talk(shape);
        printf("%u: %d |", shape, kept);
        for (unsigned i = 12; i < 16; i++)
            if (shape == 8 && i == 12)
                printf(" %s", (const char *)registers[i]);
            else
                printf(" %04x", registers[i]);
        printf(" |");
        for (unsigned i = 4; i < 12; i++) /* r6 is the function, r4 the interrupts, r8 spent */
            if (i != 6 && i != 8)
                printf(" %x", registers[i] == (unsigned)talker.public_start ? 0 : registers[i]);
        printf("\n");
    }
    return 0;
}
