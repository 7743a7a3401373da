/* SPDX-License-Identifier: Apache-2.0 */
/* Starts, interrupts and sleep. */
#include "node/mcu/firmware.h"

#define WDTCTL    0x0120
#define WDT_HOLD  0x5A80
#define SLEEP     0x18 /* SR: GIE, CPUOFF */
#define COUNT_BAD 3    /* SEMO_COUNT_MALFORMED */

    .section .text.start, "ax", @progbits
    .globl semo_start
semo_start: /* the header of every image: cold at +0, warm at +4 */
    br #cold
    br #warm

cold: /* empty tables, and what this machine can do */
    mov #WDT_HOLD, &WDTCTL
    mov #SEMO_RAM_START, r15
1:  clr 0(r15)
    incd r15
    cmp #SEMO_DATA_END, r15
    jne 1b
    mov #SEMO_TABLE_MODULES, r15
    mov r15, &SEMO_TABLE_TURN
    mov #1, r14
2:  mov r14, 6(r15) /* bit */
    add #SEMO_MODULE_SIZE, r15
    add r14, r14
    jnz 2b
    mov &SEMO_EPOCH, r15
    bis &SEMO_EPOCH + 2, r15
    bis &SEMO_EPOCH + 4, r15
    bis &SEMO_EPOCH + 6, r15
    mov r15, &SEMO_TABLE_FRESH
    mov #SEMO_TABLE_BUFFER + 32, r9 /* zero key; a tag longer than 8 bytes shows in the ninth */
    mov r9, r10
    mov r9, r11
    incd r11
    clr r12
    clr r13
    mov #SEMO_TABLE_BUFFER, r15
    .word 0x1384 /* wrap */
    mov #64, r15
    tst &SEMO_TABLE_BUFFER + 8
    jz 3f
    add r15, r15
3:  mov r15, &SEMO_TABLE_BITS
warm: /* whatever was going on is given up, the tables hold */
    mov #WDT_HOLD, &WDTCTL
    mov #SEMO_DATA_END, sp
    clr &SEMO_TABLE_CALL
    br #semo_em_run

violation: /* by this image: the frame in work is lost. By a module: its call has failed. */
    tst &SEMO_TABLE_CALL
    jnz interrupted
    mov #SEMO_DATA_END, sp
    mov #COUNT_BAD, r12
    call #semo_em_count
    jmp warm

wake: /* the main loop looks at the devices; interrupts stay off until it sleeps again */
    tst &SEMO_TABLE_CALL
    jnz interrupted
    bic #SLEEP, 0(sp)
    reti

interrupted: /* a module that violated, or let itself be interrupted: there is no stack */
    br #semo_module_interrupted

    .globl semo_cpu_sleep
semo_cpu_sleep:
    mov r12, &SEMO_LINK_CONTROL
    mov r13, &SEMO_EVENT_ENABLE
    bis #SLEEP, sr
    nop
    ret

    .globl semo_cpu_reset
semo_cpu_reset: /* by a wrong watchdog password */
    clr &WDTCTL
    jmp semo_cpu_reset

    .section .vectors, "a", @progbits
    .rept 13
    .word wake
    .endr
    .word violation
    .word wake
    .word semo_start
