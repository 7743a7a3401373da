/* SPDX-License-Identifier: Apache-2.0 */
/* A ring buffer module between a producer that an interrupt calls and a consumer in main. */
#include <msp430.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <sancus_support/timer.h>
#include <stdio.h>

#define SIZE 8
DECLARE_SM(ring, 0x1234);
DECLARE_SM(sink, 0x1234);

static struct {
    unsigned head, tail, lost;
    unsigned item[SIZE];
} SM_DATA(ring) r;
static unsigned long SM_DATA(sink) total;
static unsigned SM_DATA(sink) expected = 1;
static unsigned SM_DATA(sink) gaps;

int SM_ENTRY(ring) ring_put(unsigned n)
{
    if (r.head - r.tail == SIZE) {
        r.lost++;
        return 0;
    }
    r.item[r.head++ % SIZE] = n;
    return 1;
}

unsigned SM_ENTRY(ring) ring_get(void)
{
    return r.head == r.tail ? 0 : r.item[r.tail++ % SIZE];
}

unsigned SM_ENTRY(ring) ring_lost(void)
{
    return r.lost;
}

void SM_ENTRY(sink) sink_take(unsigned n)
{
    total += n;
    gaps += n != expected;
    expected = n + 1;
    for (volatile unsigned i = 0; i < n % 50; i++)
        ;
}

unsigned long SM_ENTRY(sink) sink_total(void)
{
    return total;
}

unsigned SM_ENTRY(sink) sink_gaps(void)
{
    return gaps;
}

static volatile unsigned produced;

/* The sink may be cut by this, the ring is not: main takes from it with interrupts off. */
static void produce(void)
{
    if (produced < 200)
        ring_put(++produced);
    timer_irq(produced < 200 ? 2500 : 65000U);
}
TIMER_ISR_ENTRY(produce)

int main()
{
    unsigned taken = 0;
    msp430_io_init();
    sancus_enable(&ring);
    sancus_enable(&sink);
    timer_irq(500);
    __eint();
    while (taken < 200) {
        __dint();
        unsigned n = ring_get();
        __eint();
        if (n) {
            sink_take(n);
            taken++;
        }
    }
    __dint();
    timer_disable();
    printf("total %lu, lost %u, gaps %u\n", sink_total(), ring_lost(), sink_gaps());
    for (unsigned i = 0; i < 10; i++)
        ring_put(i);
    printf("lost %u\n", ring_lost());
    return 0;
}
