/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler calls for multiplication, division, 32-bit shifts and copies (MSP430 EABI names).
 * Arguments from r12 upwards, low word first; result in r12 or r12:r13; r4 to r10 survive. The 16-bit
 * ones are the 32-bit ones on extended arguments: few lines to trust. Division by zero gives all
 * ones, and the dividend as remainder. Each has a section of its own, so that the linker leaves out
 * what a module does not call. */

/* stack: bytes that it needs below its return address, calls not counted, for the build tool. */
.macro function name, stack
    .section .text.\name, "ax", @progbits
    .p2align 1
    .globl \name, semo_stack_of_\name
    .type \name, @function
    .set semo_stack_of_\name, \stack
\name:
.endm

/* r12 * r13 */
    function __mspabi_mpyi, 0
    mov r13, r14
    clr r13
    clr r15
    br #__mspabi_mpyl

/* r12:r13 * r14:r15 */
    function __mspabi_mpyl, 2
    push r10
    mov r12, r10
    mov r13, r11
    clr r12
    clr r13
1:  clrc
    rrc r15
    rrc r14
    jnc 2f
    add r10, r12
    addc r11, r13
2:  rla r10
    rlc r11
    tst r14
    jnz 1b
    tst r15
    jnz 1b
    pop r10
    ret

/* r12:r13 / r14:r15 -> r12:r13, remainder r10:r11; changes r9 and r10 */
    function semo_divide, 0
    clr r10
    clr r11
    mov #32, r9
1:  rla r12
    rlc r13
    rlc r10
    rlc r11
    jc 2f
    cmp r15, r11
    jlo 3f
    jne 2f
    cmp r14, r10
    jlo 3f
2:  sub r14, r10
    subc r15, r11
    inc r12
3:  dec r9
    jnz 1b
    ret

.macro extend low, high, signed
    clr \high
.if \signed
    tst \low
    jge .Lpositive\@
    inv \high
.Lpositive\@:
.endif
.endm
/* Negates \low:\high when \sign is negative. */
.macro negate low, high, sign
    tst \sign
    jge .Lkept\@
    inv \low
    inv \high
    inc \low
    addc #0, \high
.Lkept\@:
.endm

/* The quotient's sign is the product of the signs, the remainder's is the dividend's. */
.macro divide name, wide, signed, remainder
    function \name, 6 + 2 * \signed
    push r9
    push r10
.if !\wide
    mov r13, r14
    extend r12, r13, \signed
    extend r14, r15, \signed
.endif
.if \signed
    mov r13, r11
.if !\remainder
    xor r15, r11
.endif
    push r11
    negate r12, r13, r13
    negate r14, r15, r15
.endif
    call #semo_divide
.if \remainder
    mov r10, r12
    mov r11, r13
.endif
.if \signed
    pop r11
    negate r12, r13, r11
.endif
    pop r10
    pop r9
    ret
.endm
    divide __mspabi_divu, 0, 0, 0
    divide __mspabi_divi, 0, 1, 0
    divide __mspabi_remu, 0, 0, 1
    divide __mspabi_remi, 0, 1, 1
    divide __mspabi_divul, 1, 0, 0
    divide __mspabi_divli, 1, 1, 0
    divide __mspabi_remul, 1, 0, 1
    divide __mspabi_remli, 1, 1, 1

/* r12:r13 shifted by r14 */
.macro shift name, clear, first, first_register, second, second_register
    function \name, 0
1:  tst r14
    jz 2f
.if \clear
    clrc
.endif
    \first \first_register
    \second \second_register
    dec r14
    jmp 1b
2:  ret
.endm
    shift __mspabi_slll, 0, rla, r12, rlc, r13
    shift __mspabi_srll, 1, rrc, r13, rrc, r12
    shift __mspabi_sral, 0, rra, r13, rrc, r12

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
