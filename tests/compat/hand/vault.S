/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the published compiler: the argument comes in r15 and the result goes there. */
    .global __sm_vault_public_start, __sm_vault_public_end
    .global __sm_vault_secret_start, __sm_vault_secret_end
    .global vault_open, vault_tries, old_join
    .text
__sm_vault_public_start:
vault_open:
    inc &vault_tries
    cmp #4711, r15
    jne 1f
    mov #0xCAFE, r15
    jmp __sm_vault_public_end
1:  clr r15
__sm_vault_public_end:
    ret ; outside: the stack is the caller's

old_join: ; the result is r15 and, low, r14
    bis #1, r14
    ret

    .data
__sm_vault_secret_start:
vault_tries: .word 0
__sm_vault_secret_end:
