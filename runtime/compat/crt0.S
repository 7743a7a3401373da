/* SPDX-License-Identifier: Apache-2.0 */
/* Start of a program, and the unprotected side of calls into and out of modules. */
#include "runtime/compat/module.S"

    .section .bss.__unprotected_sp, "aw", @nobits
    .balign 2
    .globl __unprotected_sp, __sm_words, __sm_word_count
__unprotected_sp: .skip 2 /* the stack while a module runs */
__sm_word_count:  .skip 2 /* variable arguments of a call out of a module, and they */
__sm_words:       .skip 32

    .section .text._start, "ax", @progbits
    .globl _start
_start:
    mov #0x5A80, &0x0120 /* watchdog off */
    mov #__stack_top, r1
    mov #__bss_start, r12
1:  cmp #__bss_end, r12
    jhs 2f
    mov #0, 0(r12)
    incd r12
    jmp 1b
2:  mov #__data_start, r12
    mov #__data_load, r13
3:  cmp #__data_end, r12
    jhs 4f
    mov @r13+, r14
    mov r14, 0(r12)
    incd r12
    jmp 3b
4:  mov #__constructors, r10
5:  cmp #__constructors_end, r10
    jhs 6f
    mov @r10+, r12
    call r12
    jmp 5b
6:  call #main
    .globl exit, abort
exit:
abort:
    dint
    nop
7:  bis #0x10, r2 /* CPUOFF ends the run */
    jmp 7b

/* r8 = a module's entry, r6 = the index; r6, r7, r8 are saved already. */
    .section .text.__unprotected_call, "ax", @progbits
    .globl __unprotected_call
__unprotected_call:
    push r2
    dint
    push r4
    mov 2(r1), r4 /* interrupts on or off as they are here */
    push r5
    push r9
    push r10
    mov &__unprotected_sp, r11
    push r11
    mov r1, &__unprotected_sp
    mov #1f, r7
    br r8
1:  mov &__unprotected_sp, r1
    mov @r1, r11
    mov r11, &__unprotected_sp
    incd r1
    and #8, r4 /* interrupts on or off as the module leaves them */
    bic #8, 8(r1)
    bis r4, 8(r1)
    pop r10
    pop r9
    pop r5
    pop r4
    pop r2
    pop r8
    pop r7
    pop r6
    ret

/* A module calls: r6 = function, r7 = where to return to. */
    .section .text.__unprotected_entry, "ax", @progbits
    .globl __unprotected_entry
__unprotected_entry:
    mov &__unprotected_sp, r1
    push r7
    mov &__sm_word_count, r8
    rla r8
    jmp 2f
1:  decd r8
    mov __sm_words(r8), r11
    push r11
2:  tst r8
    jnz 1b
    bit #8, r4
    jz 3f
    eint
3:  call r6
    dint
    nop
    mov &__unprotected_sp, r1
    mov -2(r1), r7
    mov #-1, r6
    br r7

/* sancus_call: r12 = entry, r13 = index, arguments r14, r15, 2(r1) */
    .section .text.__sancus_call, "ax", @progbits
    .globl __sancus_call
__sancus_call:
    push r6
    push r7
    push r8
    mov r12, r8
    mov r13, r6
    mov r14, r12
    mov r15, r13
    mov 8(r1), r14
    br #__unprotected_call

    .section .text.__sancus_get_caller_id, "ax", @progbits
    .globl __sancus_get_caller_id
__sancus_get_caller_id:
    .word 0x1387
    mov r15, r12
    ret

/* Interrupt 13 without a handler of the program; after one of a module r1 is 0. */
    .section .text.__violation_isr, "ax", @progbits
    .globl __violation_isr
__violation_isr:
    mov #__stack_top, r1
    mov #.Lviolation, r12
    call #puts
    br #exit
    .section .rodata.__violation_isr, "a", @progbits
.Lviolation: .asciz "violation: a protected module was touched; the program ends here"

/* A module refused a call, but it has no protection: nobody enabled it, or that failed. */
    .section .text.__sm_not_enabled, "ax", @progbits
    .globl __sm_not_enabled
__sm_not_enabled:
    mov #__stack_top, r1
    mov #.Lnot_enabled, r12
    call #puts
    br #exit
    .section .rodata.__sm_not_enabled, "a", @progbits
.Lnot_enabled: .asciz "a module was called that is not enabled; the program ends here"

/* Any other without one: nothing happens. */
    interrupt_vector __default_isr, __unprotected_reti
    .globl __unprotected_reti
__unprotected_reti:
    reti
