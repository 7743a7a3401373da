/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/access.h"

const char *semo_rule_text(enum semo_rule rule)
{
    static const char *const text[] = {
        [SEMO_ALLOWED] = "allowed",
        [SEMO_RULE_TEXT] = "the text of a module is read only by itself and written by nobody",
        [SEMO_RULE_DATA] = "the private data of a module is touched only by its own text",
        [SEMO_RULE_ENTRY] = "a module is entered only at the start of its text",
        [SEMO_RULE_CREATE] = "a new module must not overlap another one",
        [SEMO_RULE_STACK] = "the stack pointer stays at or above the stack guard",
        [SEMO_RULE_CLIX] = "clix is not nested and lasts at most 10000 cycles",
        [SEMO_RULE_NESTED] = "no other module is entered while interrupts are held off",
    };
    return text[rule];
}

bool semo_access_inside(uint16_t address, uint16_t start, uint16_t end)
{
    return start <= address && address < end;
}

/*@ requires \valid_read(m);
    assigns \nothing;
    ensures text: \result != 0 <==> in_text(m, address); */
static bool text_has(const struct semo_slot *m, uint16_t address)
{
    return semo_access_inside(address, m->ps, m->pe);
}

/*@ requires \valid_read(m);
    assigns \nothing;
    ensures data: \result != 0 <==> in_data(m, address); */
static bool data_has(const struct semo_slot *m, uint16_t address)
{
    return semo_access_inside(address, m->ss, m->se);
}

static bool text_allows(const struct semo_access_state *s, const struct semo_slot *m, uint16_t pc,
                        enum semo_access_kind kind)
{
    if (kind == SEMO_MEASURE)
        return true;
    if (!text_has(m, pc))
        return false;
    return kind == SEMO_READ || (kind == SEMO_WRITE_ODD_BYTE && !s->hardened);
}

/*@ requires \valid_read(s) && \valid_read(m);
    assigns \nothing;
    ensures text_is_kept: \result == SEMO_ALLOWED ==> text_kept(s, m, pc, address, kind);
    ensures data_is_kept: \result == SEMO_ALLOWED ==> data_kept(s, m, pc, address, kind);
    ensures entry_is_kept: \result == SEMO_ALLOWED ==> entry_kept(m, pc, prev, kind);
    ensures rule_is_reported: \result != SEMO_ALLOWED ==>
      breaks(s, m, pc, prev, address, kind, \result); */
static enum semo_rule one_module(const struct semo_access_state *s, const struct semo_slot *m,
                                 uint16_t pc, uint16_t prev, uint16_t address,
                                 enum semo_access_kind kind)
{
    if (kind == SEMO_EXECUTE) {
        if (s->hardened && data_has(m, pc)) /* to execute it would be to read it */
            return SEMO_RULE_DATA;
        bool stranger = text_has(m, pc) && !text_has(m, prev);
        return stranger && pc != m->ps ? SEMO_RULE_ENTRY : SEMO_ALLOWED;
    }
    if (text_has(m, address) && !text_allows(s, m, pc, kind))
        return SEMO_RULE_TEXT;
    if (data_has(m, address) && (kind == SEMO_DMA || !text_has(m, pc)))
        return SEMO_RULE_DATA;
    return SEMO_ALLOWED;
}

enum semo_rule semo_access(const struct semo_access_state *s, uint16_t pc, uint16_t prev,
                           uint16_t address, enum semo_access_kind kind)
{
    /*@ loop invariant every_slot: 0 <= i <= s->count && kept_below(s, i, pc, prev, address, kind);
        loop assigns i;
        loop variant s->count - i; */
    for (unsigned i = 0; i < s->count; i++) {
        if (!s->slots[i].enabled)
            continue;
        enum semo_rule rule = one_module(s, &s->slots[i], pc, prev, address, kind);
        if (rule != SEMO_ALLOWED)
            return rule;
    }
    return SEMO_ALLOWED;
}

int semo_access_slot(const struct semo_access_state *s, uint16_t address)
{
    /*@ loop invariant every_slot: -1 <= i < s->count &&
          \forall integer k; i < k && active(s, k) ==> !in_text(&s->slots[k], address);
        loop assigns i;
        loop variant i; */
    for (int i = (int)s->count - 1; i >= 0; i--)
        if (s->slots[i].enabled && text_has(&s->slots[i], address))
            return i;
    return -1;
}

bool semo_access_owns(const struct semo_access_state *s, uint16_t pc, uint16_t start, uint16_t end)
{
    int i = semo_access_slot(s, pc);
    return i >= 0 && s->slots[i].ss == start && s->slots[i].se == end;
}

/* ---- spans ---- */

/*@ predicate uncut(integer first, integer limit, integer last) =
      limit <= first || last < limit; */

/*@ requires around: span.first <= address <= span.last;
    assigns \nothing;
    ensures around: span.first <= \result.first <= address <= \result.last <= span.last;
    ensures uncut: uncut(\result.first, limit, \result.last);
    ensures first: \result.first == span.first || \result.first == limit;
    ensures last: \result.last == span.last || \result.last + 1 == limit; */
static struct semo_span cut(struct semo_span span, uint16_t address, uint16_t limit)
{
    if (limit <= address && limit > span.first)
        span.first = limit;
    if (limit > address && limit <= span.last)
        span.last = (uint16_t)(limit - 1);
    return span;
}

struct semo_span semo_access_span(const struct semo_access_state *s, uint16_t address)
{
    struct semo_span span = {0, 0xFFFF};
    /*@ loop invariant around: 0 <= i <= s->count && span.first <= address <= span.last;
        loop invariant uncut: \forall integer k; k < i && active(s, k) ==>
          uncut(span.first, s->slots[k].ps, span.last) &&
          uncut(span.first, s->slots[k].pe, span.last) &&
          uncut(span.first, s->slots[k].ss, span.last) &&
          uncut(span.first, s->slots[k].se, span.last);
        loop invariant largest: (span.first == 0 || is_limit(s, span.first)) &&
          (span.last == 0xFFFF || is_limit(s, span.last + 1));
        loop assigns i, span;
        loop variant s->count - i; */
    for (unsigned i = 0; i < s->count; i++) {
        const struct semo_slot *m = &s->slots[i];
        if (!m->enabled)
            continue;
        span = cut(cut(span, address, m->ps), address, m->pe);
        span = cut(cut(span, address, m->ss), address, m->se);
    }
    /*@ assert uncut: \forall integer a; span.first < a <= span.last ==> !is_limit(s, a); */
    /*@ assert alike: \forall integer a; span.first <= a <= span.last ==> alike(s, address, a); */
    return span;
}

/* ---- creation ---- */

bool semo_access_overlap(uint16_t start, uint16_t end, uint16_t other, uint16_t other_end)
{
    return start < other_end && other < end;
}

/*@ assigns \nothing;
    ensures limits_included: \result != 0 <==> within(start, end, low, high); */
static bool within(uint16_t start, uint16_t end, uint32_t low, uint32_t high)
{
    return start >= low && end <= high;
}

/* Hardened: even limits, text in program memory, data in memory that nobody shares, no vectors. */
/*@ requires \valid_read(n);
    assigns \nothing;
    ensures places: \result != 0 <==> even(n) && text_well_placed(n) && data_well_placed(n) &&
      apart(n->ps, n->pe, n->ss, n->se); */
static bool places_allowed(const struct semo_slot *n)
{
    if (n->ps % 2 || n->pe % 2 || n->ss % 2 || n->se % 2 ||
        !within(n->ps, n->pe, SEMO_PROGRAM_START, SEMO_VECTORS) ||
        semo_access_overlap(n->ps, n->pe, n->ss, n->se))
        return false;
    return within(n->ss, n->se, SEMO_DATA_START, SEMO_DATA_END) ||
           within(n->ss, n->se, SEMO_WINDOW_START, SEMO_WINDOW(SEMO_WINDOW_COUNT)) ||
           within(n->ss, n->se, SEMO_PROGRAM_START, SEMO_VECTORS);
}

/*@ requires \valid_read(m) && \valid_read(n);
    assigns \nothing;
    ensures texts: \result != 0 <==> !texts_apart(m, n); */
static bool texts_meet(const struct semo_slot *m, const struct semo_slot *n)
{
    return semo_access_overlap(m->ps, m->pe, n->ps, n->pe);
}

/*@ requires \valid_read(m) && \valid_read(n);
    assigns \nothing;
    ensures sections: \result != 0 <==> !modules_apart(m, n); */
static bool sections_meet(const struct semo_slot *m, const struct semo_slot *n)
{
    return texts_meet(m, n) || semo_access_overlap(m->ss, m->se, n->ss, n->se) ||
           semo_access_overlap(m->ps, m->pe, n->ss, n->se) ||
           semo_access_overlap(m->ss, m->se, n->ps, n->pe);
}

/*@ requires valid_state(s) && \valid_read(n);
    assigns \nothing;
    ensures every_slot: \result == 0 <==> \forall integer i; active(s, i) ==>
      (s->hardened != 0 ? modules_apart(&s->slots[i], n) : texts_apart(&s->slots[i], n)); */
static bool meets_a_module(const struct semo_access_state *s, const struct semo_slot *n)
{
    /*@ loop invariant every_slot: 0 <= i <= s->count &&
          \forall integer k; k < i && active(s, k) ==>
          (s->hardened != 0 ? modules_apart(&s->slots[k], n) : texts_apart(&s->slots[k], n));
        loop assigns i;
        loop variant s->count - i; */
    for (unsigned i = 0; i < s->count; i++) {
        const struct semo_slot *m = &s->slots[i];
        if (m->enabled && (s->hardened ? sections_meet(m, n) : texts_meet(m, n)))
            return true;
    }
    return false;
}

struct semo_creation semo_access_create(const struct semo_access_state *s, uint16_t pc,
                                        const struct semo_slot *n)
{
    bool meets = meets_a_module(s, n), ordered = n->ps < n->pe && n->ss <= n->se;
    struct semo_creation c = {.create = ordered, .violate = !s->hardened && meets};
    /* pc in the new text: no entry would have been needed to get there */
    if (s->hardened && (meets || text_has(n, pc) || !places_allowed(n)))
        c.create = false;
    return c;
}
