/* SPDX-License-Identifier: Apache-2.0 */
/* A stranger in the same program; the file device says which one. Each ends in a violation. */
#include <stdio.h>
#include <sancus_support/fileio.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>

DECLARE_SM(safe, 1);

static unsigned SM_DATA(safe) secret;

static unsigned SM_FUNC(safe) safe_inside(void)
{
    puts("in the middle");
    return secret;
}

void SM_ENTRY(safe) safe_set(unsigned n)
{
    secret = n;
}

unsigned SM_ENTRY(safe) safe_double(void)
{
    return safe_inside() * 2;
}

unsigned SM_ENTRY(safe) safe_spin(void)
{
    for (volatile unsigned i = 0; i < 1000; i++)
        ;
    return secret;
}

static unsigned SM_FUNC(safe) deep(unsigned n)
{
    volatile unsigned own[8] = {n};
    return n ? deep(n - 1) + own[0] : secret;
}

unsigned SM_ENTRY(safe) safe_deep(unsigned n)
{
    return deep(n);
}

static void on_timer(void)
{
    timer_disable();
    safe_set(1); /* the module lies cut */
}
TIMER_ISR_ENTRY(on_timer)

/* Enters with an index and a return address of its own choice. */
static void __attribute__((naked)) enter(void *entry, unsigned index, void *back)
{
    __asm__ __volatile__("mov r13, r6\n\tmov r14, r7\n\tbr r12");
}

static void back(void)
{
    puts("back");
    EXIT();
}

static void attack(char which, unsigned (*inside)(void))
{
    switch (which) {
    case '1': /* reads private data */
        printf("%x\n", secret);
        break;
    case '2': /* writes it */
        ((volatile unsigned *)safe.secret_end)[-3] = 1;
        break;
    case '3': /* reads text */
        printf("%x\n", *(volatile unsigned *)safe.public_start);
        break;
    case '4': /* jumps into the middle */
        printf("%x\n", inside());
        break;
    case '5': /* an entry that does not exist */
        enter(safe.public_start, 4, back);
        break;
    case '6': /* returns into the module itself */
        enter(safe.public_start, 1, (char *)safe.public_start + 0x20);
        break;
    case '7': /* returns from a call that nobody made */
        enter(safe.public_start, 0xFFFF, back);
        break;
    case '8': /* calls a module that an interrupt has cut */
        timer_irq(2000);
        __eint();
        safe_spin();
        break;
    case '9': /* makes a module's stack overflow */
        safe_deep(60);
        break;
    }
}

int main()
{
    sancus_enable(&safe);
    safe_set(0x1234);
    puts("attack");
    attack((char)fileio_getc(), safe_inside);
    back();
    return 0;
}
