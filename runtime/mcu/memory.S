/* SPDX-License-Identifier: Apache-2.0 */
/* memcpy and memset, which the compiler calls by itself. */
#include "runtime/mcu/function.h"

/* (to r12, from r13, bytes r14) -> to. Words where both are even. */
    function memcpy, 0
    mov r12, r15
    mov r12, r11
    bis r13, r11
    bit #1, r11
    jnz 2f
1:  cmp #2, r14
    jlo 2f
    mov @r13, 0(r15)
    incd r13
    incd r15
    decd r14
    jmp 1b
2:  tst r14
    jz 3f
    mov.b @r13, 0(r15)
    inc r13
    inc r15
    dec r14
    jmp 2b
3:  ret

/* (to r12, byte r13, bytes r14) -> to */
    function memset, 0
    mov r12, r15
1:  tst r14
    jz 2f
    mov.b r13, 0(r15)
    inc r15
    dec r14
    jmp 1b
2:  ret
