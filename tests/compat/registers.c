/* SPDX-License-Identifier: Apache-2.0 */
/* Drivers whose assembly has the registers of the published compiler (first argument and result in
 * r15), and such with those of this one (r12), over the LED digits. */
#include <stdint.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

#define DIGIT(n) (*(volatile uint8_t *)(0x90 + (n)))

DECLARE_MMIO_SM(digits, 0x90, 0x98, 0x1234);

void SM_MMIO_ENTRY(digits) digits_clear(void)
{
    asm("clr.b &%0" ::"m"(DIGIT(0)));
}

uint8_t SM_MMIO_ENTRY(digits) digits_first(void)
{
    asm("mov.b &%0, r15" ::"m"(DIGIT(0)));
}

uint8_t SM_MMIO_ENTRY(digits) digits_sum(void)
{
    asm("clr r15\n\t"
        "mov #8, r14\n\t"
        "1: mov.b 0x8f(r14), r12\n\t"
        "add r12, r15\n\t"
        "dec r14\n\t"
        "jnz 1b\n\t"
        "and #0xff, r15");
}

uint8_t SM_MMIO_ENTRY(digits) digits_get(unsigned number)
{
    asm("mov.b 0x90(r15), r15");
}

void SM_MMIO_ENTRY(digits) digits_set(unsigned number, uint8_t value)
{
    asm("mov.b r14, 0x90(r15)");
}

uint8_t SM_MMIO_ENTRY(digits) digits_swap(unsigned number, uint8_t value, uint8_t mask)
{
    asm("and.b r13, r14\n\t"
        "mov.b 0x90(r15), r12\n\t"
        "mov.b r14, 0x90(r15)\n\t"
        "mov.b r12, r15");
}

void SM_MMIO_ENTRY(digits) digits_all(unsigned a, unsigned b, unsigned c, unsigned d)
{
    asm("mov.b r15, %0\n\tswpb r15\n\tmov.b r15, %1\n\t"
        "mov.b r14, %2\n\tswpb r14\n\tmov.b r14, %3\n\t"
        "mov.b r13, %4\n\tswpb r13\n\tmov.b r13, %5\n\t"
        "mov.b r12, %6\n\tswpb r12\n\tmov.b r12, %7" ::"m"(DIGIT(0)),
        "m"(DIGIT(1)), "m"(DIGIT(2)), "m"(DIGIT(3)), "m"(DIGIT(4)), "m"(DIGIT(5)), "m"(DIGIT(6)),
        "m"(DIGIT(7)));
}

uint8_t SM_MMIO_ENTRY(digits) digits_from_start(unsigned number)
{
    asm("add (%0), r15\n\t"
        "mov.b 0(r15), r15" ::"m"(digits.secret_start));
}

unsigned long SM_MMIO_ENTRY(digits) digits_wide(void)
{
    asm("mov &0x90, r14\n\tmov &0x92, r15");
}

/* The same with the registers of this compiler; r15 is for what is in between. */
uint8_t SM_MMIO_ENTRY(digits) digits_new_get(unsigned number)
{
    asm("mov.b 0x90(r12), r15\n\tmov r15, r12");
}

uint8_t SM_MMIO_ENTRY(digits) digits_new_first(void)
{
    asm("mov.b &0x90, r15\n\tmov.b r15, r12");
}

void SM_MMIO_ENTRY(digits) digits_new_three(uint8_t a, uint8_t b, uint8_t c)
{
    asm("mov.b r12, &0x90\n\tmov.b r13, &0x91\n\tmov.b r14, &0x92");
}

int main()
{
    sancus_enable(&digits);
    digits_all(0x0201, 0x0403, 0x0605, 0x0807);
    for (unsigned i = 0; i < 8; i++)
        printf("%d%d ", digits_get(i), digits_new_get(i));
    printf("\nsum %d wide %08lx\n", digits_sum(), digits_wide());
    digits_set(3, 0x5A);
    printf("swapped %x %x\n", digits_swap(3, 0xFF, 0x3C), digits_from_start(3));
    digits_new_three(9, 8, 7);
    printf("first %d %d\n", digits_first(), digits_new_first());
    digits_clear();
    printf("cleared %d, then %d %d\n", digits_first(), digits_get(1), digits_get(2));
}
