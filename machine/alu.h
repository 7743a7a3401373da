/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of the two-operand instructions and their flags (reference 1.2). */
#ifndef SEMO_ALU_H
#define SEMO_ALU_H

#include "machine/state.h"

enum { SEMO_OP_MOV = 4, SEMO_OP_ADD, SEMO_OP_ADDC, SEMO_OP_SUBC, SEMO_OP_SUB, SEMO_OP_CMP };
enum { SEMO_OP_DADD = 10, SEMO_OP_BIT, SEMO_OP_BIC, SEMO_OP_BIS, SEMO_OP_XOR, SEMO_OP_AND };

static inline bool semo_op_sets_flags(unsigned op)
{
    return op != SEMO_OP_MOV && op != SEMO_OP_BIC && op != SEMO_OP_BIS;
}

static inline bool semo_op_writes(unsigned op)
{
    return op != SEMO_OP_CMP && op != SEMO_OP_BIT;
}

static inline uint16_t semo_flags_nz(uint16_t result, uint16_t sign)
{
    return (uint16_t)((result & sign ? SEMO_N : 0) | (result ? 0 : SEMO_Z));
}

#define SEMO_FLAGS (SEMO_V | SEMO_N | SEMO_Z | SEMO_C)

static inline uint16_t semo_alu_sum(uint32_t a, uint32_t b, uint32_t carry, bool byte,
                                    uint16_t *flags)
{
    uint32_t mask = byte ? 0xFF : 0xFFFF, sign = byte ? 0x80 : 0x8000;
    uint32_t sum = a + b + carry;
    uint16_t result = (uint16_t)(sum & mask);
    *flags = (uint16_t)(semo_flags_nz(result, (uint16_t)sign) | (sum > mask ? SEMO_C : 0) |
                        (~(a ^ b) & (a ^ sum) & sign ? SEMO_V : 0));
    return result;
}

static inline uint16_t semo_alu_dadd(uint32_t a, uint32_t b, uint32_t carry, bool byte,
                                     uint16_t *flags)
{
    uint32_t sign = byte ? 0x80 : 0x8000, result = 0;
    for (unsigned shift = 0; shift < (byte ? 8u : 16u); shift += 4) {
        uint32_t s = ((a >> shift) & 15) + ((b >> shift) & 15) + carry;
        if (s >= 10)
            s += 6;
        carry = s >> 4 & 1;
        result |= (s & 15) << shift;
    }
    *flags = (uint16_t)(semo_flags_nz((uint16_t)result, (uint16_t)sign) | (carry ? SEMO_C : 0) |
                        (~(a ^ b) & (a ^ result) & sign ? SEMO_V : 0));
    return (uint16_t)result;
}

/* src and dst: upper byte 0 in byte mode. *flags: C before on entry, C Z N V after (unchanged by
 * MOV, BIC, BIS). */
static inline uint16_t semo_alu(unsigned op, uint16_t src, uint16_t dst, bool byte, uint16_t *flags)
{
    uint16_t mask = byte ? 0xFF : 0xFFFF, sign = byte ? 0x80 : 0x8000, carry = *flags & SEMO_C;
    uint16_t inverse = (uint16_t)(~src & mask), result;
    switch (op) {
    case SEMO_OP_MOV:
        return src;
    case SEMO_OP_ADD:
        return semo_alu_sum(src, dst, 0, byte, flags);
    case SEMO_OP_ADDC:
        return semo_alu_sum(src, dst, carry, byte, flags);
    case SEMO_OP_SUBC:
        return semo_alu_sum(inverse, dst, carry, byte, flags);
    case SEMO_OP_SUB:
    case SEMO_OP_CMP:
        return semo_alu_sum(inverse, dst, 1, byte, flags);
    case SEMO_OP_DADD:
        return semo_alu_dadd(src, dst, carry, byte, flags);
    case SEMO_OP_BIC:
        return dst & inverse;
    case SEMO_OP_BIS:
        return dst | src;
    case SEMO_OP_XOR:
        result = src ^ dst;
        *flags = semo_flags_nz(result, sign);
        *flags |= (uint16_t)((result ? SEMO_C : 0) | (src & dst & sign ? SEMO_V : 0));
        return result;
    default: /* BIT, AND */
        result = src & dst;
        *flags = semo_flags_nz(result, sign);
        *flags |= result ? SEMO_C : 0;
        return result;
    }
}

/* RRC, RRA, SXT; SWPB leaves the flags. which = bits 9:7. */
static inline uint16_t semo_alu_one(unsigned which, uint16_t v, bool byte, uint16_t *flags)
{
    uint16_t sign = byte ? 0x80 : 0x8000, result;
    if (which == 1)
        return (uint16_t)(v << 8 | v >> 8);
    if (which == 3) {
        result = (uint16_t)(int16_t)(int8_t)v;
        *flags = semo_flags_nz(result, 0x8000);
        *flags |= result ? SEMO_C : 0;
        return result;
    }
    uint16_t top = which == 0 ? (*flags & SEMO_C ? sign : 0) : v & sign;
    result = (uint16_t)(v >> 1 | top);
    *flags = (uint16_t)(semo_flags_nz(result, sign) | (v & SEMO_C));
    return result;
}

/* Condition of jump 0..7: JNE JEQ JNC JC JN JGE JL JMP. */
static inline bool semo_jump_taken(unsigned condition, uint16_t sr)
{
    bool less = ((sr & SEMO_N) != 0) != ((sr & SEMO_V) != 0);
    const bool taken[8] = {!(sr & SEMO_Z), sr & SEMO_Z, !(sr & SEMO_C), sr & SEMO_C,
                           sr & SEMO_N,    !less,       less,           true};
    return taken[condition];
}

/* The fetch unit hands source extension words, constants and jump offsets on in one register.
 * extension: the first extension word of the instruction; before: what the register held. */
static inline uint16_t semo_source_extension(uint16_t word, uint16_t extension, uint16_t before)
{
    static const uint16_t r3[4] = {0, 1, 2, 0xFFFF};
    unsigned reg = word < 0x2000 ? word & 15 : word >> 8 & 15, as = word >> 4 & 3;
    if (word >= 0x2000 && word < 0x4000)
        return (uint16_t)((int16_t)(uint16_t)(word << 6) >> 5 & ~1);
    if (reg == 3)
        return r3[as];
    if (reg == 2 && as >= 2)
        return as == 2 ? 4 : 8;
    if (as == 1) /* symbolic: PC is ahead by a word */
        return reg == 0 ? (uint16_t)(extension - 2) : extension;
    return reg == 0 && as == 3 ? extension : before;
}

#endif
