/* SPDX-License-Identifier: Apache-2.0 */
/* Starts program_run and ends it. Uses no RAM before it has a stack, and clears its variables, so
 * that it runs on emulators that do not begin with zeros. */
#include "bench/programs/program.h"

#define WDTCTL 0x0120
#define HOLD   0x5A80

    .section .text.start, "ax", @progbits
    .globl program_start
program_start:
    mov #HOLD, &WDTCTL
    mov #PROGRAM_STACK, r1
    mov #program_variables, r15
1:  cmp #program_variables_end, r15
    jhs 2f
    clr 0(r15)
    incd r15
    jmp 1b
2:  mov &PROGRAM_ROUNDS, r12
    call #program_run
    br #program_done

/* The text as a module, RAM and stack as its private data. */
    .section .inside, "ax", @progbits
    mov #HOLD, &WDTCTL
    clr r10 /* not encrypted */
    mov #1, r11
    mov #PROGRAM_TEXT, r12
    mov #program_text_end, r13
    mov #PROGRAM_RAM, r14
    mov #PROGRAM_STACK, r15
    .word 0x1381 /* enable */
    br #PROGRAM_TEXT

    .section .done, "ax", @progbits
program_done:
    bis #0x10, r2 /* CPUOFF */
    nop           /* PROGRAM_AFTER */
    jmp program_done

    .section .vectors, "a", @progbits
    .word program_start
