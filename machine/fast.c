/* SPDX-License-Identifier: Apache-2.0 */
/* Plain instructions, fast: through decoded blocks (block.h), each operation jumping to the next.
 * Cycles are counted once for a block, and a block is begun only if all of it fits before the
 * deadline. What may be executed and accessed is what semo_access() answers for a whole span.
 * Whatever is unusual (devices, program memory writes, SR, another span, anything refused) is left
 * to semo_cpu_step(), before it has had any effect here. */
#include <string.h>
#include "machine/block.h"
#include "machine/family.h"

enum { MAY_READ = 1, MAY_WRITE = 2 };
enum { CYCLES_AT_ONCE = 1 << 30 };

/* The arithmetic flags: Z = low 16 bits of result are 0, N = its sign, V = bit 15 of overflow. */
struct flags {
    int32_t result;
    uint32_t carry, overflow;
};

struct run {
    uint16_t r[SEMO_R_COUNT];
    uint16_t bus;            /* last word read from data memory */
    struct semo_window near; /* view->data[0] */
    uint8_t *ram;            /* address 0 would be here */
    struct semo_view *view;
};

#define INLINE      static inline __attribute__((always_inline))
#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

INLINE uint16_t word_at(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

/* ---- what may be accessed ---- */

/* Words: an odd address is moved far out of the window. */
INLINE bool in_window(struct semo_window w, uint16_t address, bool byte)
{
    uint16_t offset = (uint16_t)(address - w.start);
    return (byte ? offset >> 1 : (uint16_t)(offset >> 1 | offset << 15)) < w.half;
}

static bool allowed(const struct semo_view *v, uint16_t address, enum semo_access_kind kind)
{
    const struct semo_access_state *a = v->machine->core.access;
    return semo_access(a, v->first, v->first, address, kind) == SEMO_ALLOWED;
}

/* The whole words of the span around address that are in start..end - 1. */
static struct semo_window window_around(const struct semo_view *v, uint16_t address, uint32_t start,
                                        uint32_t end)
{
    struct semo_span span = semo_access_span(v->machine->core.access, address);
    uint32_t first = span.first > start ? span.first : start;
    uint32_t behind = span.last + 1u < end ? span.last + 1u : end;
    first = (first + 1) & ~1u;
    behind &= ~1u;
    if (first >= behind)
        return (struct semo_window){0};
    return (struct semo_window){(uint16_t)first, (uint16_t)((behind - first) / 2)};
}

static bool find_data(struct run *x, uint16_t address)
{
    struct semo_view *v = x->view;
    if (!allowed(v, address, SEMO_READ) || !allowed(v, address, SEMO_WRITE) ||
        !allowed(v, address, SEMO_WRITE_ODD_BYTE))
        return false;
    v->data[1] = v->data[0];
    v->data[0] = window_around(v, address, SEMO_DATA_START, SEMO_DATA_END);
    x->near = v->data[0];
    return in_window(x->near, address, true);
}

static bool find_text(struct run *x, uint16_t address)
{
    struct semo_view *v = x->view;
    if (!allowed(v, address, SEMO_READ))
        return false;
    v->text = window_around(v, address, SEMO_PROGRAM_START, 0x10000);
    return in_window(v->text, address, true);
}

/* The private RAM of a window, as long as the code of this view has it. */
static uint8_t *find_private(struct run *x, uint16_t address)
{
    struct semo_view *v = x->view;
    unsigned n = (address - SEMO_WINDOW_START) / SEMO_WINDOW_SIZE;
    unsigned offset = (address - SEMO_WINDOW_START) % SEMO_WINDOW_SIZE;
    if (offset >= SEMO_WINDOW_REGISTERS || !semo_window_ram(v->machine, n))
        return NULL;
    if (!in_window(v->own, address, true)) {
        if (!allowed(v, address, SEMO_READ) || !allowed(v, address, SEMO_WRITE) ||
            !allowed(v, address, SEMO_WRITE_ODD_BYTE))
            return NULL;
        v->own = window_around(v, address, SEMO_WINDOW_START, SEMO_WINDOWS_END);
        if (!in_window(v->own, address, true))
            return NULL;
    }
    return semo_window_ram(v->machine, n) + offset;
}

/* An address outside of the nearest window; NULL: left to semo_cpu_step(). */
static __attribute__((noinline)) uint8_t *far_place(struct run *x, uint16_t address, unsigned what,
                                                    bool byte)
{
    struct semo_view *v = x->view;
    if (!byte && (address & 1))
        return NULL;
    if (address >= SEMO_DATA_START && address < SEMO_DATA_END)
        return in_window(v->data[1], address, true) || find_data(x, address) ? x->ram + address
                                                                             : NULL;
    if (address >= SEMO_WINDOW_START && address < SEMO_WINDOWS_END)
        return find_private(x, address);
    if (address < SEMO_PROGRAM_START || what != MAY_READ)
        return NULL;
    if (!in_window(v->text, address, true) && !find_text(x, address))
        return NULL;
    return (uint8_t *)semo_memory_program(v->machine, address);
}

INLINE uint8_t *place(struct run *x, uint16_t address, unsigned what, bool byte)
{
    return LIKELY(in_window(x->near, address, byte)) ? x->ram + address
                                                     : far_place(x, address, what, byte);
}

/* ---- operands ---- */

INLINE uint16_t value_at(const uint8_t *p, bool byte)
{
    return byte ? *p : word_at(p);
}

/* The word at p was on the port of data memory. */
INLINE void answered(struct run *x, const uint8_t *p, uint16_t address, bool byte)
{
    if (LIKELY(address < SEMO_DATA_END))
        x->bus = word_at(byte ? p - (address & 1) : p);
}

INLINE void store(struct run *x, uint8_t *p, uint16_t address, uint16_t value, bool byte)
{
    p[0] = (uint8_t)value;
    if (!byte)
        p[1] = (uint8_t)(value >> 8);
    answered(x, p, address, byte);
}

/* The value of a source; false: not here. @Rn+ is not yet incremented. */
INLINE bool get(struct run *x, const struct semo_op *d, enum semo_source kind, bool byte,
                uint16_t *value)
{
    if (kind == SRC_IMMEDIATE) {
        *value = d->a;
        return true;
    }
    if (kind == SRC_REGISTER) {
        *value = byte ? x->r[d->src] & 0xFF : x->r[d->src];
        return true;
    }
    uint16_t address = x->r[d->src];
    if (kind == SRC_INDEXED)
        address += d->a;
    const uint8_t *p = place(x, address, MAY_READ, byte);
    if (UNLIKELY(!p))
        return false;
    *value = value_at(p, byte);
    answered(x, p, address, byte);
    return true;
}

INLINE void increment(struct run *x, const struct semo_op *d, enum semo_source kind)
{
    if (kind == SRC_INCREMENT)
        x->r[d->src] = (uint16_t)(x->r[d->src] + d->a);
}

/* ---- arithmetic ---- */

INLINE uint16_t pack(const struct flags *f)
{
    return (uint16_t)(f->carry | ((f->result & 0xFFFF) ? 0 : SEMO_Z) |
                      (f->result < 0 ? SEMO_N : 0) | (f->overflow & 0x8000 ? SEMO_V : 0));
}

INLINE void unpack(struct flags *f, uint16_t sr)
{
    f->carry = sr & SEMO_C;
    f->result = (int32_t)((sr & SEMO_Z ? 0 : 1) | (sr & SEMO_N ? INT32_MIN : 0));
    f->overflow = sr & SEMO_V ? 0x8000 : 0;
}

INLINE void set_result(struct flags *f, uint32_t result, bool byte)
{
    f->result = byte ? (int8_t)result : (int16_t)result;
}

INLINE uint16_t sum(struct flags *f, uint32_t a, uint32_t b, uint32_t carry, bool byte)
{
    uint32_t s = a + b + carry, overflow = (a ^ s) & (b ^ s);
    f->carry = s >> (byte ? 8 : 16);
    f->overflow = byte ? overflow << 8 : overflow;
    set_result(f, s, byte);
    return byte ? (uint8_t)s : (uint16_t)s;
}

INLINE uint16_t logic(struct flags *f, uint16_t result, uint32_t overflow, bool byte)
{
    f->carry = result != 0;
    f->overflow = byte ? overflow << 8 : overflow;
    set_result(f, result, byte);
    return result;
}

static __attribute__((noinline)) uint16_t decimal(uint16_t src, uint16_t dst, uint32_t carry,
                                                  bool byte, uint16_t *sr)
{
    return semo_alu_dadd(src, dst, carry, byte, sr);
}

INLINE uint16_t alu(struct flags *f, unsigned op, uint16_t src, uint16_t dst, bool byte)
{
    uint16_t inverse = (uint16_t)(~src & (byte ? 0xFF : 0xFFFF)), sr;
    switch (op) {
    case SEMO_OP_MOV:
        return src;
    case SEMO_OP_ADD:
        return sum(f, src, dst, 0, byte);
    case SEMO_OP_ADDC:
        return sum(f, src, dst, f->carry, byte);
    case SEMO_OP_SUBC:
        return sum(f, inverse, dst, f->carry, byte);
    case SEMO_OP_SUB:
    case SEMO_OP_CMP:
        return sum(f, inverse, dst, 1, byte);
    case SEMO_OP_DADD:
        dst = decimal(src, dst, f->carry, byte, &sr);
        unpack(f, sr);
        return dst;
    case SEMO_OP_BIC:
        return dst & inverse;
    case SEMO_OP_BIS:
        return dst | src;
    case SEMO_OP_XOR:
        return logic(f, src ^ dst, src & dst, byte);
    default: /* BIT, AND */
        return logic(f, src & dst, 0, byte);
    }
}

INLINE bool taken(const struct flags *f, unsigned condition)
{
    bool less = (f->result < 0) != ((f->overflow & 0x8000) != 0);
    switch (condition) {
    case 0:
        return (f->result & 0xFFFF) != 0;
    case 1:
        return (f->result & 0xFFFF) == 0;
    case 2:
        return !f->carry;
    case 3:
        return f->carry;
    case 4:
        return f->result < 0;
    case 5:
        return !less;
    default:
        return less;
    }
}

/* ---- operations ---- */

INLINE bool two(struct run *x, struct flags *f, const struct semo_op *d, unsigned op, bool byte,
                enum semo_source src_kind, enum semo_destination dst_kind)
{
    uint16_t src, dst = 0;
    uint8_t *p = NULL;
    uint16_t address = 0;
    if (dst_kind == DST_INDEXED) {
        /* Also CMP and BIT: with program memory they collide (reference 1.5). */
        address = (uint16_t)(x->r[d->dst] + d->b);
        p = place(x, address, MAY_WRITE, byte);
        if (UNLIKELY(!p))
            return false;
    }
    if (!get(x, d, src_kind, byte, &src))
        return false;
    if (dst_kind == DST_REGISTER)
        dst = byte ? x->r[d->dst] & 0xFF : x->r[d->dst];
    else if (op != SEMO_OP_MOV)
        dst = value_at(p, byte);
    uint16_t result = alu(f, op, src, dst, byte);
    increment(x, d, src_kind);
    if (dst_kind == DST_REGISTER && semo_op_writes(op))
        x->r[d->dst] = result;
    else if (dst_kind == DST_INDEXED && semo_op_writes(op))
        store(x, p, address, result, byte);
    else if (dst_kind == DST_INDEXED)
        answered(x, p, address, byte);
    return true;
}

/* PUSH and CALL; the operand is never relative to SP. target NULL: PUSH. */
INLINE bool push(struct run *x, const struct semo_op *d, enum semo_source kind, bool byte,
                 uint16_t *target)
{
    uint16_t value, sp = (uint16_t)(x->r[1] - 2);
    uint8_t *p = place(x, sp, MAY_WRITE, false);
    if (UNLIKELY(!p) || !get(x, d, kind, byte, &value))
        return false;
    increment(x, d, kind);
    x->r[1] = sp;
    store(x, p, sp, target ? d->b : value, byte);
    if (target)
        *target = value;
    return true;
}

INLINE uint16_t shifted(struct flags *f, unsigned which, uint16_t v, bool byte)
{
    if (which == 1)
        return (uint16_t)(v << 8 | v >> 8);
    if (which == 3)
        return logic(f, (uint16_t)(int16_t)(int8_t)v, 0, false);
    uint32_t sign = byte ? 0x80 : 0x8000, in = which == 0 ? f->carry * sign : v & sign;
    uint16_t result = (uint16_t)(v >> 1 | in);
    f->carry = v & 1;
    f->overflow = 0;
    set_result(f, result, byte);
    return result;
}

INLINE uint16_t operand(const struct run *x, const struct semo_op *d, enum semo_source kind,
                        bool byte)
{
    uint16_t value = kind == SRC_IMMEDIATE ? d->a : x->r[d->src];
    return byte ? value & 0xFF : value;
}

INLINE void simple(struct run *x, struct flags *f, const struct semo_op *d, unsigned op, bool byte,
                   enum semo_source kind)
{
    uint16_t dst = byte ? x->r[d->dst] & 0xFF : x->r[d->dst];
    uint16_t result = alu(f, op, operand(x, d, kind, byte), dst, byte);
    if (semo_op_writes(op))
        x->r[d->dst] = result;
}

/* ---- all of them ---- */

#define GO() goto * d->go
#define NEXT()                                                                                     \
    do {                                                                                           \
        d++;                                                                                       \
        GO();                                                                                      \
    } while (0)

/* To the block that the slot behind d is linked with. */
#define FOLLOW()                                                                                   \
    do {                                                                                           \
        to = d[1].link;                                                                            \
        last = d;                                                                                  \
        left -= to->cycles;                                                                        \
        if (UNLIKELY(left < 0))                                                                    \
            goto unfollowed;                                                                       \
        d = to->op;                                                                                \
        GO();                                                                                      \
    } while (0)
#define JUMP_IF(condition)                                                                         \
    do {                                                                                           \
        if (taken(&f, condition)) {                                                                \
            left += d->b;                                                                          \
            FOLLOW();                                                                              \
        }                                                                                          \
        d += 2;                                                                                    \
        GO();                                                                                      \
    } while (0)

/* The labels of the table and the code behind them, from the same lists. */
#define LIST_TWO_3(X, op, byte, src) X(op, byte, src, 0) X(op, byte, src, 1)
#define LIST_TWO_2(X, op, byte)                                                                    \
    LIST_TWO_3(X, op, byte, 0)                                                                     \
    LIST_TWO_3(X, op, byte, 1)                                                                     \
    LIST_TWO_3(X, op, byte, 2) LIST_TWO_3(X, op, byte, 3) LIST_TWO_3(X, op, byte, 4)
#define LIST_TWO_1(X, op) LIST_TWO_2(X, op, 0) LIST_TWO_2(X, op, 1)
#define LIST_TWO(X)                                                                                \
    LIST_TWO_1(X, 4)                                                                               \
    LIST_TWO_1(X, 5)                                                                               \
    LIST_TWO_1(X, 6)                                                                               \
    LIST_TWO_1(X, 7)                                                                               \
    LIST_TWO_1(X, 8)                                                                               \
    LIST_TWO_1(X, 9)                                                                               \
    LIST_TWO_1(X, 10)                                                                              \
    LIST_TWO_1(X, 11)                                                                              \
    LIST_TWO_1(X, 12) LIST_TWO_1(X, 13) LIST_TWO_1(X, 14) LIST_TWO_1(X, 15)
#define TWO_LABEL(op, byte, src, dst)                                                              \
    [SEMO_DO_TWO(op, byte, src, dst)] = &&two_##op##_##byte##_##src##_##dst,
#define TWO_CODE(op, byte, src, dst)                                                               \
    two_##op##_##byte##_##src##_##dst : if (!two(&x, &f, d, op, byte, src, dst)) goto leave;       \
    NEXT();

/* Places and operations as in semo_quiet_ops, semo_fused_ops, semo_skipped_ops. */
#define LIST_QUIET_1(X, place, op)                                                                 \
    X(place, op, 0, 0) X(place, op, 0, 1) X(place, op, 1, 0) X(place, op, 1, 1)
#define LIST_QUIET(X)                                                                              \
    LIST_QUIET_1(X, 0, 5)                                                                          \
    LIST_QUIET_1(X, 1, 6)                                                                          \
    LIST_QUIET_1(X, 2, 7) LIST_QUIET_1(X, 3, 8) LIST_QUIET_1(X, 4, 14) LIST_QUIET_1(X, 5, 15)
#define QUIET_LABEL(place, op, byte, src)                                                          \
    [DO_QUIET + 4 * place + 2 * byte + src] = &&quiet_##op##_##byte##_##src,
#define QUIET_CODE(place, op, byte, src)                                                           \
    quiet_##op##_##byte##_##src : unseen = f;                                                      \
    simple(&x, &unseen, d, op, byte, src);                                                         \
    NEXT();

#define LIST_CONDITION(X, ...)                                                                     \
    X(0, __VA_ARGS__)                                                                              \
    X(1, __VA_ARGS__)                                                                              \
    X(2, __VA_ARGS__) X(3, __VA_ARGS__) X(4, __VA_ARGS__) X(5, __VA_ARGS__) X(6, __VA_ARGS__)
#define LIST_FUSED_1(X, place, op)                                                                 \
    LIST_CONDITION(X, place, op, 0, 0)                                                             \
    LIST_CONDITION(X, place, op, 0, 1)                                                             \
    LIST_CONDITION(X, place, op, 1, 0) LIST_CONDITION(X, place, op, 1, 1)
#define LIST_FUSED(X)                                                                              \
    LIST_FUSED_1(X, 0, 5) LIST_FUSED_1(X, 1, 8) LIST_FUSED_1(X, 2, 9) LIST_FUSED_1(X, 3, 11)
#define FUSED_LABEL(condition, place, op, byte, src)                                               \
    [DO_FUSED + (4 * place + 2 * byte + src) * SEMO_CONDITIONS + condition] =                      \
        &&fused_##op##_##byte##_##src##_##condition,
#define FUSED_CODE(condition, place, op, byte, src)                                                \
    fused_##op##_##byte##_##src##_##condition : simple(&x, &f, d, op, byte, src);                  \
    JUMP_IF(condition);

#define LIST_SKIPPED_1(X, place, op) LIST_CONDITION(X, place, op, 0) LIST_CONDITION(X, place, op, 1)
#define LIST_SKIPPED(X)                                                                            \
    LIST_SKIPPED_1(X, 0, 4) LIST_SKIPPED_1(X, 1, 5) LIST_SKIPPED_1(X, 2, 8) LIST_SKIPPED_1(X, 3, 14)
#define SKIPPED_LABEL(condition, place, op, src)                                                   \
    [DO_SKIPPED + (2 * place + src) * SEMO_CONDITIONS + condition] =                               \
        &&skipped_##op##_##src##_##condition,
#define SKIPPED_CODE(condition, place, op, src)                                                    \
    skipped_##op##_##src##_##condition : skipped = taken(&f, condition);                           \
    unseen = f;                                                                                    \
    do_unless(&x, &unseen, d, op, src, skipped);                                                   \
    left += d->c & -(int)skipped;                                                                  \
    NEXT();

#define LIST_SOURCE(X) X(0) X(1) X(2) X(3) X(4)
#define STACK_LABEL(src)                                                                           \
    [DO_PUSH + src] = &&push_##src, [DO_PUSH_BYTE + src] = &&push_byte_##src,                      \
               [DO_CALL + src] = &&call_##src, [DO_BRANCH + src] = &&branch_##src,
#define STACK_CODE(src)                                                                            \
    push_##src : if (!push(&x, d, src, false, NULL)) goto leave;                                   \
    NEXT();                                                                                        \
    push_byte_##src : if (!push(&x, d, src, true, NULL)) goto leave;                               \
    NEXT();                                                                                        \
    call_##src : if (!push(&x, d, src, false, &pc)) goto leave;                                    \
    goto find;                                                                                     \
    branch_##src : if (!get(&x, d, src, false, &pc)) goto leave;                                   \
    increment(&x, d, src);                                                                         \
    goto find;

#define LIST_SHIFT(X)            X(0, 0) X(0, 1) X(1, 0) X(2, 0) X(2, 1) X(3, 0)
#define SHIFT_LABEL(which, byte) [DO_SHIFT + 2 * which + byte] = &&shift_##which##_##byte,
#define SHIFT_CODE(which, byte)                                                                    \
    shift_##which##_##byte : x.r[d->dst] =                                                         \
        shifted(&f, which, operand(&x, d, SRC_REGISTER, byte), byte);                              \
    NEXT();
#define LIST_SHIFT_QUIET(X)      X(0) X(2) X(3)
#define SHIFT_QUIET_LABEL(which) [DO_SHIFT_QUIET + which] = &&shift_quiet_##which,
#define SHIFT_QUIET_CODE(which)                                                                    \
    shift_quiet_##which : unseen = f;                                                              \
    x.r[d->dst] = shifted(&unseen, which, x.r[d->src], false);                                     \
    NEXT();

#define LIST_JUMP(X)          X(0) X(1) X(2) X(3) X(4) X(5) X(6)
#define JUMP_LABEL(condition) [DO_JUMP + condition] = &&jump_##condition,
#define JUMP_CODE(condition)  jump_##condition : JUMP_IF(condition);

/* The operation, or nothing, without a jump of the host. */
INLINE void do_unless(struct run *x, struct flags *f, const struct semo_op *d, unsigned op,
                      enum semo_source kind, bool skip)
{
    uint16_t keep = (uint16_t)-skip, dst = x->r[d->dst];
    uint16_t result = alu(f, op, operand(x, d, kind, false), dst, false);
    x->r[d->dst] = (uint16_t)((dst & keep) | (result & ~keep));
}

/* ---- finding blocks ---- */

INLINE const struct semo_block *find(const struct semo_family *f, uint16_t pc)
{
    uint64_t segment = f->view.segment[pc / SEMO_PAGE_SIZE];
    const struct semo_block *b = f->table[semo_family_hash(segment, pc)];
    return LIKELY(b && b->segment == segment && b->pc == pc && !b->second) ? b : NULL;
}

static const struct semo_block *decode(struct semo_machine *m, uint16_t pc, uint64_t segment,
                                       const void *const *labels)
{
    struct semo_block *b = semo_block_decode(m, pc, segment);
    for (unsigned n = 0; b && n < b->slots; n++) {
        uintptr_t what = b->op[n].what;
        b->op[n].go = labels[what];
        n += semo_do_links(what); /* the slot behind it is no operation */
    }
    if (b)
        m->family->table[semo_family_hash(segment, pc)] = b;
    return b;
}

/* As find, for blocks that were not needed yet, or reach into the next page. */
static __attribute__((noinline)) const struct semo_block *
find_or_decode(struct semo_machine *m, uint16_t pc, const void *const *labels)
{
    unsigned page = pc / SEMO_PAGE_SIZE, word = pc % SEMO_PAGE_SIZE / 2;
    uint64_t segment = semo_family_segment(m, page);
    if ((pc & 1) || !segment || word < (segment >> 9 & 511) || word > (segment & 511))
        return NULL;
    const struct semo_block *b = m->family->table[semo_family_hash(segment, pc)];
    if (b && b->segment == segment && b->pc == pc &&
        (!b->second || b->second == semo_family_segment(m, page + 1)))
        return b;
    return decode(m, pc, segment, labels);
}

/* ---- the last instructions, for what depends on them ---- */

static const struct semo_mark *behind(const struct semo_op *op)
{
    return &semo_block_marks(semo_block_of(op))[op->slot + 1];
}

static uint16_t extension_behind(const struct semo_op *last, uint16_t before)
{
    return last && behind(last)->extends ? behind(last)->extension[0] : before;
}

static void keep_last(struct semo_machine *m, const struct semo_mark *k, bool skipped)
{
    struct semo_core *c = &m->core;
    c->pc_now = k->last[skipped];
    c->fetch_word = semo_word(m, k->behind[skipped]);
    if (k->extends && !c->access->hardened)
        c->source_extension = k->extension[skipped];
}

/* ---- running ---- */

static void run(struct semo_machine *m, uint64_t deadline)
{
    static const void *const labels[DO_COUNT] = {
        LIST_TWO(TWO_LABEL) LIST_QUIET(QUIET_LABEL) LIST_FUSED(FUSED_LABEL)
            LIST_SKIPPED(SKIPPED_LABEL) LIST_SOURCE(STACK_LABEL) LIST_SHIFT(SHIFT_LABEL)
                LIST_SHIFT_QUIET(SHIFT_QUIET_LABEL) LIST_JUMP(JUMP_LABEL)[DO_HALVE] = &&halve,
        [DO_HALVE_QUIET] = &&halve_quiet,
        [DO_CLEAR_CARRY] = &&clear_carry,
        [DO_FLAGS] = &&flags,
        [DO_PACK] = &&pack,
        [DO_EVEN_SP] = &&even_sp,
        [DO_NEXT] = &&next,
        [DO_EXIT] = &&leave,
    };
    struct semo_core *c = &m->core;
    struct semo_family *family = m->family;
    struct run x = {.bus = c->bus_word,
                    .near = family->view.data[0],
                    .ram = (uint8_t *)((uintptr_t)m->ram - SEMO_DATA_START),
                    .view = &family->view};
    struct flags f, unseen;
    const struct semo_op *d = NULL, *last = NULL; /* last: of the block before */
    const struct semo_mark *k;
    const struct semo_block *to;
    uint16_t pc = c->r[0], extension = c->source_extension;
    bool skipped = false;
    int32_t left = (int32_t)(deadline - c->cycle); /* cycles to the deadline, behind this block */
    memcpy(x.r, c->r, sizeof c->r);
    x.r[SEMO_R_ZERO] = 0;
    unpack(&f, c->r[2]);
    goto enter;

    LIST_TWO(TWO_CODE)
    LIST_QUIET(QUIET_CODE)
    LIST_FUSED(FUSED_CODE)
    LIST_SKIPPED(SKIPPED_CODE)
    LIST_SOURCE(STACK_CODE)
    LIST_SHIFT(SHIFT_CODE)
    LIST_SHIFT_QUIET(SHIFT_QUIET_CODE)
    LIST_JUMP(JUMP_CODE)
halve:
    f.carry = 0;
    x.r[d->dst] = shifted(&f, 0, x.r[d->src], false);
    NEXT();
halve_quiet:
    x.r[d->dst] = x.r[d->src] >> 1;
    NEXT();
clear_carry:
    f.carry = 0;
    NEXT();
flags:
    unpack(&f, (uint16_t)((pack(&f) & ~d->a) | d->b));
    NEXT();
pack:
    x.r[2] = (uint16_t)((x.r[2] & ~SEMO_FLAGS) | pack(&f));
    NEXT();
even_sp:
    x.r[1] &= 0xFFFE;
    NEXT();
next:
    if (UNLIKELY(!d->c))
        extension = extension_behind(last, extension);
    FOLLOW();

find: /* behind a block that ends with d: the one at pc */
    if (UNLIKELY(!d->c))
        extension = extension_behind(last, extension);
    last = d;
    to = find(family, pc);
    if (UNLIKELY(!to)) {
    enter:
        to = find_or_decode(m, pc, labels);
        if (!to)
            goto out;
    }
begin:
    left -= to->cycles;
    if (LIKELY(left >= 0)) {
        d = to->op;
        GO();
    }
    left += to->cycles;
    goto out;

unfollowed: /* behind d: no block is known, or no time for it */
    to = d[1].link;
    left += to->cycles;
    pc = d[1].target;
    if (to != &semo_block_unlinked)
        goto out;
    to = find_or_decode(m, pc, labels);
    if (!to)
        goto out;
    if (to->segment == semo_block_of(d)->segment && !to->second)
        ((struct semo_op *)d)[1].link = to;
    goto begin;

leave: /* before the operation d */
    k = &semo_block_marks(semo_block_of(d))[d->slot];
    left += semo_block_of(d)->cycles - k->cycles;
    pc = k->pc;
    if (k->started)
        goto keep;
out: /* between blocks */
    if (!last)
        return;
    k = behind(last);
keep:
    memcpy(c->r, x.r, sizeof c->r);
    c->r[2] = (uint16_t)((c->r[2] & ~SEMO_FLAGS) | pack(&f));
    c->r[0] = pc;
    c->cycle = deadline - (uint64_t)left;
    if (!c->access->hardened) {
        c->bus_word = x.bus;
        c->source_extension = extension_behind(last, extension);
    }
    keep_last(m, k, skipped);
}

/* What is known holds for the code that is about to be executed, and for whom. */
static bool view_holds(const struct semo_view *v, const struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    unsigned length = v->last - v->first;
    return v->machine == m && (uint16_t)(c->r[0] - v->first) <= length &&
           (uint16_t)(c->pc_now - v->first) <= length && c->id_now == v->id;
}

static bool view_begins(struct semo_view *v, struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    const struct semo_access_state *a = c->access;
    struct semo_span span = semo_access_span(a, c->r[0]);
    int slot = semo_access_slot(a, c->r[0]);
    uint16_t id = slot < 0 ? 0 : a->slots[slot].id;
    if (c->pc_now < span.first || c->pc_now > span.last || c->id_now != id ||
        semo_access(a, c->r[0], c->pc_now, c->r[0], SEMO_EXECUTE) != SEMO_ALLOWED ||
        semo_access(a, c->r[0], c->pc_now, c->r[0], SEMO_READ) != SEMO_ALLOWED)
        return false;
    *v = (struct semo_view){.machine = m, .first = span.first, .last = span.last, .id = id};
    return true;
}

enum { SR_PLAIN = SEMO_SR_HARDWARE | (SEMO_SR_WRITABLE & ~SEMO_CPUOFF) };

static bool unusual(const struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    bool endless = !c->access->hardened && c->next_id == SEMO_ID_IRQ; /* all is refused */
    return endless || c->guard || c->read_masked || c->dma_listens || c->spoiled_extension ||
           c->spoiled_opcode || c->delayed || (c->r[1] & 1) || (c->r[2] & ~SR_PLAIN) ||
           (m->lines && (c->r[2] & SEMO_GIE));
}

void semo_fast_run(struct semo_machine *m, uint64_t deadline)
{
    struct semo_core *c = &m->core;
    struct semo_view *v = &m->family->view;
    if (m->next_event < deadline)
        deadline = m->next_event;
    if (deadline <= c->cycle || unusual(m))
        return;
    if (!view_holds(v, m) && !view_begins(v, m))
        return;
    if (m->family->full)
        semo_family_flush(m->family);
    if (deadline - c->cycle > CYCLES_AT_ONCE)
        deadline = c->cycle + CYCLES_AT_ONCE;
    run(m, deadline);
}
