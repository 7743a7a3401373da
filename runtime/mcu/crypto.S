/* SPDX-License-Identifier: Apache-2.0 */
/* semo_crypto_* of lib/channel/channel.h by the Sancus instructions (sancus-hardware section 4): r9 key or
 * 0, r10/r11 associated data, r12/r13 body, r14 output, r15 tag; result in r15: 1 or 0.
 * Interrupts are off in modules, so no instruction is ever cut short.
 * .set semo_stack_of_<function>: bytes of stack below its return address, for the build tool. */

/* 0 or 1 in r15 -> SEMO_REFUSED (1) or SEMO_OK (0) in r12, and back. */
.macro finish
    mov #1, r12
    sub r15, r12
    pop r10
    pop r9
    ret
.endm

.macro function name, stack
    .section .text.\name, "ax", @progbits
    .globl \name
    .type \name, @function
    .globl semo_stack_of_\name
    .set semo_stack_of_\name, \stack
\name:
.endm

/* (key r12, ad r13, ad_len r14, body r15, on the stack: len, then output and tag in either order) */
.macro crypt name, opcode, output, tag
    function \name, 4
    push r9
    push r10
    mov r12, r9
    mov r13, r10
    mov r13, r11
    add r14, r11
    mov r15, r12
    mov r15, r13
    add 6(r1), r13
    mov \output, r14
    mov \tag, r15
    .word \opcode
    finish
    .size \name, . - \name
.endm

    crypt semo_crypto_wrap, 0x1384, 8(r1), 10(r1)
    crypt semo_crypto_unwrap, 0x1385, 10(r1), 8(r1)

/* (key r12, message r13, len r14, tag r15): a wrap without body */
    function semo_crypto_mac, 4
    push r9
    push r10
    mov r12, r9
    mov r13, r10
    mov r13, r11
    add r14, r11
    clr r12
    clr r13
    .word 0x1384
    finish
    .size semo_crypto_mac, . - semo_crypto_mac

/* (r12: 8 bytes, even) the epoch counter at 0x00B8: its first word draws (semo/map.h SEMO_EPOCH) */
    function semo_epoch_draw, 0
    mov &0x00B8, 0(r12)
    mov &0x00BA, 2(r12)
    mov &0x00BC, 4(r12)
    mov &0x00BE, 6(r12)
    ret
    .size semo_epoch_draw, . - semo_epoch_draw
