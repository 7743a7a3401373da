/* SPDX-License-Identifier: Apache-2.0 */
/* Drivers in assembly: the cycle counter for anybody, the LED digits for the module with id 2. */
#include <stdint.h>
#include <stdio.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/tsc.h>

DECLARE_MMIO_SM(sensor, TSC_BASE, TSC_BASE + TSC_SIZE, 0x1234);
DECLARE_EXCLUSIVE_MMIO_SM(leds, 0x90, 0x98, 2, 0x1234);
DECLARE_SM(reader, 0x1234);

tsc_t SM_MMIO_ENTRY(sensor) sensor_read(void)
{
    asm("mov.b #1, %0\n\t"
        "mov.w %1+0, r12\n\t"
        "mov.w %1+2, r13\n\t"
        "mov.w %1+4, r14\n\t"
        "mov.w %1+6, r15\n\t" ::"m"(TSC_CTL),
        "m"(TSC_VAL));
}

void SM_MMIO_ENTRY(leds) leds_set(uint8_t n)
{
    asm("mov.b r12, &0x0090");
}

uint8_t SM_MMIO_ENTRY(leds) leds_get(void)
{
    asm("mov.b &0x0090, r12");
}

static tsc_t SM_DATA(reader) last;

int SM_ENTRY(reader) reader_progress(void)
{
    tsc_t now = sensor_read();
    int forward = now > last;
    last = now;
    return forward;
}

uint8_t SM_ENTRY(reader) reader_show(uint8_t n)
{
    leds_set(n);
    return leds_get();
}

int main()
{
    msp430_io_init();
    sancus_enable(&sensor);
    sancus_enable(&reader);
    sancus_enable(&leds);
    printf("ids %u %u %u\n", sensor.id, reader.id, leds.id);
    printf("progress %d %d\n", reader_progress(), reader_progress());
    tsc_t a = sensor_read(), b = sensor_read();
    printf("from main %d\n", b > a && b - a < 2000);
    printf("leds %x\n", reader_show(0x5A));
    puts("main tries");
    leds_set(1);
    puts("reached");
    return 0;
}
