/* SPDX-License-Identifier: Apache-2.0 */
/* Memory operands of inline assembly: at a fixed address, with a name, on the stack, through a
 * pointer; with & in front of them and without, in a module and outside. */
#include <msp430.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

DECLARE_SM(adder, 0x1234);

int list[3] = {1, 20, 300};
struct {
    char first;
    int second;
} pair = {1, 4000};
int count;
static int SM_DATA(adder) own[2];

#define SUM(name, table)                                                                           \
    {                                                                                              \
        int result, local = n;                                                                     \
        asm("mov %1, r15\n\t"                                                                      \
            "add %2, r15 ; a comment, (in brackets)\n\t"                                           \
            "add &%3, r15\n\t"                                                                     \
            "add %4, r15\n\t"                                                                      \
            "mov r15, %0\n\t"                                                                      \
            "inc %5"                                                                               \
            : "=m"(result)                                                                         \
            : "m"(local), "m"(table[1]), "m"(pair.second), "m"(list[2]), "m"(count)                \
            : "r15");                                                                              \
        return result;                                                                             \
    }

int outside(int n) SUM(outside, list) int SM_ENTRY(adder) inside(int n) SUM(inside, own)

    int SM_ENTRY(adder) set(int n)
{
    asm("mov %0, %1" ::"r"(n), "m"(own[1]));
    return own[1];
}

unsigned timer(int with)
{
    unsigned now;
    TACCR1 = 0x1234;
    if (with)
        asm("mov &%1, %0" : "=r"(now) : "m"(TACCR1));
    else
        asm("mov %1, %0" : "=r"(now) : "m"(TACCR1));
    return now;
}

int through(const int *p)
{
    int result;
    asm("mov %1, %0\n\t"
        "add #%2, %0"
        : "=&r"(result)
        : "m"(p[2]), "i"(40));
    return result;
}

/* As for msp430-gcc: @(register), labels with names of their own. */
int SM_ENTRY(adder) differs(const char *a, const char *b)
{
    int result;
    asm("mov #0, r7\n\t"
        "compare: tst.b @(%1) ; the end?\n\t"
        "jz compared\n\t"
        "cmp.b @(%1), @(%2)\n\t"
        "jeq next // the same\n\t"
        "inc r7\n\t"
        "next: INC %1\n\t"
        "inc %2 /* both, *a and *b */\n\t"
        "jmp compare\n\t"
        "compared: mov r7, %0"
        : "=r"(result), "+r"(a), "+r"(b)
        :
        : "r7");
    return result;
}

/* What the assembler of the compiler lacks. */
unsigned copied[4];
int SM_ENTRY(adder) copies(const unsigned *from)
{
    asm("mov @%0+, &copied\n\t"
        "push @%0\n\t"
        "push @%0+\n\t"
        "pop 2(%1)\n\t"
        "pop r14\n\t"
        "xor @%0+, 2(%1)\n\t"
        "push r14\n\t"
        "pop copied+4\n\t"
        "mov.b @%0+, 6(%1)\n\t"
        "add.b @%0+, &copied+6"
        : "+r"(from)
        : "r"(copied)
        : "r14", "memory");
    return (int)copied[3];
}

int main()
{
    sancus_enable(&adder);
    printf("%d %d\n", set(50000), outside(5));
    printf("%d %d\n", inside(6), count);
    printf("%d\n", differs("published", "polished "));
    const unsigned some[] = {0x1111, 0x2222, 0x0F0F, 0x5A01};
    printf("%x", (unsigned)copies(some));
    for (unsigned i = 0; i < 4; i++)
        printf(" %x", copied[i]);
    puts("");
    printf("%x %x %d\n", timer(0), timer(1), through(list));
}
