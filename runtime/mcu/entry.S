/* SPDX-License-Identifier: Apache-2.0 */
/* The only way in: br to the first byte of the text, with
 *   r12 entry number   r13 call buffer (even, outside the module)   r14 bytes of payload in it
 *   r11 its capacity   r15 return address
 * The way out: jump to r15 with r12 = status, r13 = bytes of answer in the buffer, r1 as it was,
 * every other register 0 and SR 0: interrupts stay off until the caller restores its own SR.
 * (The first instruction must mask interrupts, so nothing is left that says what SR was before.)
 *
 * A bad call gets a status, never a violation. A return address inside the module would let a caller
 * start the module anywhere: the reset vector's target takes its place, and if that lies inside as
 * well, the module stands still. A buffer lies in data memory: no device and no text is touched for
 * a caller. No byte of the call is looked at before it is in private memory, the answer leaves last.
 * CMP and BIT never have a destination in program memory. */

#include <semo/map.h>

    .set LENGTH, 3 /* enum semo_status */
    .set BUSY, 8
    .set PLACE, 9

    .section .bss.semo_entry_stub, "aw", @nobits
    .balign 2
busy: /* a call is under way */
    .skip 2
caller_sp:
    .skip 2
leave_to: /* written and used with no instruction of others in between */
    .skip 2

/* Jumps to \label when r15 lies in the section \name. */
.macro refuse_inside name, label
    mov r15, r10
    sub #semo_\name\()_start, r10
    cmp #semo_\name\()_len, r10
    jlo \label
.endm

/* Copies r\count bytes from @r\from to @r\to; changes them and r\words. */
.macro copy from, to, count, words
    mov \count, \words
    clrc
    rrc \words
    jz .Lodd\@
.Lword\@:
    mov @\from, 0(\to)
    incd \from
    incd \to
    dec \words
    jnz .Lword\@
.Lodd\@:
    bit #1, \count
    jz .Lcopied\@
    mov.b @\from, 0(\to)
.Lcopied\@:
.endm

    .section .text.semo_entry_stub, "ax", @progbits
    .globl semo_entry_stub
    .type semo_entry_stub, @function
semo_entry_stub:
    dint
    refuse_inside text, .Lbad_return
    refuse_inside data, .Lbad_return
    tst &busy
    jnz .Lbusy
    bit #1, r13
    jnz .Lplace
    mov r13, r10
    add r11, r10
    jc .Lplace
    cmp #SEMO_DATA_START, r13
    jlo .Lplace
    cmp #SEMO_DATA_END + 1, r10
    jhs .Lplace
    cmp #semo_data_end, r13
    jhs .Lclear
    cmp #semo_data_start + 1, r10
    jhs .Lplace
.Lclear:
    cmp r14, r11
    jlo .Llength
    cmp #semo_frame_len + 1, r14
    jhs .Llength

    mov #1, &busy
    mov r1, &caller_sp
    mov #semo_stack_top, r1
    mov r13, r10 /* r9, r10 survive C functions */
    mov r15, r9
    mov #semo_frame, r8
    copy r13, r8, r14, r7
    mov r14, r13
    mov r11, r14
    call #semo_runtime_call
    mov &semo_answer, r14
    mov &semo_answer + 2, r13
    copy r14, r10, r13, r7
    mov r9, r15
    mov &caller_sp, r1
    tst &semo_answer + 4
    jnz .Lend
    mov #0, &busy

.Lleave: /* r12 status, r13 length, r15 where to */
    mov r15, &leave_to
.irp register, r4, r5, r6, r7, r8, r9, r10, r11, r14, r15, r3, r2
    clr \register
.endr
    br &leave_to

.Lend: /* disable: zeroes all of this and goes to r15 */
.irp register, r4, r5, r6, r7, r8, r9, r10, r11, r14
    clr \register
.endr
    .word 0x1380

.Lbad_return:
    mov &0xFFFE, r15
    refuse_inside text, .Lstand_still
    refuse_inside data, .Lstand_still
.Lplace:
    mov #PLACE, r12
    jmp .Lrefused
.Llength:
    mov #LENGTH, r12
    jmp .Lrefused
.Lbusy:
    mov #BUSY, r12
.Lrefused:
    clr r13
    jmp .Lleave
.Lstand_still:
    jmp .Lstand_still
    .size semo_entry_stub, . - semo_entry_stub
