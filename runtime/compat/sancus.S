/* SPDX-License-Identifier: Apache-2.0 */
/* The Sancus instructions (sancus-hardware section 4) as functions; a module gets copies with names of
 * its own. Z set after one means that an interrupt cut it: run it again. */

.macro function name
    .section .text.\name, "ax", @progbits
    .p2align 1
    .globl \name
    .type \name, @function
\name:
.endm

/* r12: 7 words, for r9 to r15 */
.macro crypt name, opcode
    function \name
    push r9
    push r10
    push r12
.Lagain_\name:
    mov @r1, r12
    mov @r12+, r9
    mov @r12+, r10
    mov @r12+, r11
    mov 2(r12), r13
    mov 4(r12), r14
    mov 6(r12), r15
    mov @r12, r12
    bic #2, r2
    .word \opcode
    jz .Lagain_\name
    mov r15, r12
    incd r1
    pop r10
    pop r9
    ret
.endm
    crypt __sancus_enable, 0x1381
    crypt __sancus_wrap, 0x1384
    crypt __sancus_unwrap, 0x1385

/* r12 = address, r13 = tag */
    function __sancus_verify
    mov r12, r14
1:  mov r13, r15
    bic #2, r2
    .word 0x1382
    jz 1b
    mov r15, r12
    ret

/* r12 = tag */
    function __sancus_verify_caller
1:  mov r12, r15
    bic #2, r2
    .word 0x1383
    jz 1b
    mov r15, r12
    ret

    function __sancus_get_id
    mov r12, r15
    .word 0x1386
    mov r15, r12
    ret

    function __sancus_get_self_id
    mov r0, r15
    .word 0x1386
    mov r15, r12
    ret

/* r12 = where to go on, on the unprotected stack. Nothing else of the module is left. */
    function __sancus_disable
    mov r0, r15
    .word 0x1386
    tst r15
    jz 1f /* not in a module */
    dint
    mov r12, r15
    clr r1 /* no stack guard */
    mov &__unprotected_sp, r1
.irp register, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14
    clr \register
.endr
    clr r2
    .word 0x1380
1:  ret

/* r12, r13: bytes, r14 of them -> 1 when equal, in constant time */
    function __sancus_equal
    clr r11
1:  tst r14
    jz 2f
    mov.b @r12+, r15
    xor.b @r13+, r15
    bis.b r15, r11
    dec r14
    jmp 1b
2:  clr r12
    tst r11
    jnz 3f
    mov #1, r12
3:  ret
