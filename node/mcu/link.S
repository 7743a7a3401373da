/* SPDX-License-Identifier: Apache-2.0 */
/* Frames over the link UART, SLIP coded (RFC 1055). The FIFO is emptied in one go; a frame that is
 * complete ends that, so that what it asks for comes before the next one. */
#include "node/mcu/firmware.h"

#define END     0xC0
#define ESC     0xDB
#define ESC_END 0xDC
#define ESC_ESC 0xDD

#define FRAME_MAX 1100 /* SEMO_FRAME_MAX */
#define COUNT_BAD 3    /* SEMO_COUNT_MALFORMED */
#define TX_EMPTY  2    /* SEMO_LINK_CONTROL: interrupt */

    .set FRAME, SEMO_TABLE_BUFFER + 1 /* a symbol: clang-14 drops "mov r, (expression)(r)" silently */

    .section .text.link, "ax", @progbits
    .globl semo_link_receive
semo_link_receive:
    mov &SEMO_LINK_RX_COUNT, r13
    mov &SEMO_TABLE_RECEIVED, r14
    tst &SEMO_TABLE_ESCAPED
    jnz escaped
    jmp next
byte:
    mov.b &SEMO_LINK_DATA, r15
    cmp.b #END, r15
    jeq end
    cmp.b #ESC, r15
    jeq escape
store:
    cmp #FRAME_MAX + 1, r14 /* the one byte too many is kept: there is room */
    jeq next
    mov.b r15, FRAME(r14)
    inc r14
next:
    dec r13
    jge byte
1:  mov r14, &SEMO_TABLE_RECEIVED
    clr r12
    ret
escape:
    mov r15, &SEMO_TABLE_ESCAPED
escaped:
    dec r13
    jl 1b
    clr &SEMO_TABLE_ESCAPED
    mov.b &SEMO_LINK_DATA, r12
    mov.b #END, r15
    cmp.b #ESC_END, r12
    jeq store
    mov.b #ESC, r15
    cmp.b #ESC_ESC, r12
    jeq store
    mov #FRAME_MAX + 1, r14 /* not SLIP: as a frame too long */
    cmp.b #END, r12
    jne next
end:
    clr &SEMO_TABLE_RECEIVED
    cmp #FRAME_MAX + 1, r14
    jeq bad
    tst r14
    jz next
    mov #FRAME, r12
    mov r14, r13
    call #semo_em_frame
    jmp handled
bad:
    mov #COUNT_BAD, r12
    call #semo_em_count
handled:
    bis &SEMO_TABLE_DEFERRED, &SEMO_TABLE_PENDING
    clr &SEMO_TABLE_DEFERRED
    mov #1, r12
    ret

    .globl semo_link_send
semo_link_send:
    clr r11
    mov.b #END, r15 /* ends what a reset may have left on the line */
    call #put
1:  mov.b @r12+, r15
    cmp.b #END, r15
    jeq 3f
    cmp.b #ESC, r15
    jeq 4f
2:  call #put
    dec r13
    jnz 1b
    mov.b #END, r15
    jmp put
3:  mov.b #ESC_END, r14
    jmp 5f
4:  mov.b #ESC_ESC, r14
5:  mov.b #ESC, r15
    call #put
    mov.b r14, r15
    jmp 2b

put: /* the byte in r15, asleep while there is no room; r11: what is known of it */
    tst r11
    jz 1f
    mov.b r15, &SEMO_LINK_DATA
    dec r11
    ret
1:  mov &SEMO_LINK_TX_FREE, r11
    tst r11
    jnz put
    push r12
    push r13
    mov #TX_EMPTY, r12
    clr r13
    call #semo_cpu_sleep
    pop r13
    pop r12
    jmp 1b
