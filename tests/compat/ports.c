/* SPDX-License-Identifier: Apache-2.0 */
/* Two drivers over ports and digits, a module that owns them in turn, and one that may not. */
#include <msp430.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <stdint.h>
#include <stdio.h>

#define DIGITS 0x0090
DECLARE_SM(owner, 0x1234);
DECLARE_EXCLUSIVE_MMIO_SM(digits, DIGITS, DIGITS + 8, 1, 0x1234);
DECLARE_MMIO_SM(port, 0x0021, 0x0023, 0x1234);
DECLARE_SM(stranger, 0x6666);

void SM_MMIO_ENTRY(digits) digits_put(uint8_t index, uint8_t segments)
{
    asm("and #7, r12\n\t"
        "mov.b r13, 0x90(r12)");
}

uint16_t SM_MMIO_ENTRY(digits) digits_pair(uint8_t index)
{
    asm("and #6, r12\n\t"
        "mov 0x90(r12), r12");
}

SM_MMIO_ENTRY(port) void port_set(uint8_t direction, uint8_t value)
{
    asm("mov.b r13, &0x0021\n\t"
        "mov.b r12, &0x0022");
}

SM_MMIO_ENTRY(port) uint16_t port_get(void)
{
    asm("mov.b &0x0022, r12\n\t"
        "swpb r12\n\t"
        "mov.b &0x0021, r13\n\t"
        "bis r13, r12");
}

static uint8_t SM_DATA(owner) shown[8];

uint16_t SM_ENTRY(owner) owner_show(unsigned long number)
{
    for (int i = 7; i >= 0; i--) {
        shown[i] = (uint8_t)(number % 10);
        digits_put((uint8_t)i, shown[i]);
        number /= 10;
    }
    port_set(0xF0, shown[7]);
    return digits_pair(6);
}

uint16_t SM_ENTRY(stranger) stranger_show(void)
{
    return digits_pair(6);
}

int main()
{
    msp430_io_init();
    sancus_enable(&owner);
    sancus_enable(&digits);
    sancus_enable(&port);
    sancus_enable(&stranger);
    printf("%x\n", owner_show(12345678UL));
    printf("%x\n", port_get());
    puts("stranger");
    printf("%x\n", stranger_show());
    return 0;
}
