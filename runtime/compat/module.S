/* SPDX-License-Identifier: Apache-2.0 */
/* The stubs of a module built by `semo cc`, as macros: the tool writes one line for each module, entry
 * and call (toolchain/compat/stubs.c). What they must do: sancus-toolchain 1.3.
 *   into a module:   br public start, r6 = entry index, r7 = return address, arguments r12..r15
 *   back from it:    br r7 with r6 = -1, results r12..r15, r4 = 8 if interrupts were on at its end
 * r4 is the status register of the caller: a module runs with interrupts on or off as its caller did.
 * They are off while a stub runs. An interrupted module lies in its save area, where the core has put
 * it; whatever enters it then, a call excepted (r8 = its entry), makes it go on.
 * The core's stack guard is set while a module runs: an overflow is a violation, not a leak. r1 = 0
 * clears it. CMP and BIT never have a destination in program memory. */

#ifndef SEMO_COMPAT_MODULE_S
#define SEMO_COMPAT_MODULE_S

/* ---- state in the private data ---- */
.macro module_state m
    .section .sm.\m\().state, "aw", @nobits
    .balign 2
    .globl __sm_\m\()_caller_id
__sm_\m\()_caller_sp: .skip 2 /* r1 as it came: the only word written before the checks */
__sm_\m\()_sp:        .skip 2 /* own r1 while a call out is pending, else 0 */
__sm_\m\()_ret_id:    .skip 2 /* who alone may return from it */
__sm_\m\()_caller_id: .skip 2
__sm_\m\()_target:    .skip 2 /* of a call through a pointer */
__sm_\m\()_ready:     .skip 2 /* initial values are in place */
/* What the core saves of an interrupted module; the last word of the section points to its end. */
__sm_\m\()_saved:     .skip 24 /* r4 to r15 */
__sm_\m\()_saved_sr:  .skip 2
__sm_\m\()_saved_sp:  .skip 2
__sm_\m\()_saved_pc:  .skip 2 /* 0: not interrupted */
.endm

/* Several registers at once. */
.macro push_all registers:vararg
.irp register, \registers
    push \register
.endr
.endm
.macro pop_all registers:vararg
.irp register, \registers
    pop \register
.endr
.endm
/* Private words to the stack and back, by way of r10. */
.macro push_words m, words:vararg
.irp word, \words
    mov &__sm_\m\()_\word, r10
    push r10
.endr
.endm
.macro pop_words m, words:vararg
.irp word, \words
    pop r10
    mov r10, &__sm_\m\()_\word
.endr
.endm
/* What a call out needs of the caller: r2 with interrupts off from here on, and r4, r6, r8. */
.macro leave_begins
    push r2
    dint
    push_all r4, r6, r8
.endm

/* Goes to label when the register points into that section of module m. Changes flags only. */
.macro refuse_within m, section, register, label
    cmp #__sm_\m\()_\section\()_start, \register
    jlo .Lclear_\@
    cmp #__sm_\m\()_\section\()_end, \register
    jhs .Lclear_\@
    br #\label
.Lclear_\@:
.endm

/* None to a bad call but a violation. A module that is not enabled cannot have one. */
.macro no_answer m
    mov #__sm_\m\()_entry, r15
    .word 0x1386
    tst r15
    jnz .Lviolate_\m
    br #__sm_not_enabled
.Lviolate_\m:
    mov #0, &__sm_\m\()_entry
    jmp .Lviolate_\m
.endm

/* ---- entry; count: number of entries; isr: 1 when vectors may lead here, and 2 when there is a
 * function for them; inits: 1 when private data has initial values ---- */
.macro module_entry m, count, isr, inits
    module_state \m
    .section .sm.\m\().stub, "ax", @progbits
    .globl __sm_\m\()_entry
__sm_\m\()_entry:
    dint
    mov r1, &__sm_\m\()_caller_sp
    mov &__sm_\m\()_saved_sp, r1
    tst &__sm_\m\()_saved_pc
    jnz .Lstack_\m
    mov &__sm_\m\()_sp, r1
    tst r1
    jnz .Lstack_\m
    mov #__sm_\m\()_stack_top, r1
.Lstack_\m:
    push r15
    push r11
    mov #__sm_\m\()_stack_end, r15
    .word 0x1388 /* the stack ends here */
    .word 0x1387 /* who was here before */
    cmp #0xFFF0, r15
    jhs .Lirq_\m
.Lcall_\m:
    mov r15, r11
    tst &__sm_\m\()_saved_pc
    jnz .Linterrupted_\m
    cmp #-1, r6
    jeq .Lreturn_\m
    tst &__sm_\m\()_sp
    jnz .Lfar_\m
    cmp #\count, r6
    jhs .Lfar_\m
    mov r7, r15
    .word 0x1386
    cmp r15, r11 /* the return address must be the caller's own */
    jne .Lfar_\m
    mov r11, &__sm_\m\()_caller_id
    mov #__sm_\m\()_saved_pc, &__sm_\m\()_saved_at
.if \inits
    call #__sm_\m\()_initialise
.endif
    mov 2(r1), r15
    add #4, r1
    mov &__sm_\m\()_caller_sp, r11
    push r11
    push r7
    rla r6
    rla r6
    push r6
    bit #8, r4
    jz .Lquiet_\m
    eint
.Lquiet_\m:
    call __sm_\m\()_table(r6)
    mov r2, r4
    dint
    and #8, r4
    pop r6
    mov __sm_\m\()_table+2(r6), r11 /* words of the result */
    cmp #1, r11
    jhs .Lone_\m
    clr r12
.Lone_\m:
    cmp #2, r11
    jhs .Ltwo_\m
    clr r13
.Ltwo_\m:
    cmp #3, r11
    jhs .Lthree_\m
    clr r14
    clr r15
.Lthree_\m:
    pop r7
    mov @r1, r11
    clr r1
    mov r11, r1
    clr &__sm_\m\()_caller_id
    clr r11
    mov #-1, r6
    clr r2
    br r7
.Lfar_\m:
    br #.Lbad_\m

.Lreturn_\m:
    tst &__sm_\m\()_sp
    jz .Lfar_\m
    cmp r11, &__sm_\m\()_ret_id
    jne .Lfar_\m
    clr &__sm_\m\()_sp
    mov 2(r1), r15
    add #4, r1
    pop_all r10, r9, r7, r5, r8, r6, r4, r2
    ret

.Linterrupted_\m:
    cmp #__sm_\m\()_entry, r8 /* a call, not a resumption */
    jeq .Lfar_\m
.Lresume_\m:
    mov &__sm_\m\()_saved_sp, r1
    mov &__sm_\m\()_saved_pc, r15
    push r15
    mov &__sm_\m\()_saved_sr, r15
    push r15
    clr &__sm_\m\()_saved_pc
    mov #__sm_\m\()_saved, r1
    pop_all r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15
    mov &__sm_\m\()_saved_sp, r1
    sub #4, r1
    reti

.Lirq_\m:
    cmp #-1, r15 /* nobody since the reset: unprotected */
    jne .Lvector_\m
    clr r15
    br #.Lcall_\m
.Lvector_\m:
.if \isr
    push_all r4, r5, r6, r7, r8, r9, r10, r12, r13, r14
    mov r15, r12
    mov &__sm_\m\()_caller_sp, r14
    tst r14
    jz .Lkeep_\m /* a module was cut: nothing of outside lies on its stack */
    mov 2(r14), r13 /* where reti will go */
    refuse_within \m, public, r13, .Lbad_\m
    refuse_within \m, public, r14, .Lbad_\m
    refuse_within \m, secret, r14, .Lbad_\m
    add #3, r14
    refuse_within \m, secret, r14, .Lbad_\m
.Lkeep_\m:
    push_words \m, sp, ret_id, caller_id, target, caller_sp
    mov &__unprotected_sp, r10
    push r10
    mov #__sm_\m\()_saved_pc+2, r10
.Lsave_\m:
    decd r10
    mov @r10, r9
    push r9
    cmp #__sm_\m\()_saved, r10
    jne .Lsave_\m
    tst &__sm_\m\()_caller_sp
    jz .Lstacked_\m
    mov &__sm_\m\()_caller_sp, &__unprotected_sp
.Lstacked_\m:
    clr &__sm_\m\()_saved_pc
    clr &__sm_\m\()_sp
    mov #__sm_\m\()_saved_pc, &__sm_\m\()_saved_at
    mov r12, &__sm_\m\()_caller_id
    sub #0xFFF0, r12
.if \inits
    call #__sm_\m\()_initialise
.endif
.if \isr == 2
    call #__sm_\m\()_isr_func
    dint
    nop
.endif
    mov #__sm_\m\()_saved, r10
.Lrestore_\m:
    pop r9
    mov r9, 0(r10)
    incd r10
    cmp #__sm_\m\()_saved_pc+2, r10
    jne .Lrestore_\m
    pop r10
    mov r10, &__unprotected_sp
    pop_words \m, caller_sp, target, caller_id, ret_id, sp
    pop_all r14, r13, r12, r10, r9, r8, r7, r6, r5, r4, r11, r15
    tst &__sm_\m\()_caller_sp
    jz .Lcut_\m
    clr r1
    mov &__sm_\m\()_caller_sp, r1
    br #__unprotected_reti /* not here: the core would save the module if it were cut now */
.Lcut_\m: /* r15: the entry of the module that was cut */
    cmp #__sm_\m\()_entry, r15
    jne .Lother_\m
    tst &__sm_\m\()_saved_pc
    jz .Lbad_\m
    br #.Lresume_\m
.Lother_\m:
    clr r1
    clr r2
    br r15
.endif
    .globl __sm_\m\()_refuse
__sm_\m\()_refuse:
.Lbad_\m:
    no_answer \m

.if \inits
/* Initial values of private data, from the text: once. */
__sm_\m\()_initialise:
    tst &__sm_\m\()_ready
    jnz .Lready_\m
    mov #-1, &__sm_\m\()_ready
    push_all r10, r12, r13, r14, r15
    mov #__sm_\m\()_inits_start, r10
.Lnext_\m:
    cmp #__sm_\m\()_inits_end, r10
    jeq .Ldone_\m
    mov @r10+, r13
    mov @r10+, r14
    mov @r10+, r15
.Lbyte_\m:
    mov.b @r14, 0(r13)
    inc r14
    inc r13
    dec r15
    jnz .Lbyte_\m
    jmp .Lnext_\m
.Ldone_\m:
    pop_all r15, r14, r13, r12, r10
.Lready_\m:
    ret
.endif

/* ---- exit: r8 = where to, r6 for it, r4 = words of arguments; what leave_begins saves lies on the
 * stack ---- */
__sm_\m\()_exit:
    push r5
    push r7
    push r9
    push r10
    mov r15, r11
    mov r8, r15
    .word 0x1386
    mov r15, &__sm_\m\()_ret_id
    mov r11, r15
    mov r1, &__sm_\m\()_sp
    cmp #4, r4
    jhs .Larguments_\m
    clr r15
    cmp #3, r4
    jhs .Larguments_\m
    clr r14
    cmp #2, r4
    jhs .Larguments_\m
    clr r13
    cmp #1, r4
    jhs .Larguments_\m
    clr r12
.Larguments_\m:
    mov #__sm_\m\()_entry, r7
    mov 14(r1), r4 /* interrupts on or off as they were */
    and #8, r4
    clr r5
    clr r9
    clr r10
    clr r11
    clr r1
    clr r2
    br r8

/* A call through a pointer: inside, or out with all four argument words. */
    .globl __sm_\m\()_indirect, __sm_\m\()_target
__sm_\m\()_indirect:
    mov &__sm_\m\()_target, r11
    refuse_within \m, public, r11, .Linside_\m
    leave_begins
    mov #0, &__sm_word_count
    mov #4, r4
    mov r11, r6
    mov #__unprotected_entry, r8
    br #__sm_\m\()_exit
.Linside_\m:
    br r11

/* sancus_call: r12 = entry, r13 = index, arguments r14, r15, 2(r1) */
    .globl __sm_\m\()__copy___sancus_call
__sm_\m\()__copy___sancus_call:
    leave_begins
    mov r12, r8
    mov r13, r6
    mov r14, r12
    mov r15, r13
    mov 10(r1), r14
    mov #3, r4
    br #__sm_\m\()_exit

    .globl __sm_\m\()__copy___sancus_get_caller_id
__sm_\m\()__copy___sancus_get_caller_id:
    mov &__sm_\m\()_caller_id, r12
    ret
.endm

/* ---- one line for each entry, in the order of the table; words: of the result ---- */
.macro module_table m
    .section .sm.\m\().table, "a", @progbits
    .balign 2
__sm_\m\()_table:
    .set entry_count, 0
.endm
.macro table_entry m, name, words
    .short \name, \words
    .globl __sm_\m\()_entry_\name\()_idx
    .set __sm_\m\()_entry_\name\()_idx, entry_count
    .set entry_count, entry_count + 1
.endm

/* ---- calls out. words: of the arguments in registers; stacked: words of variable arguments ---- */
.macro call_out m, stub, name, words, stacked
    .section .sm.\m\().stub.\stub, "ax", @progbits
    .globl \stub
\stub:
    leave_begins
    .set at, 0
.rept \stacked
    mov 10+at(r1), &__sm_words+at
    .set at, at + 2
.endr
    mov #\stacked, &__sm_word_count
    mov #\words, r4
    mov #\name, r6
    mov #__unprotected_entry, r8
    br #__sm_\m\()_exit
.endm

/* ---- calls of another module ---- */
.macro call_module m, stub, callee, name, words
    .section .sm.\m\().stub.\stub, "ax", @progbits
    .globl \stub
\stub:
    call #__sm_\m\()_verify_\callee
    leave_begins
    mov #\words, r4
    mov #__sm_\callee\()_entry_\name\()_idx, r6
    mov #__sm_\callee\()_entry, r8
    br #__sm_\m\()_exit
.endm

/* The tag lies in `section`: the attested text of m, unless the two call each other. */
.macro verify m, callee, section, bytes
    .section .sm.\m\().state, "aw", @nobits
    .globl __sm_\m\()_id_\callee, __sm_\m\()_mac_\callee
    .balign 2
__sm_\m\()_id_\callee: .skip 2
    .section \section, "a", @progbits
    .balign 2
__sm_\m\()_mac_\callee: .skip \bytes
    .section .sm.\m\().stub.verify_\callee, "ax", @progbits
__sm_\m\()_verify_\callee:
    push r14
    push r15
    mov #__sm_\callee\()_entry, r15
    tst &__sm_\m\()_id_\callee
    jnz .Lverified_\m\()_\callee
    mov r15, r14
.Lagain_\m\()_\callee:
    mov #__sm_\m\()_mac_\callee, r15
    bic #2, r2
    .word 0x1382
    jz .Lagain_\m\()_\callee /* cut by an interrupt */
    mov r15, &__sm_\m\()_id_\callee
    tst r15
    jz .Lwrong_\m\()_\callee
.Lright_\m\()_\callee:
    pop r15
    pop r14
    ret
.Lverified_\m\()_\callee: /* ids are never used again */
    .word 0x1386
    cmp r15, &__sm_\m\()_id_\callee
    jeq .Lright_\m\()_\callee
.Lwrong_\m\()_\callee:
    br #__sm_\m\()_refuse
.endm

/* ---- for unprotected callers ---- */
.macro stub m, name
    .section .text.stub.\m\().\name, "ax", @progbits
    .globl __sm_\m\()_stub_\name
__sm_\m\()_stub_\name:
    push r6
    push r7
    push r8
    mov #__sm_\m\()_entry_\name\()_idx, r6
    mov #__sm_\m\()_entry, r8
    br #__unprotected_call
.endm

/* ---- drivers: no memory, no stack, no calls; caller: the only id that may call, 0 = any ---- */
.macro driver_entry m, count, caller
    .section .sm.\m\().stub, "ax", @progbits
    .globl __sm_\m\()_entry
__sm_\m\()_entry:
    dint
    mov r15, r11
    .word 0x1387
    mov r15, r9
    cmp #-1, r9 /* nobody since the reset: unprotected, and this is not enabled yet */
    jne .Lknown_\m
    clr r9
.Lknown_\m:
.if \caller
    cmp #\caller, r9
    jne .Lbad_\m
.endif
    mov r7, r15
    .word 0x1386
    cmp r15, r9 /* the return address must be the caller's own */
    jne .Lbad_\m
    cmp #\count, r6
    jhs .Lbad_\m
    mov r11, r15
    rla r6
    rla r6
    br __sm_\m\()_table(r6)
.Lbad_\m:
    no_answer \m
    .globl __sm_\m\()_leave
__sm_\m\()_leave: /* r12 to r15: the driver's result, or what its caller gave */
    clr r8
    clr r9
    clr r10
    clr r11
    mov #-1, r6
    clr r2
    br r7
.endm

/* ---- what an encrypted text is enabled with ---- */
.macro wrap_info m, bytes
    .section .data.__sm_\m\()_wrap, "aw", @progbits
    .balign 2
    .globl __sm_\m\()_wrap_nonce, __sm_\m\()_wrap_tag
__sm_\m\()_wrap_nonce: .skip 2
__sm_\m\()_wrap_tag:   .skip \bytes
.endm

/* ---- unprotected ---- */
/* C calls an assembly function that has its arguments from r15 downwards, and its result in r15. */
.macro old_order name, words
    .section .text.__wrap_\name, "ax", @progbits
    .globl __wrap_\name
__wrap_\name:
    xor r12, r15
    xor r15, r12
    xor r12, r15
    xor r13, r14
    xor r14, r13
    xor r13, r14
    call #__real_\name
.if \words == 1
    mov r15, r12
.elseif \words == 2
    mov r14, r12
    mov r15, r13
.endif
    ret
.endm

/* An interrupt function finds a stack, whoever was interrupted. After a module r1 is 0 and r15 its entry,
 * where it goes on. */
.macro interrupt_vector name, function
    .section .text.\name, "ax", @progbits
    .globl \name
\name:
    tst r1
    jnz 1f
    mov &__unprotected_sp, r1
    push r15
    push #0
1:  br #\function
.endm

#endif
