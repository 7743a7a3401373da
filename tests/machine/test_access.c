/* SPDX-License-Identifier: Apache-2.0 */
/* Every decision of machine/access.c against tables, on a scaled address space: 6 bits, 2 modules.
 *
 * All states of 6 bits with all addresses are 64^10 cases and more. But the function only compares
 * its numbers (the eight limits, pc, and the address or the pc before), so its answer depends on
 * their order alone, ties included. Each order has a representative among the addresses below 64,
 * and all orders of ten numbers (102,247,563) are enumerated here, limits that end before they
 * start included: that covers every state of 6 bits, and of 16. That the answer depends on the
 * order alone is tested by itself: random states of 6 bits against the same tables directly, and
 * against the function's answer to the same order stretched over 16 bits. How an enable is judged
 * depends on the order and on the memory map: every order of one module and a new one within
 * program memory, and every combination of limits next to the borders of the map.
 *
 * SOAK=1: also slots that are not enabled in every order. SEMO_SEED, SEMO_COUNT (random states). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "machine/access.h"

enum { PS, PE, SS, SE, LIMITS, MOST = 10, KINDS = SEMO_DMA + 1 };

/* ---- the tables ---- */

/* Bit a = address a, of those from start to before end. */
static uint64_t range(unsigned start, unsigned end)
{
    return ((UINT64_C(1) << end) - 1) & ~((UINT64_C(1) << start) - 1);
}

/* Columns: an address of the text for strangers, for the module; of its data likewise. To execute
 * is to be a stranger unless one comes from the text or to its start. */
static const uint8_t rules[2][KINDS][4] = {
    {
        [SEMO_READ] = {SEMO_RULE_TEXT, 0, SEMO_RULE_DATA, 0},
        [SEMO_WRITE] = {SEMO_RULE_TEXT, SEMO_RULE_TEXT, SEMO_RULE_DATA, 0},
        [SEMO_WRITE_ODD_BYTE] = {SEMO_RULE_TEXT, 0, SEMO_RULE_DATA, 0},
        [SEMO_MEASURE] = {0, 0, SEMO_RULE_DATA, 0},
        [SEMO_EXECUTE] = {SEMO_RULE_ENTRY, 0, 0, 0},
        [SEMO_DMA] = {SEMO_RULE_TEXT, SEMO_RULE_TEXT, SEMO_RULE_DATA, SEMO_RULE_DATA},
    },
    {
        [SEMO_READ] = {SEMO_RULE_TEXT, 0, SEMO_RULE_DATA, 0},
        [SEMO_WRITE] = {SEMO_RULE_TEXT, SEMO_RULE_TEXT, SEMO_RULE_DATA, 0},
        [SEMO_WRITE_ODD_BYTE] = {SEMO_RULE_TEXT, SEMO_RULE_TEXT, SEMO_RULE_DATA, 0},
        [SEMO_MEASURE] = {0, 0, SEMO_RULE_DATA, 0},
        [SEMO_EXECUTE] = {SEMO_RULE_ENTRY, 0, SEMO_RULE_DATA, SEMO_RULE_DATA},
        [SEMO_DMA] = {SEMO_RULE_TEXT, SEMO_RULE_TEXT, SEMO_RULE_DATA, SEMO_RULE_DATA},
    },
};

/* Of the rules that the first refusing module sees broken, the one with the smallest number. */
static unsigned oracle(const struct semo_access_state *s, unsigned pc, unsigned prev, unsigned a,
                       unsigned kind)
{
    for (const struct semo_slot *m = s->slots; m < s->slots + s->count; m++) {
        uint64_t text = m->enabled ? range(m->ps, m->pe) : 0;
        uint64_t data = m->enabled ? range(m->ss, m->se) : 0;
        bool own = kind == SEMO_EXECUTE ? text >> prev & 1 || pc == m->ps : text >> pc & 1;
        unsigned in_text = text >> a & 1 ? rules[s->hardened][kind][own] : 0;
        unsigned in_data = data >> a & 1 ? rules[s->hardened][kind][2 + own] : 0;
        if (in_text && in_data)
            return in_text < in_data ? in_text : in_data;
        if (in_text || in_data)
            return in_text + in_data;
    }
    return SEMO_ALLOWED;
}

/* ---- all orders of n numbers ---- */

struct orders {
    unsigned n;
    void (*visit)(const uint8_t *rank);
    uint64_t count;
};

/* Number i beside, or between, the `levels` different ones before it. */
static void insert(struct orders *o, const uint8_t *before, unsigned i, unsigned levels)
{
    if (i == o->n) {
        o->count++;
        o->visit(before);
        return;
    }
    for (unsigned place = 0; place <= 2 * levels; place++) {
        bool between = place % 2 == 0;
        uint8_t rank[MOST], level = (uint8_t)(place / 2);
        for (unsigned k = 0; k < i; k++)
            rank[k] = (uint8_t)(before[k] + (between && before[k] >= level));
        rank[i] = level;
        insert(o, rank, i + 1, levels + between);
    }
}

/* As many as there are: a(n) = sum over k of C(n, k) a(n - k), the k numbers that come first. */
static uint64_t all_orders(unsigned n, void (*visit)(const uint8_t *rank))
{
    uint64_t a[MOST + 1] = {1};
    for (unsigned i = 1; i <= n; i++) {
        uint64_t choose = 1;
        for (unsigned k = 1; k <= i; k++) {
            choose = choose * (i + 1 - k) / k;
            a[i] += choose * a[i - k];
        }
    }
    struct orders o = {.n = n, .visit = visit};
    const uint8_t none[MOST] = {0};
    insert(&o, none, 0, 0);
    assert_int_equal(o.count, a[n]);
    return o.count;
}

static uint16_t address_of(uint8_t rank)
{
    return (uint16_t)(6 * rank + 3);
}

static struct semo_slot slot_of(const uint8_t *rank, uint16_t (*address)(uint8_t))
{
    return (struct semo_slot){.enabled = true,
                              .ps = address(rank[PS]),
                              .pe = address(rank[PE]),
                              .ss = address(rank[SS]),
                              .se = address(rank[SE])};
}

/* ---- accesses ---- */

static void compare(const struct semo_access_state *s, uint16_t pc, uint16_t prev, uint16_t a,
                    unsigned kind)
{
    unsigned got = semo_access(s, pc, prev, a, kind), wanted = oracle(s, pc, prev, a, kind);
    if (got == wanted)
        return;
    for (unsigned i = 0; i < s->count; i++)
        print_message("# slot %u: enabled %d, text %u-%u, data %u-%u\n", i, s->slots[i].enabled,
                      s->slots[i].ps, s->slots[i].pe, s->slots[i].ss, s->slots[i].se);
    fail_msg("hardened %d, kind %u, pc %u, prev %u, address %u: %u, not %u", s->hardened, kind, pc,
             prev, a, got, wanted);
}

/* x is the address, and the pc before. */
static void compare_all(struct semo_access_state *s, uint16_t pc, uint16_t x)
{
    for (unsigned hardened = 0; hardened < 2; hardened++) {
        s->hardened = hardened;
        for (unsigned kind = 0; kind < KINDS; kind++)
            compare(s, pc, x, kind == SEMO_EXECUTE ? pc : x, kind);
    }
}

static unsigned flags = 1; /* SOAK: 4, also with slots that are not enabled */

static void visit_two(const uint8_t *rank)
{
    static struct semo_access_state s;
    s.count = 2;
    s.slots[0] = slot_of(rank, address_of);
    s.slots[1] = slot_of(rank + LIMITS, address_of);
    for (unsigned off = 0; off < flags; off++) {
        s.slots[0].enabled = !(off & 1);
        s.slots[1].enabled = !(off & 2);
        compare_all(&s, address_of(rank[8]), address_of(rank[9]));
    }
}

static void two_modules_in_every_order(void **state)
{
    (void)state;
    flags = getenv("SOAK") ? 4 : 1;
    uint64_t n = all_orders(10, visit_two);
    print_message("# %llu orders, %u accesses each\n", (unsigned long long)n, 12 * flags);
}

static uint64_t random_state = 1;

static unsigned below(unsigned n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % n;
}

static struct semo_slot any_slot(void)
{
    return (struct semo_slot){.enabled = below(4) > 0,
                              .ps = (uint16_t)below(64),
                              .pe = (uint16_t)below(64),
                              .ss = (uint16_t)below(64),
                              .se = (uint16_t)below(64)};
}

/* One module in every order, beside a slot that must not count. */
static void visit_one(const uint8_t *rank)
{
    static struct semo_access_state s;
    for (unsigned kind = 0; kind < 4; kind++) {
        s.count = kind == 3 ? 1 : 2;
        s.slots[kind == 1] = slot_of(rank, address_of);
        s.slots[kind != 1] = any_slot();
        s.slots[kind != 1].enabled = kind == 3;
        s.slots[kind == 1].enabled = kind != 2;
        compare_all(&s, address_of(rank[4]), address_of(rank[5]));
    }
}

static void slots_that_do_not_count(void **state)
{
    (void)state;
    uint64_t n = 0;
    for (unsigned again = 0; again < 20; again++)
        n += all_orders(6, visit_one);
    print_message("# %llu orders with a slot disabled, both, or beyond the count\n",
                  (unsigned long long)n);
}

/* ---- the order alone decides ---- */

static uint64_t random_states(uint64_t few)
{
    const char *seed = getenv("SEMO_SEED"), *count = getenv("SEMO_COUNT");
    random_state = seed ? strtoull(seed, NULL, 0) : 1;
    print_message("# SEMO_SEED=%llu\n", (unsigned long long)random_state);
    return count ? strtoull(count, NULL, 0) : getenv("SOAK") ? 50 * few : few;
}

static struct semo_access_state any_state(void)
{
    struct semo_access_state s = {.hardened = below(2), .count = below(3)};
    for (unsigned i = 0; i < 2; i++)
        s.slots[i] = any_slot();
    return s;
}

/* 64 addresses of 16 bits in ascending order: the smallest, the largest, and any between. */
static void stretch(uint16_t *map)
{
    for (unsigned i = 0; i < 64; i++)
        map[i] = (uint16_t)(i * 1024 + below(1024));
    map[0] = below(2) ? 0 : map[0];
    map[63] = below(2) ? 0xFFFF : map[63];
}

static void stretch_state(struct semo_access_state *s, const uint16_t *map)
{
    for (unsigned i = 0; i < 2; i++) {
        struct semo_slot *m = &s->slots[i];
        m->ps = map[m->ps];
        m->pe = map[m->pe];
        m->ss = map[m->ss];
        m->se = map[m->se];
    }
}

static void order_alone_decides(void **state)
{
    (void)state;
    uint64_t count = random_states(300000);
    for (uint64_t n = 0; n < count; n++) {
        struct semo_access_state s = any_state(), wide = s;
        uint16_t map[64];
        stretch(map);
        stretch_state(&wide, map);
        for (unsigned kind = 0; kind < KINDS; kind++) {
            uint16_t pc = (uint16_t)below(64), prev = (uint16_t)below(64);
            uint16_t a = kind == SEMO_EXECUTE ? pc : (uint16_t)below(64);
            compare(&s, pc, prev, a, kind);
            assert_int_equal(semo_access(&s, pc, prev, a, kind),
                             semo_access(&wide, map[pc], map[prev], map[a], kind));
        }
    }
    print_message("# %llu random states of 6 bits, each also over 16\n", (unsigned long long)count);
}

/* ---- spans, slots, owners ---- */

static uint64_t limits_of(const struct semo_access_state *s)
{
    uint64_t limits = 0;
    for (const struct semo_slot *m = s->slots; m < s->slots + s->count; m++)
        if (m->enabled)
            limits |= UINT64_C(1) << m->ps | UINT64_C(1) << m->pe | UINT64_C(1) << m->ss |
                      UINT64_C(1) << m->se;
    return limits;
}

static void compare_span(const struct semo_access_state *s, uint16_t a)
{
    uint64_t limits = limits_of(s);
    unsigned first = a, last = a;
    while (first > 0 && !(limits >> first & 1))
        first--;
    while (last < 63 && !(limits >> (last + 1) & 1))
        last++;
    struct semo_span span = semo_access_span(s, a);
    assert_int_equal(span.first, first);
    assert_int_equal(span.last, last == 63 ? 0xFFFF : last);
}

static void compare_slot(const struct semo_access_state *s, uint16_t a)
{
    int slot = -1;
    for (int i = 0; i < (int)s->count; i++)
        if (s->slots[i].enabled && range(s->slots[i].ps, s->slots[i].pe) >> a & 1)
            slot = i;
    assert_int_equal(semo_access_slot(s, a), slot);
    for (unsigned i = 0; i < 4; i++) { /* a limit of either module with one of the other */
        const struct semo_slot *x = &s->slots[i & 1], *y = &s->slots[i >> 1];
        bool owns = slot >= 0 && s->slots[slot].ss == x->ss && s->slots[slot].se == y->se;
        assert_int_equal(semo_access_owns(s, a, x->ss, y->se), owns);
    }
}

static void visit_span(const uint8_t *rank)
{
    static struct semo_access_state s;
    s.count = 2;
    s.slots[0] = slot_of(rank, address_of);
    s.slots[1] = slot_of(rank + LIMITS, address_of);
    compare_span(&s, address_of(rank[8]));
    compare_slot(&s, address_of(rank[8]));
}

static void spans_and_slots_in_every_order(void **state)
{
    (void)state;
    uint64_t n = all_orders(9, visit_span);
    print_message("# %llu orders of two modules and an address\n", (unsigned long long)n);
}

/* Any two addresses of a span get the same answers, as address, as pc and as the pc before. */
static void a_span_answers_alike(void **state)
{
    (void)state;
    uint64_t count = random_states(300000), several = 0;
    for (uint64_t n = 0; n < count; n++) {
        struct semo_access_state s = any_state();
        uint16_t a = (uint16_t)below(64), other = (uint16_t)below(64), pc = (uint16_t)below(64);
        compare_span(&s, a);
        compare_slot(&s, a);
        struct semo_span span = semo_access_span(&s, a);
        uint16_t b = (uint16_t)(span.first + below(span.last - span.first + 1u));
        several += a != b;
        for (unsigned kind = 0; kind < KINDS; kind++) {
            if (kind == SEMO_EXECUTE)
                continue;
            assert_int_equal(semo_access(&s, pc, 0, a, kind), semo_access(&s, pc, 0, b, kind));
            assert_int_equal(semo_access(&s, a, a, other, kind),
                             semo_access(&s, b, pc, other, kind));
        }
        assert_int_equal(semo_access(&s, pc, a, pc, SEMO_EXECUTE),
                         semo_access(&s, pc, b, pc, SEMO_EXECUTE));
        assert_int_not_equal(semo_access(&s, a, b, a, SEMO_EXECUTE), SEMO_RULE_ENTRY);
        if (a != span.first && b != span.first)
            assert_int_equal(semo_access(&s, a, pc, a, SEMO_EXECUTE),
                             semo_access(&s, b, pc, b, SEMO_EXECUTE));
    }
    assert_true(several > count / 4);
    print_message("# %llu random spans\n", (unsigned long long)count);
}

/* ---- creation ---- */

static uint16_t program_address(uint8_t rank)
{
    return (uint16_t)(0x6000 + 2 * rank);
}

/* On an axis with a point for each number and for each gap between two: a range covers the points
 * between its ends; one without an address (empty, or ending before it starts) meets another that
 * covers all from end to start. */
static bool meet(const uint8_t *a, const uint8_t *b)
{
    if (b[0] < b[1] && a[0] >= a[1])
        return meet(b, a);
    if (a[0] >= a[1])
        return false;
    uint64_t around = range(2u * a[0] + 1, 2u * a[1]);
    return b[0] < b[1] ? (around & range(2u * b[0] + 1, 2u * b[1])) != 0
                       : (range(2u * b[1], 2u * b[0] + 1) & ~around) == 0;
}

static struct semo_creation judged(bool hardened, const uint8_t *m, const uint8_t *n, uint8_t pc)
{
    bool ordered = n[PS] < n[PE] && n[SS] <= n[SE], texts = meet(m, n);
    bool inside = n[PS] <= pc && pc < n[PE];
    if (!hardened)
        return (struct semo_creation){ordered, texts};
    return (struct semo_creation){ordered && !inside && !texts && !meet(m, n + SS) &&
                                      !meet(m + SS, n) && !meet(m + SS, n + SS) && !meet(n, n + SS),
                                  false};
}

static void compare_creation(struct semo_creation got, struct semo_creation wanted)
{
    assert_int_equal(got.create, wanted.create);
    assert_int_equal(got.violate, wanted.violate);
}

static void visit_creation(const uint8_t *rank)
{
    static struct semo_access_state s;
    s.count = 1;
    s.slots[0] = slot_of(rank, program_address);
    struct semo_slot n = slot_of(rank + LIMITS, program_address);
    if (rank[PS] >= rank[PE] || rank[SS] > rank[SE])
        return; /* no module that exists */
    for (unsigned hardened = 0; hardened < 2; hardened++) {
        s.hardened = hardened;
        compare_creation(semo_access_create(&s, program_address(rank[8]), &n),
                         judged(hardened, rank, rank + LIMITS, rank[8]));
    }
}

static void creation_in_every_order(void **state)
{
    (void)state;
    uint64_t n = all_orders(9, visit_creation);
    print_message("# %llu orders of a module, a new one, and pc\n", (unsigned long long)n);
}

/* With several modules: as the one of them that is the strictest. */
static void creation_beside_several(void **state)
{
    (void)state;
    uint64_t count = random_states(300000);
    for (uint64_t n = 0; n < count; n++) {
        struct semo_access_state s = any_state(), one = {.hardened = s.hardened, .count = 1};
        struct semo_slot fresh = any_slot();
        uint16_t map[64], pc = 0;
        for (unsigned i = 0; i < 64; i++)
            map[i] = (uint16_t)(0x6000 + 2 * i);
        stretch_state(&s, map);
        fresh.ps = map[fresh.ps];
        fresh.pe = map[fresh.pe];
        fresh.ss = map[fresh.ss];
        fresh.se = map[fresh.se];
        struct semo_creation wanted = semo_access_create(&one, pc, &fresh); /* beside nobody */
        for (unsigned i = 0; i < s.count; i++) {
            one.slots[0] = s.slots[i];
            struct semo_creation alone = semo_access_create(&one, pc, &fresh);
            wanted.create = wanted.create && alone.create;
            wanted.violate = wanted.violate || alone.violate;
        }
        compare_creation(semo_access_create(&s, pc, &fresh), wanted);
    }
    print_message("# %llu new modules\n", (unsigned long long)count);
}

static bool well_placed(const uint16_t *n)
{
    static const unsigned places[][2] = {{0x5C00, 0xFFE0}, {0x0200, 0x4200}, {0x4200, 0x5A00}};
    bool text = n[PS] >= places[0][0] && n[PE] <= places[0][1], data = false;
    for (unsigned i = 0; i < 3; i++)
        data = data || (n[SS] >= places[i][0] && n[SE] <= places[i][1]);
    bool meets = n[SS] < n[PE] && n[PS] < n[SE];
    return text && data && !meets && (n[PS] + n[PE]) % 2 + (n[SS] + n[SE]) % 2 == 0 &&
           n[PS] % 2 + n[SS] % 2 == 0;
}

/* Every combination of limits at and next to the borders of the memory map, and no other module. */
static void creation_at_the_borders(void **state)
{
    (void)state;
    static const unsigned borders[] = {0x0200, 0x4200, 0x5A00, 0x5C00, 0xFFE0};
    uint16_t at[27] = {0, 0xFFFF};
    for (unsigned i = 0; i < 25; i++)
        at[2 + i] = (uint16_t)(borders[i / 5] + i % 5 - 2);
    struct semo_access_state s = {.count = 1};
    unsigned accepted = 0;
    for (unsigned k = 0; k < 27 * 27 * 27 * 27; k++) {
        uint16_t n[] = {at[k % 27], at[k / 27 % 27], at[k / 27 / 27 % 27], at[k / 27 / 27 / 27]};
        struct semo_slot fresh = {.ps = n[PS], .pe = n[PE], .ss = n[SS], .se = n[SE]};
        bool ordered = n[PS] < n[PE] && n[SS] <= n[SE], good = ordered && well_placed(n);
        s.hardened = false;
        compare_creation(semo_access_create(&s, 0, &fresh), (struct semo_creation){ordered, false});
        s.hardened = true;
        compare_creation(semo_access_create(&s, 0, &fresh), (struct semo_creation){good, false});
        accepted += good;
    }
    assert_true(accepted > 0);
    print_message("# %u combinations of limits, %u of them accepted\n", 27 * 27 * 27 * 27,
                  accepted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_modules_in_every_order),
        cmocka_unit_test(slots_that_do_not_count),
        cmocka_unit_test(order_alone_decides),
        cmocka_unit_test(spans_and_slots_in_every_order),
        cmocka_unit_test(a_span_answers_alike),
        cmocka_unit_test(creation_in_every_order),
        cmocka_unit_test(creation_beside_several),
        cmocka_unit_test(creation_at_the_borders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
