/* SPDX-License-Identifier: Apache-2.0 */
/* memcpy and memset, which the compiler calls by itself. */

.macro function name
    .section .text.\name, "ax", @progbits
    .globl \name
    .type \name, @function
    .globl semo_stack_of_\name
    .set semo_stack_of_\name, 0
\name:
.endm

/* (to r12, from r13, bytes r14) -> to. Words where both are even. */
    function memcpy
    mov r12, r15
    mov r12, r11
    bis r13, r11
    bit #1, r11
    jnz 3f
    cmp #2, r14
    jlo 3f
1:  mov @r13, 0(r15)
    incd r13
    incd r15
    decd r14
    cmp #2, r14
    jhs 1b
3:  tst r14
    jz 5f
4:  mov.b @r13, 0(r15)
    inc r13
    inc r15
    dec r14
    jnz 4b
5:  ret
    .size memcpy, . - memcpy

/* (to r12, byte r13, bytes r14) -> to */
    function memset
    mov r12, r15
    tst r14
    jz 2f
1:  mov.b r13, 0(r15)
    inc r15
    dec r14
    jnz 1b
2:  ret
    .size memset, . - memset
