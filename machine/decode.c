/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions to blocks: decoded one by one, then looked at together (which flags nobody will see,
 * which instructions go into one operation), then written down. */
#include <string.h>
#include "machine/block.h"
#include "machine/family.h"

const uint8_t semo_quiet_ops[SEMO_QUIET] = {SEMO_OP_ADD, SEMO_OP_ADDC, SEMO_OP_SUBC,
                                            SEMO_OP_SUB, SEMO_OP_XOR,  SEMO_OP_AND};
const uint8_t semo_fused_ops[SEMO_FUSED] = {SEMO_OP_ADD, SEMO_OP_SUB, SEMO_OP_CMP, SEMO_OP_BIT};
const uint8_t semo_skipped_ops[SEMO_SKIPPED] = {SEMO_OP_MOV, SEMO_OP_ADD, SEMO_OP_SUB, SEMO_OP_XOR};
const struct semo_block semo_block_unlinked = {.cycles = INT32_MAX, .pc = 1};

enum kind { TWO, PUSH, CALL, BRANCH, SHIFT, JUMP, FLAGS, SLOW };
enum { RRC, SWPB, RRA, SXT, ALWAYS = 7 };
enum { LENGTH_MAX = 32, SLOTS_MAX = 3 * LENGTH_MAX + 2 };

struct instruction {
    uint16_t pc, next; /* the address behind it */
    uint16_t word, extension;
    uint16_t a, b; /* as of an operation; b of a jump: its target */
    uint8_t kind, op, src_kind, dst_kind, src, dst, cycles;
    bool byte;
    bool may_leave; /* it may turn out to be for semo_cpu_step() */
    bool reads_carry, sets_flags, reads_sr;
    bool unseen; /* no operation of its own */
    bool halves; /* RRC with C = 0 */
};

struct decoder {
    struct semo_machine *m;
    uint64_t segment, second;
    struct instruction i[LENGTH_MAX];
    unsigned count;
    uint16_t pc; /* behind the last one */
    struct semo_op op[SLOTS_MAX];
    struct semo_mark mark[SLOTS_MAX + 1]; /* [slots]: now */
    unsigned slots;
};

/* ---- one instruction ---- */

static uint16_t extension(const struct semo_machine *m, struct instruction *i)
{
    uint16_t word = semo_word(m, i->next);
    if (i->next == (uint16_t)(i->pc + 2))
        i->extension = word;
    i->next += 2;
    return word;
}

static uint8_t indexed(const struct semo_machine *m, struct instruction *i, unsigned reg,
                       uint16_t *index)
{
    uint16_t base = reg == 0 ? i->next : 0;
    *index = (uint16_t)(base + extension(m, i));
    i->may_leave = true;
    return reg == 0 || reg == 2 ? SEMO_R_ZERO : (uint8_t)reg;
}

static void immediate(struct instruction *i, uint16_t value)
{
    i->src_kind = SRC_IMMEDIATE;
    i->a = i->byte ? value & 0xFF : value;
}

/* false: PC as an operand, left to semo_cpu_step. */
static bool source(const struct semo_machine *m, struct instruction *i, unsigned reg, unsigned as)
{
    static const uint16_t r3[4] = {0, 1, 2, 0xFFFF};
    if (reg == 3 || (reg == 2 && as >= 2)) {
        immediate(i, reg == 3 ? r3[as] : as == 2 ? 4 : 8);
        return true;
    }
    i->src = (uint8_t)reg;
    if (as == 0) {
        i->src_kind = SRC_REGISTER;
        i->reads_sr = reg == 2;
        return reg != 0;
    }
    if (as == 1) {
        i->cycles += 2;
        i->src_kind = SRC_INDEXED;
        i->src = indexed(m, i, reg, &i->a);
        return true;
    }
    i->cycles += 1;
    if (reg == 0 && as == 3) {
        immediate(i, extension(m, i));
        return true;
    }
    i->src_kind = as == 2 ? SRC_INDIRECT : SRC_INCREMENT;
    i->a = i->byte && reg != 1 ? 1 : 2;
    i->may_leave = true;
    return reg != 0;
}

/* BIC and BIS of arithmetic flags only. */
static bool decode_flags(struct instruction *i)
{
    bool plain = i->src_kind == SRC_IMMEDIATE && !i->byte && !(i->a & ~SEMO_FLAGS);
    if (!plain || (i->op != SEMO_OP_BIC && i->op != SEMO_OP_BIS))
        return false;
    i->b = i->op == SEMO_OP_BIS ? i->a : 0;
    i->kind = FLAGS;
    return true;
}

static bool decode_two(const struct semo_machine *m, struct instruction *i)
{
    unsigned reg = i->word & 15;
    i->kind = TWO;
    i->op = (uint8_t)(i->word >> 12);
    i->sets_flags = semo_op_sets_flags(i->op);
    i->reads_carry = i->op == SEMO_OP_ADDC || i->op == SEMO_OP_SUBC || i->op == SEMO_OP_DADD;
    if (!source(m, i, i->word >> 8 & 15, i->word >> 4 & 3))
        return false;
    i->dst_kind = i->word & 0x80 ? DST_INDEXED : DST_REGISTER;
    if (i->dst_kind == DST_INDEXED) {
        i->cycles += 4;
        i->dst = indexed(m, i, reg, &i->b);
        return true;
    }
    i->dst = (uint8_t)reg;
    i->cycles += reg ? 1 : 2;
    if (reg == 2)
        return decode_flags(i);
    if (reg == 0) {
        i->kind = BRANCH;
        i->may_leave = true;
        return i->op == SEMO_OP_MOV && !i->byte;
    }
    return true;
}

static bool decode_one(const struct semo_machine *m, struct instruction *i)
{
    unsigned which = i->word >> 7 & 7, reg = i->word & 15, as = i->word >> 4 & 3;
    i->op = (uint8_t)which;
    if (which < 4) {
        i->kind = SHIFT;
        i->cycles = 1;
        i->src = i->dst = (uint8_t)reg;
        i->sets_flags = which != SWPB;
        i->reads_carry = which == RRC;
        return as == 0 && reg >= 4 && !(i->byte && (which & 1));
    }
    if (which > 5 || reg == 1) /* operands relative to the moving stack pointer */
        return false;
    i->kind = which == 5 ? CALL : PUSH;
    i->byte = i->byte && which == 4;
    i->cycles = 3;
    i->may_leave = true;
    return source(m, i, reg, as);
}

static bool decode_any(const struct semo_machine *m, struct instruction *i)
{
    i->byte = i->word & 0x40;
    if (i->word >= 0x4000)
        return decode_two(m, i);
    if (i->word < 0x2000)
        return decode_one(m, i);
    int16_t offset = (int16_t)(uint16_t)(i->word << 6) >> 5;
    i->kind = JUMP;
    i->op = i->word >> 10 & 7;
    i->cycles = 2;
    i->b = (uint16_t)(i->next + (offset & ~1));
    return true;
}

static void decode_at(struct decoder *d, struct instruction *i, uint16_t pc)
{
    *i = (struct instruction){
        .pc = pc, .next = (uint16_t)(pc + 2), .word = semo_word(d->m, pc), .extension = 0};
    if (decode_any(d->m, i))
        return;
    i->kind = SLOW;
    i->may_leave = true;
}

/* ---- where a block may go ---- */

static unsigned word_in_page(uint16_t address)
{
    return address % SEMO_PAGE_SIZE / 2;
}

/* The instruction's words are all within the segment. */
static bool inside(const struct decoder *d, uint16_t page_of, uint16_t from, uint16_t next)
{
    unsigned first = d->segment >> 9 & 511, last = d->segment & 511;
    return next > from && page_of / SEMO_PAGE_SIZE == from / SEMO_PAGE_SIZE &&
           page_of / SEMO_PAGE_SIZE == (uint16_t)(next - 2) / SEMO_PAGE_SIZE &&
           word_in_page(from) >= first && word_in_page((uint16_t)(next - 2)) <= last;
}

/* An instruction that reaches into the next page, which is in the span up to there. */
static bool reaches_over(struct decoder *d, const struct instruction *i)
{
    unsigned page = i->pc / SEMO_PAGE_SIZE;
    if (i->next < i->pc || (uint16_t)(i->next - 2) / SEMO_PAGE_SIZE != page + 1 ||
        (d->segment & 511) != 511)
        return false;
    d->second = semo_family_segment(d->m, page + 1);
    return d->second && (d->second >> 9 & 511) == 0 &&
           word_in_page((uint16_t)(i->next - 2)) <= (d->second & 511);
}

/* Where to go on after i; 1 = the block ends behind it. */
static uint16_t follower(const struct decoder *d, const struct instruction *i)
{
    uint16_t target = i->next;
    if (i->kind == SLOW || d->second || (i->kind == JUMP && i->op != ALWAYS && i->b <= i->pc))
        return 1;
    if (i->kind == JUMP && i->op == ALWAYS)
        target = i->b;
    else if (i->kind == BRANCH || i->kind == CALL)
        target = i->src_kind == SRC_IMMEDIATE ? i->a : 1;
    return !(target & 1) && inside(d, i->pc, target, (uint16_t)(target + 2)) ? target : 1;
}

/* BRANCH and CALL that do not end the block: a constant that is followed. */
static bool followed(const struct decoder *d, unsigned n)
{
    return n + 1 < d->count;
}

static void collect(struct decoder *d, uint16_t pc)
{
    uint16_t at = pc;
    while (d->count < LENGTH_MAX && at != 1) {
        struct instruction *i = &d->i[d->count];
        decode_at(d, i, at);
        if (!inside(d, pc, at, i->next)) {
            if (d->count)
                break;
            if (!reaches_over(d, i)) {
                i->kind = SLOW;
                i->may_leave = true;
                d->second = 0;
            }
        }
        d->count++;
        d->pc = i->next;
        at = follower(d, i);
        if (at != 1)
            d->pc = at;
        else if (i->kind == JUMP && i->op == ALWAYS)
            d->pc = i->b;
    }
}

/* ---- looking at them together ---- */

static bool conditional(const struct instruction *i)
{
    return i->kind == JUMP && i->op != ALWAYS;
}

/* The flags that instruction n sets are replaced before anybody can see them. */
static bool flags_unseen(const struct decoder *d, unsigned n)
{
    for (unsigned k = n + 1; k < d->count; k++) {
        const struct instruction *i = &d->i[k];
        if (i->may_leave || i->reads_carry || i->reads_sr || conditional(i))
            return false;
        if (i->sets_flags)
            return true;
    }
    return false;
}

/* CLRC of which only an RRC takes notice. */
static void look_at_clear(struct decoder *d, unsigned n)
{
    for (unsigned k = n + 1; k < d->count; k++) {
        struct instruction *i = &d->i[k];
        bool rrc = i->kind == SHIFT && i->op == RRC && !i->byte;
        if (i->may_leave || i->reads_sr || conditional(i) || i->kind == FLAGS ||
            (i->reads_carry && !rrc))
            return;
        if (!i->sets_flags)
            continue;
        d->i[n].unseen = true;
        i->halves = rrc;
        i->reads_carry = i->reads_carry && !rrc;
        return;
    }
}

/* MOV to the register that the next instruction shifts. */
static void look_at_move(struct decoder *d, unsigned n)
{
    struct instruction *i = &d->i[n];
    unsigned k = n + 1;
    while (k < d->count && d->i[k].unseen)
        k++;
    if (k == d->count || i->op != SEMO_OP_MOV || i->byte || i->src_kind != SRC_REGISTER ||
        i->dst_kind != DST_REGISTER || i->reads_sr)
        return;
    struct instruction *shift = &d->i[k];
    if (shift->kind != SHIFT || shift->byte || shift->dst != i->dst)
        return;
    shift->src = i->src;
    i->unseen = true;
}

static void look(struct decoder *d)
{
    for (unsigned n = 0; n < d->count; n++) {
        struct instruction *i = &d->i[n];
        if (i->kind == FLAGS && i->op == SEMO_OP_BIC && i->a == SEMO_C)
            look_at_clear(d, n);
        if (i->kind == JUMP && i->op == ALWAYS)
            i->unseen = true;
        if (i->kind == BRANCH && followed(d, n))
            i->unseen = true;
    }
    for (unsigned n = 0; n < d->count; n++)
        if (d->i[n].kind == TWO)
            look_at_move(d, n);
}

/* ---- writing down ---- */

static struct semo_op *emit(struct decoder *d, unsigned what)
{
    struct semo_op *op = &d->op[d->slots];
    *op = (struct semo_op){.what = what, .slot = (uint8_t)d->slots};
    d->slots++;
    d->mark[d->slots] = d->mark[d->slots - 1];
    return op;
}

static void emit_link(struct decoder *d, uint16_t target)
{
    struct semo_op *op = emit(d, 0);
    op->link = &semo_block_unlinked;
    op->target = target;
}

static bool changes_extension(const struct instruction *i)
{
    return semo_source_extension(i->word, i->extension, 0) ==
           semo_source_extension(i->word, i->extension, 1);
}

/* The state behind an instruction that was executed. */
static void pass(struct decoder *d, const struct instruction *i)
{
    struct semo_mark *k = &d->mark[d->slots];
    k->cycles = (uint16_t)(k->cycles + i->cycles);
    k->started = true;
    k->last[0] = k->last[1] = i->pc;
    k->behind[0] = k->behind[1] = i->next;
    if (changes_extension(i)) {
        k->extends = true;
        k->extension[0] = k->extension[1] = semo_source_extension(i->word, i->extension, 0);
    }
}

static int place_in(const uint8_t *ops, unsigned count, unsigned op)
{
    for (unsigned n = 0; n < count; n++)
        if (ops[n] == op)
            return (int)n;
    return -1;
}

/* To a register from a register or an immediate. */
static bool simple(const struct instruction *i)
{
    return i->kind == TWO && i->dst_kind == DST_REGISTER && i->src_kind <= SRC_IMMEDIATE &&
           i->dst >= 3 && !i->reads_sr;
}

static void operands(struct semo_op *op, const struct instruction *i)
{
    op->a = i->a;
    op->b = i->b;
    op->src = i->src;
    op->dst = i->dst;
}

/* A jump over the one instruction behind it, which then is done or not without a jump. The state
 * must be certain again before the block is left. */
static bool skips(const struct decoder *d, unsigned n)
{
    const struct instruction *i = &d->i[n], *k = i + 1;
    if (n + 2 >= d->count || !conditional(i) || k->pc != i->next || i->b != k->next || !simple(k) ||
        k->byte || k->unseen || place_in(semo_skipped_ops, SEMO_SKIPPED, k->op) < 0 ||
        (k->sets_flags && !flags_unseen(d, n + 1)))
        return false;
    for (unsigned j = n + 2; j < d->count; j++)
        if (changes_extension(&d->i[j]))
            return true;
    return false;
}

static void emit_skipped(struct decoder *d, const struct instruction *jump)
{
    const struct instruction *i = jump + 1;
    unsigned place = (unsigned)place_in(semo_skipped_ops, SEMO_SKIPPED, i->op);
    struct semo_op *op =
        emit(d, DO_SKIPPED + (2 * place + i->src_kind) * SEMO_CONDITIONS + jump->op);
    operands(op, i);
    op->c = i->cycles;
    pass(d, jump);
    struct semo_mark skipped = d->mark[d->slots];
    pass(d, i);
    struct semo_mark *k = &d->mark[d->slots];
    k->last[1] = skipped.last[1];
    k->behind[1] = skipped.behind[1];
    k->extension[1] = skipped.extension[1];
}

static void emit_jump(struct decoder *d, const struct instruction *i)
{
    emit(d, DO_JUMP + i->op);
    pass(d, i);
    emit_link(d, i->b);
}

static void emit_fused(struct decoder *d, const struct instruction *i)
{
    unsigned place = (unsigned)place_in(semo_fused_ops, SEMO_FUSED, i->op);
    unsigned which = 4 * place + 2 * i->byte + i->src_kind;
    struct semo_op *op = emit(d, DO_FUSED + which * SEMO_CONDITIONS + i[1].op);
    operands(op, i);
    pass(d, i);
    pass(d, i + 1);
    emit_link(d, i[1].b);
}

static void emit_two(struct decoder *d, unsigned n)
{
    const struct instruction *i = &d->i[n];
    unsigned what = SEMO_DO_TWO(i->op, i->byte, i->src_kind, i->dst_kind);
    int place = place_in(semo_quiet_ops, SEMO_QUIET, i->op);
    if (place >= 0 && simple(i) && flags_unseen(d, n))
        what = DO_QUIET + 4 * (unsigned)place + 2 * i->byte + i->src_kind;
    operands(emit(d, what), i);
    bool even = i->src_kind == SRC_IMMEDIATE && !(i->a & 1) && !i->byte &&
                (i->op == SEMO_OP_ADD || i->op == SEMO_OP_SUB);
    if (i->dst_kind == DST_REGISTER && i->dst == 1 && semo_op_writes(i->op) && !even)
        emit(d, DO_EVEN_SP);
    pass(d, i);
}

static void emit_shift(struct decoder *d, unsigned n)
{
    const struct instruction *i = &d->i[n];
    bool quiet = !i->byte && i->sets_flags && flags_unseen(d, n);
    unsigned what = i->halves ? DO_HALVE + (unsigned)quiet
                    : quiet   ? DO_SHIFT_QUIET + 0u + i->op
                              : DO_SHIFT + 2u * i->op + i->byte;
    operands(emit(d, what), i);
    pass(d, i);
}

static void emit_stack(struct decoder *d, const struct instruction *i, bool goes_on)
{
    if (i->kind == CALL && goes_on) { /* to where the next instruction is from */
        emit(d, DO_PUSH + SRC_IMMEDIATE)->a = i->next;
    } else {
        unsigned what = i->kind == CALL     ? DO_CALL
                        : i->kind == BRANCH ? DO_BRANCH
                        : i->byte           ? DO_PUSH_BYTE
                                            : DO_PUSH;
        struct semo_op *op = emit(d, what + i->src_kind);
        operands(op, i);
        op->b = i->next;
    }
    pass(d, i);
    if (i->kind != PUSH && !goes_on)
        d->op[d->slots - 1].c = d->mark[d->slots].extends;
}

static void emit_flags(struct decoder *d, const struct instruction *i)
{
    bool clear = i->op == SEMO_OP_BIC && i->a == SEMO_C;
    operands(emit(d, clear ? DO_CLEAR_CARRY : DO_FLAGS), i);
    pass(d, i);
}

/* Instruction n and those that go with it; returns their number. */
static unsigned emit_one(struct decoder *d, unsigned n)
{
    const struct instruction *i = &d->i[n];
    bool last = n + 1 == d->count;
    d->mark[d->slots].pc = i->pc;
    if (i->unseen) {
        pass(d, i);
        return 1;
    }
    if (skips(d, n)) {
        emit_skipped(d, i);
        return 2;
    }
    if (!last && simple(i) && conditional(i + 1) && i[1].pc == i->next && !skips(d, n + 1) &&
        place_in(semo_fused_ops, SEMO_FUSED, i->op) >= 0) {
        emit_fused(d, i);
        return 2;
    }
    if (i->reads_sr && i->kind != SLOW)
        emit(d, DO_PACK);
    switch (i->kind) {
    case TWO:
        emit_two(d, n);
        break;
    case SHIFT:
        emit_shift(d, n);
        break;
    case JUMP:
        emit_jump(d, i);
        break;
    case FLAGS:
        emit_flags(d, i);
        break;
    case SLOW:
        emit(d, DO_EXIT);
        break;
    default:
        emit_stack(d, i, i->kind != PUSH && !last);
    }
    return 1;
}

static bool ends(const struct instruction *i)
{
    return i->kind == SLOW || i->kind == CALL || i->kind == BRANCH;
}

static void emit_all(struct decoder *d)
{
    for (unsigned n = 0; n < d->count;)
        n += emit_one(d, n);
    if (!ends(&d->i[d->count - 1])) {
        d->mark[d->slots].pc = d->pc;
        emit(d, DO_NEXT)->c = d->mark[d->slots].extends;
        emit_link(d, d->pc);
    }
    for (unsigned n = 0; n < d->slots; n++) /* jumps give back what they leave out */
        if (semo_do_links(d->op[n].what)) {
            d->op[n].b = (uint16_t)(d->mark[d->slots].cycles - d->mark[n + 1].cycles);
            n++;
        }
}

struct semo_block *semo_block_decode(struct semo_machine *m, uint16_t pc, uint64_t segment)
{
    struct decoder d; /* large: what is not used is not cleared */
    d.m = m;
    d.segment = segment;
    d.second = 0;
    d.count = d.slots = 0;
    d.mark[0] = (struct semo_mark){0};
    collect(&d, pc);
    look(&d);
    emit_all(&d);
    size_t ops = d.slots * sizeof *d.op, marks = (d.slots + 1) * sizeof *d.mark;
    struct semo_block *b = semo_family_room(m->family, sizeof *b + ops + marks);
    if (!b)
        return NULL;
    *b = (struct semo_block){.segment = segment,
                             .second = d.second,
                             .cycles = d.mark[d.slots].cycles,
                             .pc = pc,
                             .slots = (uint8_t)d.slots};
    memcpy(b->op, d.op, ops);
    memcpy((char *)b->op + ops, d.mark, marks);
    return b;
}
