/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the published headers that no other program here uses, and an interrupt function by
 * hand. */
#include <alloca.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <legacymsp430.h>
#include <msp430f1121.h>
#include <string.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>
#include <sancus_support/uart.h>

#if SANCUS_SECURITY / 8 != SANCUS_TAG_SIZE || __clang_major__ >= 5
#error not as the published tool chain has it
#endif

DECLARE_SM(first, 0x1234);
DECLARE_SM(second, 0x1234);

static int SM_DATA(first) secret;

int SM_ENTRY(first) first_case(int c, int up)
{
    if (!isalpha(c))
        return -EINVAL;
    char *room = alloca(2);
    room[0] = (char)(up ? toupper(c) : tolower(c));
    return room[0];
}

int SM_ENTRY(first) first_compare(const uint8_t *a, const uint8_t *b, unsigned len)
{
    return constant_time_cmp(a, b, len);
}

/* Bits: what is wrong about a buffer. */
int SM_ENTRY(first) first_sees(char *p, size_t len)
{
    return !sancus_is_outside_sm(first, p, len) | !is_buffer_outside_region(p, p, p, len) << 1 |
           !is_buffer_outside_region(p, p + 4, p + 3, 1) << 2;
}

void SM_FUNC(second) second_handles(void)
{
    pr_info("a violation\n");
    FINISH();
}

/* The first instruction of a handler by hand: `br` to a function of the module. */
void SM_FUNC(second) __attribute__((naked)) __sm_second_isr_func(void)
{
    asm("br %0" : : "i"(second_handles));
}
SM_HANDLE_IRQ(second, SM_VECTOR / 2);

volatile int ticks;
void tick(void)
{
    timer_disable();
    ticks++;
}

interrupt(TIMER_IRQ_VECTOR) __attribute__((naked)) by_hand(void)
{
    asm("cmp #0, r1\n\t"
        "jne 1f\n\t"
        "mov &__isr_sp, r1\n\t"
        "1: push r12\n\t"
        "push r13\n\t"
        "push r14\n\t"
        "push r15\n\t"
        "call #tick\n\t"
        "pop r15\n\t"
        "pop r14\n\t"
        "pop r13\n\t"
        "pop r12\n\t"
        "reti");
}

/* The program's own; it uses the port as the published one does. */
int putchar(int c)
{
    uart_write_byte((unsigned char)c);
    return c;
}

int main()
{
    uint8_t a[5] = "same", b[5] = "same";
    msp430_io_init();
    assert(__isr_sp == &__isr_stack[ISR_STACK_SIZE - 1]);
    sancus_enable(&first);
    sancus_enable(&second);
    printf("%c%c %d\n", first_case('a', 1), first_case('Q', 0), first_case('7', 0) + EINVAL);
    b[4] = 1;
    printf("compared %d %d\n", first_compare(a, b, 4), first_compare(a, b, 5));
    printf("buffers %d %d %d %d\n", first_sees((char *)a, 4), first_sees((char *)0xFFFE, 2),
           first_sees((char *)0xFFFE, 3), first_sees((char *)&secret - 3, 4));
    printf("[%#x|%#o|%+d|% d|%*d|%-*s|%.*s|%#06x|%08lx]\n", 0xBEEF, 8, 5, 5, 4, 7, 4, "ab", 2,
           "xyz", 0x2A, 0x12345678ul);
    printf("[%llu|%lld|%" PRIx64 "|%" PRIu32 "|%5.3d|%-6x|%06d]\n", 18446744073709551615ull,
           -9223372036854775807ll, (uint64_t)0x123456789ABCDEF0, (uint32_t)4000000000, 7, 0xAB,
           -42);
    dump_buf(a, 4, "bytes");
    eint();
    timer_irq(60);
    while (!ticks)
        ;
    dint();
    printf("ticks %d\n", ticks);
    secret++;
    puts("reached");
}
