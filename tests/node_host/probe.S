/* SPDX-License-Identifier: Apache-2.0 */
/* A module without runtime that owns the window at `data`: it reads the metering front end or
 * the buttons, pulses the relay's coil, lights lamps of the panel. */
    .set REGISTERS, data + 0x380

    .text
    .globl probe
probe: /* r12 entry, r13 buffer, r15 return */
    cmp #3, r12
    jeq empty
    cmp #8, r12
    jeq energy
    cmp #9, r12
    jeq pulse
    cmp #10, r12
    jeq light
    mov #4, r12 /* SEMO_UNKNOWN */
    jmp no_answer
empty:
    mov #7, r12 /* SEMO_EMPTY */
    jmp no_answer

energy: /* -> watt-seconds u64 | power u32 */
    mov &REGISTERS, 0(r13)
    mov &REGISTERS + 2, 2(r13)
    mov &REGISTERS + 4, 4(r13)
    mov &REGISTERS + 6, 6(r13)
    mov &REGISTERS + 8, 8(r13)
    mov &REGISTERS + 10, 10(r13)
    clr r12
    mov #12, r13
    br r15

light: /* lamps u16 */
    mov 0(r13), &REGISTERS
    mov #1, &REGISTERS + 2
    clr r12
    jmp no_answer

pulse: /* coil u16 */
    mov 0(r13), &REGISTERS
    clr r12
no_answer:
    clr r13
    br r15
