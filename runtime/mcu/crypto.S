/* SPDX-License-Identifier: Apache-2.0 */
/* semo_crypto_* of lib/channel/channel.h by the Sancus instructions (sancus-hardware section 4): r9 key
 * or 0, r10/r11 associated data, r12/r13 body, r14 output, r15 tag; result in r15: 1 or 0.
 * Interrupts are off in modules, so no instruction is ever cut short. */

/* stack: bytes that it needs below its return address, calls not counted, for the build tool. */
.macro function name, stack
    .section .text.\name, "ax", @progbits
    .globl \name, semo_stack_of_\name
    .type \name, @function
    .set semo_stack_of_\name, \stack
\name:
.endm

/* (key r12, ad r13, ad_len r14, body r15, ...): with the code in between, which sets the rest */
.macro begin name
    function \name, 4
    push r9
    push r10
    mov r12, r9
    mov r13, r10
    mov r13, r11
    add r14, r11
.endm
.macro finish opcode
    .word \opcode
    mov #1, r12 /* 1 -> SEMO_OK, 0 -> SEMO_REFUSED */
    sub r15, r12
    pop r10
    pop r9
    ret
.endm

/* on the stack: len, then output and tag in either order */
.macro crypt name, opcode, output, tag
    begin \name
    mov r15, r12
    mov r15, r13
    add 6(r1), r13
    mov \output, r14
    mov \tag, r15
    finish \opcode
.endm
    crypt semo_crypto_wrap, 0x1384, 8(r1), 10(r1)
    crypt semo_crypto_unwrap, 0x1385, 10(r1), 8(r1)

/* (key r12, message r13, len r14, tag r15): a wrap without body */
    begin semo_crypto_mac
    clr r12
    clr r13
    finish 0x1384

/* (r12: 8 bytes, even) The epoch counter, semo/map.h SEMO_EPOCH: its first word draws. */
    function semo_epoch_draw, 0
    mov &0x00B8, 0(r12)
    mov &0x00BA, 2(r12)
    mov &0x00BC, 4(r12)
    mov &0x00BE, 6(r12)
    ret

/* -> r12, r13: the cycle counter (a write takes a snapshot), without its lowest word. */
    function semo_units, 0
    mov #0, &0x0190
    mov &0x0192, r12
    mov &0x0194, r13
    mov &0x0196, &semo_turn
    ret
