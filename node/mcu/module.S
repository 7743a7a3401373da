/* SPDX-License-Identifier: Apache-2.0 */
/* Modules: the tables, the Sancus instructions, and the call (entry ABI of docs/wire.md). */
#include "node/mcu/firmware.h"

#define STATUS_UNKNOWN 4
#define STATUS_SYSTEM  13
#define CONNECTION     0 /* struct semo_route */
#define MODULE         2
#define ID             0 /* struct semo_module */
#define PS             2
#define BIT            6

    .section .text.module, "ax", @progbits
/* A route that is forgotten keeps its connection, so that the table ends at the first 0. What is
 * placed takes the first place without a module: no forgotten one of its number can hide it. */
    .globl semo_route_place, semo_route_find
semo_route_place:
    call #semo_route_find
    tst r12
    jnz done
    mov #SEMO_TABLE_ROUTES, r15
1:  tst MODULE(r15)
    jz found
    add #SEMO_ROUTE_SIZE, r15
    cmp #SEMO_TABLE_BUFFER, r15
    jne 1b
none:
    clr r15
found:
    mov r15, r12
done:
    ret
semo_route_find:
    mov #SEMO_TABLE_ROUTES, r15
1:  tst CONNECTION(r15)
    jz none
    cmp r12, CONNECTION(r15)
    jeq 2f
    add #SEMO_ROUTE_SIZE, r15
    cmp #SEMO_TABLE_BUFFER, r15
    jne 1b
    jmp none
2:  tst MODULE(r15)
    jz none
    jmp found

    .globl semo_module_free
semo_module_free:
    clr r12
module_find:
    mov #SEMO_TABLE_MODULES, r15
1:  cmp r12, ID(r15)
    jeq found
    add #SEMO_MODULE_SIZE, r15
    cmp #SEMO_TABLE_ROUTES, r15
    jne 1b
    jmp none

    .globl semo_module_next
semo_module_next:
    clr r12
    tst &SEMO_TABLE_PENDING
    jz done
    mov &SEMO_TABLE_TURN, r12
1:  add #SEMO_MODULE_SIZE, r12
    cmp #SEMO_TABLE_ROUTES, r12
    jhs 2f
    cmp BIT(r12), &SEMO_TABLE_PENDING
    jhs 3f
2:  mov #SEMO_TABLE_MODULES, r12 /* from here on none is pending */
3:  bit BIT(r12), &SEMO_TABLE_PENDING
    jz 1b
    mov r12, &SEMO_TABLE_TURN
    ret

    .globl semo_module_sweep
semo_module_sweep:
    clr r12
    mov #SEMO_TABLE_MODULES, r14
1:  tst ID(r14)
    jz 3f
    mov PS(r14), r15
    .word 0x1386 /* id of the module at r15 */
    cmp r15, ID(r14)
    jne 2f
    inc r12
    jmp 3f
2:  clr ID(r14)
3:  add #SEMO_MODULE_SIZE, r14
    cmp #SEMO_TABLE_ROUTES, r14
    jne 1b
    ret

    .globl semo_module_at
semo_module_at:
    mov r12, r15
    .word 0x1386 /* id of the module at r15 */
    mov r15, r12
    ret

    .globl semo_module_enable
semo_module_enable:
    push r9
    push r10
    push r13
    mov r12, r9
    mov @r9+, r11
    mov @r9+, r12
    mov @r9+, r13
    mov @r9+, r14
    mov @r9+, r15
    mov @r9+, r10
    mov @r9, r9
    .word 0x1381 /* enable */
    pop r10
    mov r15, ID(r10)
    mov r12, PS(r10)
    mov r15, r12
    pop r10
    pop r9
    ret

/* (id, entry, buffer, &len). The module clears every register, so all are kept here; nothing of its
 * return is believed but the status, and a length that fits. */
    .globl semo_module_call, semo_module_interrupted
semo_module_call:
    push r4
    push r5
    push r6
    push r7
    push r8
    push r9
    push r10
    push r15
    push r14
    push r13
    mov sp, &SEMO_TABLE_CALL
    tst r12
    jz gone
    call #module_find
    tst r12
    jz gone
    mov r12, r10
    mov PS(r10), r15
    .word 0x1386 /* id: a module that is gone is plain code */
    cmp r15, ID(r10)
    jne gone
    bis BIT(r10), &SEMO_TABLE_PENDING
    mov 0(sp), r12
    mov 2(sp), r13
    mov 4(sp), r15
    mov @r15, r14
    mov #SEMO_TABLE_LIMIT, r11
    sub r13, r11
    mov #returned, r15
    br PS(r10)
semo_module_interrupted:
    mov #STATUS_SYSTEM, r12
    jmp failed
gone:
    mov #STATUS_UNKNOWN, r12
failed:
    clr r13
returned:
    mov &SEMO_TABLE_CALL, sp
    clr &SEMO_TABLE_CALL
    pop r15
    mov #SEMO_TABLE_LIMIT, r14
    sub @sp+, r14
    cmp r13, r14
    jhs 1f
    clr r13
1:  pop r15
    mov r13, 0(r15)
    pop r10
    pop r9
    pop r8
    pop r7
    pop r6
    pop r5
    pop r4
    ret
