/* SPDX-License-Identifier: Apache-2.0 */
/* Who may touch which address: the one place that decides (design section 3). Everything else in
 * machine/ asks here; fast paths may remember an answer until the table of modules changes.
 * The policy is the text in ACSL below; `make prove` shows that access.c follows it
 * (docs/proofs.md). */
#ifndef SEMO_ACCESS_H
#define SEMO_ACCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/map.h>

#define SEMO_SLOTS_MAX 64

struct semo_slot { /* one protected module: ends are exclusive */
    bool enabled;
    uint16_t id, ps, pe, ss, se;
    uint8_t key[16];
};

struct semo_access_state {
    bool hardened;
    unsigned count; /* slots in use by this machine */
    struct semo_slot slots[SEMO_SLOTS_MAX];
};

enum semo_access_kind {
    SEMO_READ,
    SEMO_WRITE,          /* word, or byte at an even address */
    SEMO_WRITE_ODD_BYTE, /* upstream does not see this write in a module's own text (F3) */
    SEMO_MEASURE,        /* any access of an enable, disable or verify instruction */
    SEMO_EXECUTE,
    SEMO_DMA /* any access that no instruction makes: pc and prev do not matter */
};

enum semo_rule { /* 0 = allowed; sentences in semo_rule_text */
                 SEMO_ALLOWED,
                 SEMO_RULE_TEXT,
                 SEMO_RULE_DATA,
                 SEMO_RULE_ENTRY,
                 SEMO_RULE_CREATE,
                 SEMO_RULE_STACK,
                 SEMO_RULE_CLIX,
                 SEMO_RULE_NESTED
};

/*@ requires known: rule <= SEMO_RULE_NESTED;
    assigns \result \from rule; */
const char *semo_rule_text(enum semo_rule rule);

/* ---- the policy ---- */

/*@ predicate valid_state(struct semo_access_state *s) =
      \valid_read(s) && s->count <= SEMO_SLOTS_MAX;

    predicate active(struct semo_access_state *s, integer i) =
      0 <= i < s->count && s->slots[i].enabled != 0;

    predicate in_text(struct semo_slot *m, integer a) = m->ps <= a < m->pe;
    predicate in_data(struct semo_slot *m, integer a) = m->ss <= a < m->se;

    // The text of m: read by itself, measured, written by nobody (compat: see F3).
    predicate text_kept(struct semo_access_state *s, struct semo_slot *m, integer pc, integer a,
                        integer kind) =
      in_text(m, a) && kind != SEMO_EXECUTE && kind != SEMO_MEASURE ==>
        in_text(m, pc) &&
        (kind == SEMO_READ || (kind == SEMO_WRITE_ODD_BYTE && s->hardened == 0));

    // The private data of m: touched by the text of m, and under hardened never executed.
    predicate data_kept(struct semo_access_state *s, struct semo_slot *m, integer pc, integer a,
                        integer kind) =
      kind == SEMO_EXECUTE ? (s->hardened != 0 ==> !in_data(m, pc))
                           : (in_data(m, a) ==> in_text(m, pc) && kind != SEMO_DMA);

    // The text of m: entered from elsewhere at its start only.
    predicate entry_kept(struct semo_slot *m, integer pc, integer prev, integer kind) =
      kind == SEMO_EXECUTE && in_text(m, pc) && !in_text(m, prev) ==> pc == m->ps;

    predicate kept(struct semo_access_state *s, struct semo_slot *m, integer pc, integer prev,
                   integer a, integer kind) =
      text_kept(s, m, pc, a, kind) && data_kept(s, m, pc, a, kind) &&
      entry_kept(m, pc, prev, kind);

    // The first of the three that is broken.
    predicate breaks(struct semo_access_state *s, struct semo_slot *m, integer pc, integer prev,
                     integer a, integer kind, integer rule) =
      rule == SEMO_RULE_TEXT ? !text_kept(s, m, pc, a, kind)
      : rule == SEMO_RULE_DATA
        ? text_kept(s, m, pc, a, kind) && !data_kept(s, m, pc, a, kind)
        : rule == SEMO_RULE_ENTRY && text_kept(s, m, pc, a, kind) &&
          data_kept(s, m, pc, a, kind) && !entry_kept(m, pc, prev, kind);

    predicate kept_below(struct semo_access_state *s, integer n, integer pc, integer prev,
                         integer a, integer kind) =
      \forall integer i; i < n && active(s, i) ==> kept(s, &s->slots[i], pc, prev, a, kind);

    // The whole policy: what the lowest module says that refuses, if any does.
    predicate answer(struct semo_access_state *s, integer pc, integer prev, integer a,
                     integer kind, integer rule) =
      rule == SEMO_ALLOWED
        ? kept_below(s, s->count, pc, prev, a, kind)
        : \exists integer i; active(s, i) && kept_below(s, i, pc, prev, a, kind) &&
            breaks(s, &s->slots[i], pc, prev, a, kind, rule);
*/

/* pc: start of the executing instruction, prev: of the one before it. For SEMO_EXECUTE, address is
 * pc. The address is the byte address before alignment. Pure. */
/*@ requires valid_state(s);
    assigns \nothing;
    ensures text_is_kept: \result == SEMO_ALLOWED ==>
      \forall integer i; active(s, i) ==> text_kept(s, &s->slots[i], pc, address, kind);
    ensures data_is_kept: \result == SEMO_ALLOWED ==>
      \forall integer i; active(s, i) ==> data_kept(s, &s->slots[i], pc, address, kind);
    ensures entry_is_kept: \result == SEMO_ALLOWED ==>
      \forall integer i; active(s, i) ==> entry_kept(&s->slots[i], pc, prev, kind);
    ensures nothing_else_is_refused:
      kept_below(s, s->count, pc, prev, address, kind) ==> \result == SEMO_ALLOWED;
    ensures rule_is_reported: answer(s, pc, prev, address, kind, \result);
*/
enum semo_rule semo_access(const struct semo_access_state *s, uint16_t pc, uint16_t prev,
                           uint16_t address, enum semo_access_kind kind);

/*@ predicate highest_slot(struct semo_access_state *s, integer i, integer a) =
      active(s, i) && in_text(&s->slots[i], a) &&
      \forall integer k; i < k && active(s, k) ==> !in_text(&s->slots[k], a);
*/

/* The enabled slot whose text contains address (the highest wins), -1 = none. */
/*@ requires valid_state(s);
    assigns \nothing;
    ensures slot_is_highest: \result != -1 ==> highest_slot(s, \result, address);
    ensures slot_is_none: \result == -1 ==>
      \forall integer i; active(s, i) ==> !in_text(&s->slots[i], address);
*/
int semo_access_slot(const struct semo_access_state *s, uint16_t address);

/* The code at pc belongs to a module whose private section is exactly [start, end). */
/*@ requires valid_state(s);
    assigns \nothing;
    ensures owner_has_the_section: \result != 0 <==>
      \exists integer i; highest_slot(s, i, pc) && s->slots[i].ss == start &&
                         s->slots[i].se == end;
*/
bool semo_access_owns(const struct semo_access_state *s, uint16_t pc, uint16_t start, uint16_t end);

/* ---- spans ---- */

struct semo_span { /* addresses; the last one belongs to it */
    uint16_t first, last;
};

/*@ predicate is_limit(struct semo_access_state *s, integer a) =
      \exists integer i; active(s, i) && (a == s->slots[i].ps || a == s->slots[i].pe ||
                                          a == s->slots[i].ss || a == s->slots[i].se);

    predicate alike(struct semo_access_state *s, integer a, integer b) =
      \forall integer i; active(s, i) ==>
        (in_text(&s->slots[i], a) <==> in_text(&s->slots[i], b)) &&
        (in_data(&s->slots[i], a) <==> in_data(&s->slots[i], b));

    predicate alike_to_run(struct semo_access_state *s, integer a, integer b) =
      alike(s, a, b) && !is_limit(s, a) && !is_limit(s, b);

    lemma kept_alike{L}: \forall struct semo_access_state *s, integer n, pc, pd, prev, before, a, b,
        kind; alike(s, pc, pd) && alike(s, a, b) && kind != SEMO_EXECUTE &&
      kept_below(s, n, pc, prev, a, kind) ==> kept_below(s, n, pd, before, b, kind);

    lemma answer_alike{L}: \forall struct semo_access_state *s, integer pc, pd, prev, before, a, b,
        kind, rule; alike(s, pc, pd) && alike(s, a, b) && kind != SEMO_EXECUTE &&
      answer(s, pc, prev, a, kind, rule) ==> answer(s, pd, before, b, kind, rule);

    lemma alike_symmetric{L}: \forall struct semo_access_state *s, integer a, b;
      alike(s, a, b) ==> alike(s, b, a);

    lemma kept_run_alike{L}: \forall struct semo_access_state *s, integer n, pc, pd, prev;
      alike_to_run(s, pc, pd) && kept_below(s, n, pc, prev, pc, SEMO_EXECUTE) ==>
        kept_below(s, n, pd, prev, pd, SEMO_EXECUTE);

    lemma answer_run_alike{L}: \forall struct semo_access_state *s, integer pc, pd, prev, rule;
      alike_to_run(s, pc, pd) && answer(s, pc, prev, pc, SEMO_EXECUTE, rule) ==>
        answer(s, pd, prev, pd, SEMO_EXECUTE, rule);

    lemma kept_origin_alike{L}: \forall struct semo_access_state *s, integer n, pc, prev, before;
      alike(s, prev, before) && kept_below(s, n, pc, prev, pc, SEMO_EXECUTE) ==>
        kept_below(s, n, pc, before, pc, SEMO_EXECUTE);

    lemma answer_origin_alike{L}: \forall struct semo_access_state *s, integer pc, prev, before,
        rule; alike(s, prev, before) && answer(s, pc, prev, pc, SEMO_EXECUTE, rule) ==>
        answer(s, pc, before, pc, SEMO_EXECUTE, rule);
*/

/* The largest run of addresses around `address` with no limit (ps, pe, ss, se) of an enabled slot
 * strictly inside. All addresses of a span are in the same slot and get the same answers, for every
 * pc and prev of a span; execution differs only at the start of a text, and nothing is entered
 * while pc and prev are in one span. */
/*@ requires valid_state(s);
    assigns \nothing;
    ensures span_is_around: \result.first <= address <= \result.last;
    ensures span_is_uncut: \forall integer a; \result.first < a <= \result.last ==>
      !is_limit(s, a);
    ensures span_is_largest: (\result.first == 0 || is_limit(s, \result.first)) &&
      (\result.last == 0xFFFF || is_limit(s, \result.last + 1));
    ensures span_is_alike: \forall integer a; \result.first <= a <= \result.last ==>
      alike(s, address, a);
    ensures span_same_access: \forall integer a, pc, prev, kind, rule;
      \result.first <= a <= \result.last && kind != SEMO_EXECUTE ==>
        (answer(s, pc, prev, address, kind, rule) <==> answer(s, pc, prev, a, kind, rule));
    ensures span_same_code: \forall integer pc, prev, before, a, kind, rule;
      \result.first <= pc <= \result.last && kind != SEMO_EXECUTE ==>
        (answer(s, address, before, a, kind, rule) <==> answer(s, pc, prev, a, kind, rule));
    ensures span_same_execution: \forall integer pc, prev, rule;
      \result.first < pc <= \result.last && \result.first < address ==>
        alike_to_run(s, address, pc) && (answer(s, address, prev, address, SEMO_EXECUTE, rule) <==>
         answer(s, pc, prev, pc, SEMO_EXECUTE, rule));
    ensures span_same_origin: \forall integer pc, prev, rule;
      \result.first <= prev <= \result.last ==>
        alike(s, address, prev) && (answer(s, pc, address, pc, SEMO_EXECUTE, rule) <==>
         answer(s, pc, prev, pc, SEMO_EXECUTE, rule));
    ensures span_is_not_entered: \forall integer prev; \result.first <= prev <= \result.last ==>
      !answer(s, address, prev, address, SEMO_EXECUTE, SEMO_RULE_ENTRY);
*/
struct semo_span semo_access_span(const struct semo_access_state *s, uint16_t address);

/* ---- creation ---- */

/*@ predicate apart(integer start, integer end, integer other, integer other_end) =
      end <= other || other_end <= start;

    predicate texts_apart(struct semo_slot *m, struct semo_slot *n) =
      apart(m->ps, m->pe, n->ps, n->pe);

    predicate modules_apart(struct semo_slot *m, struct semo_slot *n) =
      texts_apart(m, n) && apart(m->ss, m->se, n->ss, n->se) &&
      apart(m->ps, m->pe, n->ss, n->se) && apart(m->ss, m->se, n->ps, n->pe);

    predicate well_formed(struct semo_slot *n) = n->ps < n->pe && n->ss <= n->se;

    predicate even(struct semo_slot *n) =
      n->ps % 2 == 0 && n->pe % 2 == 0 && n->ss % 2 == 0 && n->se % 2 == 0;

    predicate within(integer start, integer end, integer low, integer high) =
      low <= start && end <= high;

    predicate text_well_placed(struct semo_slot *n) =
      within(n->ps, n->pe, SEMO_PROGRAM_START, SEMO_VECTORS);

    predicate data_well_placed(struct semo_slot *n) =
      within(n->ss, n->se, SEMO_DATA_START, SEMO_DATA_END) ||
      within(n->ss, n->se, SEMO_WINDOW_START, SEMO_WINDOW(SEMO_WINDOW_COUNT)) ||
      within(n->ss, n->se, SEMO_PROGRAM_START, SEMO_VECTORS);

    // What hardened asks of a new module by itself, created by the instruction at pc.
    predicate well_placed(struct semo_slot *n, integer pc) =
      even(n) && text_well_placed(n) && data_well_placed(n) &&
      apart(n->ps, n->pe, n->ss, n->se) && !in_text(n, pc);
*/

/*@ assigns \nothing;
    ensures end_is_outside: \result != 0 <==> start <= address < end;
*/
bool semo_access_inside(uint16_t address, uint16_t start, uint16_t end);

/*@ assigns \nothing;
    ensures overlap_is_not_apart: \result != 0 <==> !apart(start, end, other, other_end);
*/
bool semo_access_overlap(uint16_t start, uint16_t end, uint16_t other, uint16_t other_end);

struct semo_creation {
    bool create;
    bool violate; /* compat, text over text: a violation, whatever is created */
};

/* May the instruction at pc create a module with the limits of n? Free slots, ids and the measured
 * owners of windows are the caller's business. Pure. */
/*@ requires valid_state(s) && \valid_read(n);
    assigns \nothing;
    ensures limits_are_ordered: \result.create != 0 ==> well_formed(n);
    ensures compat_takes_all: s->hardened == 0 && well_formed(n) ==> \result.create != 0;
    ensures compat_sees_texts: s->hardened == 0 ==>
      (\result.violate == 0 <==>
       \forall integer i; active(s, i) ==> texts_apart(&s->slots[i], n));
    ensures hardened_all_or_nothing: s->hardened != 0 ==> \result.violate == 0;
    ensures hardened_places: s->hardened != 0 && \result.create != 0 ==> well_placed(n, pc);
    ensures hardened_apart: s->hardened != 0 && \result.create != 0 ==>
      \forall integer i; active(s, i) ==> modules_apart(&s->slots[i], n);
    ensures hardened_takes_the_rest: s->hardened != 0 && well_formed(n) && well_placed(n, pc) &&
      (\forall integer i; active(s, i) ==> modules_apart(&s->slots[i], n)) ==>
        \result.create != 0;
    ensures no_address_twice: s->hardened != 0 && \result.create != 0 ==>
      \forall integer a; in_text(n, a) || in_data(n, a) ==>
        !(in_text(n, a) && in_data(n, a)) &&
        \forall integer i; active(s, i) ==>
          !in_text(&s->slots[i], a) && !in_data(&s->slots[i], a);
*/
struct semo_creation semo_access_create(const struct semo_access_state *s, uint16_t pc,
                                        const struct semo_slot *n);

#endif
