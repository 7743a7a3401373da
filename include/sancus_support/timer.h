/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SANCUS_SUPPORT_TIMER_H
#define SANCUS_SUPPORT_TIMER_H

#include <stdint.h>
#include <msp430.h>

#define TACTL_DISABLE      TACLR
#define TACTL_ENABLE       (TASSEL_2 + MC_1 + TAIE)
#define TACTL_CONTINUOUS   (TASSEL_2 + MC_2)
#define TACTL_ENABLE_CONT  (TASSEL_2 + MC_2 + TAIE)
#define TACCTL_ENABLE_CONT (CM_1 + CCIS_0 + SCS + CCIE)
#define TACCTL_DISABLE     0

/* For interrupt(n): timer A as a whole, and its compare register 0. */
#define TIMER_IRQ_VECTOR  TIMERA1_VECTOR
#define TIMER_IRQ_VECTOR2 TIMERA0_VECTOR

/* Of interrupt functions that a program writes by hand. */
#define ATTR_INTERRUPT __attribute__((interrupt(TIMER_IRQ_VECTOR)))
#define ISR_STACK_SIZE 512
extern uint16_t __isr_stack[ISR_STACK_SIZE];
extern void *__isr_sp;

void timer_init(void);
void timer_disable(void);
void timer_irq(int interval);  /* an interrupt after so many cycles; then counts from zero */
void timer_irqc(int interval); /* the same; then counts on */
void timer_tsc_start(void);
int timer_tsc_end(void); /* cycles since timer_tsc_start */

/* The interrupt function of timer A calls fct. */
#define TIMER_ISR_ENTRY(fct)  SEMO_TIMER_ISR(fct, timerA_isr_entry, TIMER_IRQ_VECTOR)
#define TIMER_ISR_ENTRY2(fct) SEMO_TIMER_ISR(fct, timerA_isr_entry2, TIMER_IRQ_VECTOR2)
#define SEMO_TIMER_ISR(fct, name, vector)                                                          \
    void __attribute__((interrupt(vector))) name(void)                                             \
    {                                                                                              \
        fct();                                                                                     \
    }

#endif
