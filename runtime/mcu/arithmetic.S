/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler calls for multiplication, division and 32-bit shifts (MSP430 EABI names).
 * Arguments from r12 upwards, low word first; result in r12 or r12:r13; r4 to r10 survive.
 * Division by zero gives all ones, and the dividend as remainder. */

.macro function name, stack
    .section .text.\name, "ax", @progbits
    .globl \name
    .type \name, @function
    .globl semo_stack_of_\name
    .set semo_stack_of_\name, \stack
\name:
.endm
.macro end name
    .size \name, . - \name
.endm

.macro negate_32 low, high
    inv \low
    inv \high
    inc \low
    addc #0, \high
.endm

/* r12 * r13 */
    function __mspabi_mpyi, 0
    mov r12, r14
    clr r12
1:  clrc
    rrc r13
    jnc 2f
    add r14, r12
2:  rla r14
    tst r13
    jnz 1b
    ret
    end __mspabi_mpyi

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
    end __mspabi_mpyl

/* r12 / r13 -> r12, remainder r14 */
    function __mspabi_divu, 0
    clr r14
    mov #16, r15
1:  rla r12
    rlc r14
    jc 2f
    cmp r13, r14
    jlo 3f
2:  sub r13, r14
    inc r12
3:  dec r15
    jnz 1b
    ret
    end __mspabi_divu

    function __mspabi_remu, 2
    call #__mspabi_divu
    mov r14, r12
    ret
    end __mspabi_remu

/* The quotient's sign (r10, top bit) is the product of the signs, the remainder's the dividend's. */
.macro signed_16 name, result, divisor_counts
    function \name, 4
    push r10
    mov r12, r10
.if \divisor_counts
    xor r13, r10
.endif
    tst r12
    jge 1f
    inv r12
    inc r12
1:  tst r13
    jge 2f
    inv r13
    inc r13
2:  call #__mspabi_divu
    mov \result, r12
    tst r10
    jge 3f
    inv r12
    inc r12
3:  pop r10
    ret
    end \name
.endm
    signed_16 __mspabi_divi, r12, 1
    signed_16 __mspabi_remi, r14, 0

/* r12:r13 / r14:r15 -> r12:r13, remainder r10:r11; changes r9 and r10 */
    function semo_divide_32, 0
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
    end semo_divide_32

.macro unsigned_32 name, low, high
    function \name, 6
    push r9
    push r10
    call #semo_divide_32
    mov \low, r12
    mov \high, r13
    pop r10
    pop r9
    ret
    end \name
.endm
    unsigned_32 __mspabi_divul, r12, r13
    unsigned_32 __mspabi_remul, r10, r11

.macro signed_32 name, low, high, divisor_counts
    function \name, 8
    push r8
    push r9
    push r10
    mov r13, r8
.if \divisor_counts
    xor r15, r8
.endif
    tst r13
    jge 1f
    negate_32 r12, r13
1:  tst r15
    jge 2f
    negate_32 r14, r15
2:  call #semo_divide_32
    mov \low, r12
    mov \high, r13
    tst r8
    jge 3f
    negate_32 r12, r13
3:  pop r10
    pop r9
    pop r8
    ret
    end \name
.endm
    signed_32 __mspabi_divli, r12, r13, 1
    signed_32 __mspabi_remli, r10, r11, 0

/* r12:r13 shifted by r14 */
.macro shift_left
    rla r12
    rlc r13
.endm
.macro shift_right
    clrc
    rrc r13
    rrc r12
.endm
.macro shift_right_signed
    rra r13
    rrc r12
.endm
.macro shift_32 name, once
    function \name, 0
    tst r14
    jz 2f
1:  \once
    dec r14
    jnz 1b
2:  ret
    end \name
.endm
    shift_32 __mspabi_slll, shift_left
    shift_32 __mspabi_srll, shift_right
    shift_32 __mspabi_sral, shift_right_signed
