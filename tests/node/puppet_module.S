/* SPDX-License-Identifier: Apache-2.0 */
/* A module without runtime or crypto, to see the firmware do its part. Its events are
 *   connection | 11 | 00 | sequence u64 | hops u16 | sum u16 of all words before
 * and it accepts one whose sum is right and whose sequence is greater than the last. An accepted
 * event with hops left goes on with one hop less. Linked at `text`, its data at `data`. */
#define EVENT_LEN 16

    .set HOPS, data         /* of the event that waits */
    .set WAITING, data + 2  /* events to be taken */
    .set CONNECTION, data + 4
    .set SENT, data + 6     /* sequence */
    .set LAST, data + 8     /* sequence accepted */
    .set ACCEPTED, data + 10
    .set SAMPLED, data + 12

    .text
    .globl puppet
puppet: /* r12 entry, r13 buffer, r14 length, r11 capacity, r15 return */
    cmp #2, r12
    jeq input
    cmp #3, r12
    jeq take
    cmp #8, r12
    jeq emit
    cmp #9, r12
    jeq tell
    cmp #10, r12
    jeq violate
    cmp #11, r12
    jeq lie
    cmp #12, r12
    jeq sample
    cmp #13, r12
    jeq leave
    cmp #14, r12
    jeq big
    cmp #15, r12
    jeq spin
    mov #4, r12 /* SEMO_UNKNOWN */
    jmp empty_answer

input:
    cmp #EVENT_LEN, r14
    jne malformed
    call #0f /* sum */
    cmp 14(r13), r10
    jne refused
    mov 6(r13), r10
    bis 8(r13), r10
    bis 10(r13), r10
    jnz refused /* so many events it never sent: no forgery is lucky */
    mov 4(r13), r10
    cmp r10, &LAST
    jhs stale
    mov r10, &LAST
    inc &ACCEPTED
    tst 12(r13)
    jz done
    mov 12(r13), r10
    dec r10
    mov r10, &HOPS
    inc &WAITING
done:
    clr r12
empty_answer:
    clr r13
    br r15
malformed:
    mov #2, r12
    jmp empty_answer
refused:
    mov #1, r12
    jmp empty_answer
stale:
    mov #5, r12
    jmp empty_answer

take:
    mov #7, r12 /* SEMO_EMPTY */
    tst &WAITING
    jz empty_answer
    mov #3, r12 /* SEMO_LENGTH */
    cmp #EVENT_LEN, r11
    jlo empty_answer
    dec &WAITING
    inc &SENT
    mov &CONNECTION, r10
    mov r10, 0(r13)
    mov #0x0011, 2(r13)
    mov &SENT, r10
    mov r10, 4(r13)
    clr 6(r13)
    clr 8(r13)
    clr 10(r13)
    mov &HOPS, r10
    mov r10, 12(r13)
    call #0f
    mov r10, 14(r13)
    clr r12
    mov #EVENT_LEN, r13
    br r15
0:  mov 0(r13), r10
    add 2(r13), r10
    add 4(r13), r10
    add 6(r13), r10
    add 8(r13), r10
    add 10(r13), r10
    add 12(r13), r10
    ret

emit: /* connection u16 | hops u16 | events u16: so many events, to be taken later */
    mov 0(r13), r10
    mov r10, &CONNECTION
    mov 2(r13), r10
    mov r10, &HOPS
    mov 4(r13), r10
    mov r10, &WAITING
    jmp done

tell: /* -> accepted u16 | last u16 | sent u16 | sampled u16 */
    mov &ACCEPTED, r10
    mov r10, 0(r13)
    mov &LAST, r10
    mov r10, 2(r13)
    mov &SENT, r10
    mov r10, 4(r13)
    mov &SAMPLED, r10
    mov r10, 6(r13)
    clr r12
    mov #8, r13
    br r15

violate: /* a write into somebody's private data */
    mov 0(r13), r10
    clr 0(r10)
    jmp done

lie: /* about its answer's length */
    clr r12
    mov #0xFFF0, r13
    br r15

big: /* length u16 -> so many bytes, of whatever there is */
    clr r12
    mov 0(r13), r13
    br r15

spin: /* for ever, and open to interrupts, which save the registers below the data's last word */
    mov #data + 0x1C, &data + 0x1E
    eint
    jmp spin

sample:
    inc &SAMPLED
    inc &WAITING
    jmp done

leave: /* disable itself, and be gone */
    clr r12
    clr r13
    .word 0x1380
end:
