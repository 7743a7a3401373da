/* SPDX-License-Identifier: Apache-2.0 */
/* The reset vector leads here; the violation's (13) and all others end the program. */
    .section .program.start, "ax", @progbits
    .globl start
start:
    mov #0x5A80, &0x0120 /* hold the watchdog */
    mov #0x4200, r1
    call #program
stop:
    bis #0x10, r2 /* CPUOFF */
    jmp stop

/* uint16_t enable_module(void) */
    .globl enable_module
    .type enable_module, @function
enable_module:
    push r9
    push r10
    clr r9
    clr r10
    mov #1, r11 /* vendor */
    mov #semo_text_start, r12
    mov #semo_text_end, r13
    mov #semo_data_start, r14
    mov #semo_data_end, r15
    .word 0x1381
    mov r15, r12
    pop r10
    pop r9
    ret
    .size enable_module, . - enable_module

/* uint16_t call_module(entry, buffer, len, capacity): the module leaves nothing in the registers */
    .globl call_module
    .type call_module, @function
call_module:
    push r4
    push r5
    push r6
    push r7
    push r8
    push r9
    push r10
    mov r15, r11
    mov #back, r15
    br #semo_entry_stub
back:
    pop r10
    pop r9
    pop r8
    pop r7
    pop r6
    pop r5
    pop r4
    ret
    .size call_module, . - call_module

    .section .vectors, "a", @progbits
    .rept 15
    .word stop
    .endr
    .word start
