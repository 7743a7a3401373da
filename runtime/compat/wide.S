/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler calls for 64-bit numbers. Two of them come in r8 to r11 and r12 to r15, low word
 * first, the result leaves in r12 to r15, and r4 to r10 survive. Division by zero gives all ones, and the
 * dividend as remainder. As in lib/mspabi, each has a section of its own. */

.macro function name
    .section .text.\name, "ax", @progbits
    .p2align 1
    .globl \name
    .type \name, @function
\name:
.endm
.macro each instruction, registers:vararg
.irp register, \registers
    \instruction \register
.endr
.endm

    function __mspabi_mpyll
    each push, r4, r5, r6, r7, r8, r9, r10
    each clr, r4, r5, r6, r7
1:  clrc
    each rrc, r15, r14, r13, r12
    jnc 2f
    add r8, r4
    addc r9, r5
    addc r10, r6
    addc r11, r7
2:  rla r8
    each rlc, r9, r10, r11
    tst r12
    jnz 1b
    tst r13
    jnz 1b
    tst r14
    jnz 1b
    tst r15
    jnz 1b
    mov r4, r12
    mov r5, r13
    mov r6, r14
    mov r7, r15
    each pop, r10, r9, r8, r7, r6, r5, r4
    ret

/* r8 to r11 by r12 to r15: the quotient in r8 to r11, the remainder in r4 to r7 */
    function semo_divide64
    each clr, r4, r5, r6, r7
    push #64
1:  rla r8
    each rlc, r9, r10, r11, r4, r5, r6, r7
    jc 2f
    cmp r15, r7
    jlo 3f
    jne 2f
    cmp r14, r6
    jlo 3f
    jne 2f
    cmp r13, r5
    jlo 3f
    jne 2f
    cmp r12, r4
    jlo 3f
2:  sub r12, r4
    subc r13, r5
    subc r14, r6
    subc r15, r7
    inc r8
3:  dec 0(r1)
    jnz 1b
    incd r1
    ret

.macro negate a, b, c, d, sign
    tst \sign
    jge .Lkept\@
    each inv, \a, \b, \c, \d
    inc \a
    each adc, \b, \c, \d
.Lkept\@:
.endm

/* The quotient's sign is the product of the signs, the remainder's is the dividend's. */
.macro divide name, signed, remainder
    function \name
    each push, r4, r5, r6, r7, r8, r9, r10
.if \signed
    mov r11, r4
.if !\remainder
    xor r15, r4
.endif
    push r4
    negate r8, r9, r10, r11, r11
    negate r12, r13, r14, r15, r15
.endif
    call #semo_divide64
.if \remainder
    mov r4, r12
    mov r5, r13
    mov r6, r14
    mov r7, r15
.else
    mov r8, r12
    mov r9, r13
    mov r10, r14
    mov r11, r15
.endif
.if \signed
    pop r4
    negate r12, r13, r14, r15, r4
.endif
    each pop, r10, r9, r8, r7, r6, r5, r4
    ret
.endm
    divide __mspabi_divull, 0, 0
    divide __mspabi_remull, 0, 1
    divide __mspabi_divlli, 1, 0
    divide __mspabi_remlli, 1, 1

/* r12 to r15 shifted by the word on the stack */
.macro shift name, clear, first, first_register, second, registers:vararg
    function \name
    mov 2(r1), r11
    and #63, r11
1:  jz 2f
.if \clear
    clrc
.endif
    \first \first_register
    each \second, \registers
    dec r11
    jmp 1b
2:  ret
.endm
    shift __ashldi3, 0, rla, r12, rlc, r13, r14, r15
    shift __lshrdi3, 1, rrc, r15, rrc, r14, r13, r12
    shift __ashrdi3, 0, rra, r15, rrc, r14, r13, r12

/* Two doubles as the compiler passes them to a helper, to C: the second goes on the stack. */
.macro of_doubles name, in_c
    function \name
    each push, r10, r9, r8
    each push, r15, r14, r13, r12
    mov r8, r12
    mov r9, r13
    mov r10, r14
    mov r11, r15
    call #\in_c
    add #8, r1
    each pop, r8, r9, r10
    ret
.endm
    of_doubles __mspabi_addd, semo_addd
    of_doubles __mspabi_subd, semo_subd
    of_doubles __mspabi_mpyd, semo_mpyd
    of_doubles __mspabi_divd, semo_divd
    of_doubles __mspabi_cmpd, semo_cmpd
