/* SPDX-License-Identifier: Apache-2.0 */
/* Family E of docs/attacks.md, the messages: what two modules say to each other under every policy
 * is replayed, repeated, reordered, cut, spliced, reflected and forged. The deployer's part is in
 * test_family_e_deploy.c. SEMO_SEED. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/crypto/aead.h"
#include "tests/attack/party.h"

enum { FRAMES = 16, ORDER_MAX = SEMO_SET_KEY_LEN };

struct recorded {
    struct party_frame all[FRAMES];
    unsigned count;
};

static void record(struct recorded *r, struct rig *from)
{
    while (r->count < FRAMES && party_take(from, &r->all[r->count]))
        r->count++;
}

static bool same_tally(const struct party_tally *a, const struct party_tally *b, bool but_gaps)
{
    struct party_tally x = *a;
    if (but_gaps) /* a sender may be told of a gap that is none: it costs availability */
        x.gap = b->gap;
    return memcmp(&x, b, sizeof x) == 0;
}

/* ---- E01 ---- */

/* Nothing happens in either module while `attack` tries its frames; how many those were. */
struct trial {
    struct pair *p;
    struct party_tally a, b;
    unsigned tried;
};

static struct trial begin(struct pair *p)
{
    return (struct trial){.p = p, .a = party_tally(p->a), .b = party_tally(p->b)};
}

static void offer(struct trial *t, const struct party_frame *f)
{
    struct rig *ends[] = {t->p->a, t->p->b};
    for (unsigned i = 0; i < 2; i++) {
        assert_int_not_equal(party_give(ends[i], f), SEMO_OK);
        party_drain(ends[i]);
        t->tried++;
    }
}

static void end(struct trial *t)
{
    struct party_tally a = party_tally(t->p->a), b = party_tally(t->p->b);
    assert_true(same_tally(&t->a, &a, true));
    assert_true(same_tally(&t->b, &b, false));
}

static void try_numbers(struct trial *t, const struct recorded *r)
{
    for (unsigned i = 0; i < r->count; i++)
        for (unsigned n = 0; n < 2 * (PARTY_CONNECTIONS + 2); n++) {
            struct party_frame f = r->all[i];
            unsigned number = n / 2 | (n % 2 ? SEMO_BACK : 0);
            if (number == (unsigned)(f.at[0] | f.at[1] << 8))
                continue;
            f.at[0] = (uint8_t)number;
            f.at[1] = (uint8_t)(number >> 8);
            offer(t, &f);
        }
}

/* The start of each on the end of each other, at every word. */
static void try_splices(struct trial *t, const struct recorded *r)
{
    for (unsigned i = 0; i < r->count; i++)
        for (unsigned j = 0; j < r->count; j++)
            for (unsigned cut = 2; i != j && cut < r->all[i].len; cut += 2) {
                struct party_frame f = r->all[j];
                if (cut >= f.len || memcmp(f.at, r->all[i].at, cut) == 0)
                    continue;
                memcpy(f.at, r->all[i].at, cut);
                if (f.len != r->all[i].len || memcmp(f.at, r->all[i].at, f.len) != 0)
                    offer(t, &f);
            }
}

static void try_bits_and_lengths(struct trial *t, const struct recorded *r)
{
    for (unsigned i = 0; i < r->count; i++) {
        struct party_frame f = r->all[i];
        for (unsigned bit = 0; bit < 8 * f.len; bit++) {
            f.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            offer(t, &f);
            f.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (f.len = 0; f.len < r->all[i].len + 6; f.len++)
            if (f.len != r->all[i].len)
                offer(t, &f);
    }
}

static void give_all(struct rig *to, const struct recorded *r, unsigned from, bool good)
{
    for (unsigned i = from; i < r->count; i++)
        assert_int_equal(party_give(to, &r->all[i]) == SEMO_OK, good);
}

/* Each frame is attacked before it has arrived, so that it is new; then it arrives, once. */
static void e01_every_frame_forged_spliced_and_reflected(void **state)
{
    (void)state;
    struct pair p;
    struct recorded r = {.count = 0};
    pair_open(&p);
    static const unsigned said[] = {PLAIN, PLAIN, STRICT, SURE, ASK};
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(party_say(p.a, said[i], (uint8_t)(0x10 + i)), SEMO_OK);
    record(&r, p.a);
    const unsigned forward = r.count;
    assert_int_equal(forward, 5);
    struct trial t = begin(&p);
    try_numbers(&t, &r);
    try_splices(&t, &r);
    try_bits_and_lengths(&t, &r);
    end(&t);
    give_all(p.b, &r, 0, true);
    record(&r, p.b);
    assert_int_equal(r.count - forward, 2); /* a report and an answer */
    struct trial back = begin(&p);
    try_numbers(&back, &r);
    try_splices(&back, &r);
    try_bits_and_lengths(&back, &r);
    end(&back);
    for (unsigned i = forward; i < r.count; i++)
        assert_int_equal(party_give(p.a, &r.all[i]), SEMO_OK);
    struct party_tally a = party_tally(p.a), b = party_tally(p.b);
    assert_int_equal(b.heard, 4);
    assert_int_equal(b.answered, 1);
    assert_int_equal(a.ok, 2);
    assert_int_equal(a.heard + a.others + b.others, 0);
    struct trial again = begin(&p);
    for (unsigned i = 0; i < r.count; i++)
        offer(&again, &r.all[i]);
    end(&again);
    struct recorded events = {.count = 0}; /* no output of the receiver goes as a report */
    for (unsigned n = 0; n < 3; n++)
        assert_int_equal(party_say(p.b, BACKWARD, (uint8_t)n), SEMO_OK);
    record(&events, p.b);
    assert_int_equal(events.count, 3);
    give_all(p.a, &events, 0, true);
    assert_int_equal(party_tally(p.a).heard, 3);
    printf("# e01: %u frames, %u attempts\n", r.count, t.tried + back.tried + again.tried);
    pair_close(&p);
}

/* A report or an answer that was kept does not speak for a later event. */
static void kept_answer(struct pair *p, unsigned connection, bool cancelled)
{
    struct recorded old = {.count = 0}, event = {.count = 0};
    struct party_tally before = party_tally(p->a), after;
    assert_int_equal(party_say(p->a, connection, 0x21), SEMO_OK);
    record(&event, p->a);
    give_all(p->b, &event, 0, true);
    record(&old, p->b); /* kept */
    assert_int_equal(old.count, 1);
    for (unsigned n = 0; n < SEMO_OPEN_TICKS && !cancelled; n++)
        party_tick(p->a);
    if (cancelled)
        party_cancel(p->a);
    party_drain(p->a);
    assert_int_equal(party_say(p->a, connection, 0x22), SEMO_OK);
    event.count = 0;
    record(&event, p->a);
    assert_int_not_equal(party_give(p->a, &old.all[0]), SEMO_OK); /* it is authentic and new */
    after = party_tally(p->a);
    assert_int_equal(after.ok, before.ok);
    assert_int_equal(after.unknown + after.timeout, before.unknown + before.timeout + !cancelled);
    give_all(p->b, &event, 0, true);
    old.count = 0;
    record(&old, p->b);
    give_all(p->a, &old, 0, true);
    for (unsigned n = 0; n < 3; n++)
        give_all(p->a, &old, 0, false);
    assert_int_equal(party_tally(p->a).ok, before.ok + 1);
}

static void e01_a_kept_answer_speaks_for_no_other(void **state)
{
    (void)state;
    struct pair p;
    pair_open(&p);
    kept_answer(&p, SURE, false);
    kept_answer(&p, ASK, false);
    kept_answer(&p, ASK, true);
    struct party_tally a = party_tally(p.a);
    assert_int_equal(a.answers[(a.ok - 1) % PARTY_LOG], 0x22 ^ 0x55);
    pair_close(&p);
}

/* Anybody may tick: what is open is repeated as it was sealed, and given up once. */
static void e01_ticks_of_strangers(void **state)
{
    (void)state;
    struct pair p;
    struct recorded r = {.count = 0};
    pair_open(&p);
    for (unsigned n = 0; n < 20; n++)
        party_tick(p.a);
    assert_int_equal(party_drain(p.a), 0);
    assert_int_equal(party_say(p.a, SURE, 0x31), SEMO_OK);
    assert_int_equal(party_say(p.a, ASK, 0x32), SEMO_OK);
    for (unsigned n = 0; n < 40; n++) {
        party_tick(p.a);
        record(&r, p.a);
    }
    assert_int_equal(r.count, 2 + SEMO_OPEN_TICKS - 1); /* a question is not repeated */
    struct party_tally a = party_tally(p.a), b;
    assert_int_equal(a.unknown, 1);
    assert_int_equal(a.timeout, 1);
    for (unsigned i = 2; i < r.count; i++) {
        assert_int_equal(r.all[i].len, r.all[0].len);
        assert_memory_equal(r.all[i].at, r.all[0].at, r.all[0].len);
    }
    for (unsigned i = 0; i < r.count; i++)
        (void)party_give(p.b, &r.all[i]);
    b = party_tally(p.b);
    assert_int_equal(b.heard, 1);
    assert_int_equal(b.answered, 1);
    r.count = 0;
    record(&r, p.b); /* reports of what was given up */
    assert_true(r.count > 2);
    for (unsigned i = 0; i < r.count; i++)
        (void)party_give(p.a, &r.all[i]);
    assert_int_equal(party_tally(p.a).ok, 0);
    pair_close(&p);
}

/* A frame that whoever has the connection's key could seal. */
static struct party_frame seal(struct rig *r, unsigned connection, uint64_t sequence, uint8_t flags,
                               const uint8_t *body, unsigned len)
{
    struct semo_channel c = party_slot(r, connection);
    struct party_frame f = {.len = 2 + SEMO_EVENT_AD_LEN + len + SEMO_TAG_LEN};
    uint8_t *cipher = f.at + 2 + SEMO_EVENT_AD_LEN;
    struct semo_aead a;
    f.at[0] = (uint8_t)connection;
    f.at[1] = (uint8_t)(connection >> 8);
    f.at[2] = SEMO_DOMAIN_EVENT;
    f.at[3] = flags;
    for (unsigned i = 0; i < 8; i++)
        f.at[4 + i] = (uint8_t)(sequence >> 8 * i);
    semo_aead_key(&a, 128, c.key);
    semo_aead_wrap(&a, f.at + 2, SEMO_EVENT_AD_LEN, body, len, cipher, cipher + len);
    return f;
}

static void e01_resync_forged_and_replayed(void **state)
{
    (void)state;
    struct pair p;
    struct recorded r = {.count = 0};
    struct party_frame f;
    pair_open(&p);
    for (unsigned connection = PLAIN; connection <= ASK; connection++) {
        if (connection == STRICT)
            continue;
        f = seal(p.b, connection, 5, SEMO_EVENT_RESYNC, (const uint8_t *)"ab", 2);
        assert_int_equal(party_give(p.b, &f), SEMO_MALFORMED);
    }
    for (unsigned n = 0; n < 3; n++)
        assert_int_equal(party_say(p.a, STRICT, (uint8_t)(0x41 + n)), SEMO_OK);
    record(&r, p.a);
    f = r.all[1];
    f.at[3] |= SEMO_EVENT_RESYNC; /* would let an event in that is not the next */
    assert_int_equal(party_give(p.b, &f), SEMO_REFUSED);
    assert_int_equal(party_give(p.b, &r.all[2]), SEMO_GAP);
    assert_int_equal(party_tally(p.b).heard, 0);
    assert_true(party_take(p.b, &f)); /* the report */
    assert_int_equal(party_give(p.a, &f), SEMO_OK);
    assert_int_not_equal(party_give(p.a, &f), SEMO_OK);
    assert_int_equal(party_tally(p.a).gap, 1);
    assert_true(party_take(p.a, &f)); /* the answer: RESYNC */
    assert_true(f.at[3] & SEMO_EVENT_RESYNC);
    assert_int_equal(party_give(p.b, &f), SEMO_OK);
    assert_int_not_equal(party_give(p.b, &f), SEMO_OK);
    for (unsigned n = 0; n < 3; n++)
        assert_int_equal(party_give(p.b, &r.all[n]), SEMO_STALE);
    assert_int_equal(party_tally(p.b).heard, 0); /* it is no event */
    assert_int_equal(party_say(p.a, STRICT, 0x44), SEMO_OK);
    pair_settle(&p);
    struct party_tally b = party_tally(p.b);
    assert_int_equal(b.heard, 1);
    assert_int_equal(b.log[0], 0x44);
    pair_close(&p);
}

/* ---- E01: the order to end ---- */

static enum semo_status call_order(struct rig *r, unsigned entry, const uint8_t *order)
{
    return rig_call(r, entry, order, ORDER_MAX).status;
}

/* Of this domain, epoch and serial, at the entry; the module must still be there. */
static void refuse_order(struct rig *r, unsigned entry, uint8_t domain, uint64_t epoch,
                         uint32_t serial, enum semo_status why)
{
    uint8_t order[ORDER_MAX];
    const uint64_t now = r->epoch;
    r->epoch = epoch;
    party_order(r, domain, 0, 0, 0, serial, order);
    r->epoch = now;
    assert_int_equal(call_order(r, entry, order), why);
    assert_int_not_equal(semo_machine_module_at(r->machine, r->image.layout.ps), 0);
}

static void e01_only_the_order_to_end_ends(void **state)
{
    (void)state;
    struct pair p;
    uint8_t good[ORDER_MAX], order[ORDER_MAX];
    pair_open(&p);
    const uint32_t last = p.serial, next = last + 1;
    struct rig *r = p.b;
    refuse_order(r, SEMO_ENTRY_DISABLE, SEMO_DOMAIN_SET_KEY, r->epoch, next, SEMO_REFUSED);
    refuse_order(r, SEMO_ENTRY_SET_KEY, SEMO_DOMAIN_DISABLE, r->epoch, next, SEMO_REFUSED);
    refuse_order(r, SEMO_ENTRY_DISABLE, SEMO_DOMAIN_DISABLE, r->epoch, last, SEMO_STALE);
    refuse_order(r, SEMO_ENTRY_DISABLE, SEMO_DOMAIN_DISABLE, r->epoch + 1, next, SEMO_STALE);
    refuse_order(r, SEMO_ENTRY_DISABLE, SEMO_DOMAIN_DISABLE, r->epoch - 1, next, SEMO_STALE);
    party_order(r, SEMO_DOMAIN_DISABLE, 0, 0, 0, next, good);
    for (unsigned bit = 0; bit < 8 * sizeof good; bit++) {
        memcpy(order, good, sizeof order);
        order[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(call_order(r, SEMO_ENTRY_DISABLE, order), SEMO_REFUSED);
    }
    struct rig other = *r; /* of a module with another key */
    other.module_key[3] ^= 1;
    party_order(&other, SEMO_DOMAIN_DISABLE, 0, 0, 0, next, order);
    assert_int_equal(call_order(r, SEMO_ENTRY_DISABLE, order), SEMO_REFUSED);
    assert_int_equal(party_say(r, BACKWARD, 1), SEMO_OK); /* alive */
    assert_int_equal(call_order(r, SEMO_ENTRY_DISABLE, good), SEMO_OK);
    assert_int_equal(semo_machine_module_at(r->machine, r->image.layout.ps), 0);
    uint8_t left[256];
    semo_machine_peek(r->machine, r->image.layout.ss, left, sizeof left);
    for (unsigned i = 0; i < sizeof left; i++)
        assert_int_equal(left[i], 0);
    party_reload(r);
    assert_int_equal(rig_attest(r).status, SEMO_OK);
    assert_int_equal(call_order(r, SEMO_ENTRY_DISABLE, good), SEMO_STALE);
    assert_int_not_equal(semo_machine_module_at(r->machine, r->image.layout.ps), 0);
    pair_close(&p);
}

/* ---- E02 ---- */

enum { RUN = 5 };

/* Of RUN events those in `kept` arrive; then nothing is lost, and one more is heard. */
static void subset(struct pair *p, unsigned connection, unsigned kept)
{
    struct recorded r = {.count = 0};
    struct party_tally before = party_tally(p->b), after;
    const unsigned gaps = party_slot(p->b, connection).gaps;
    unsigned heard = 0, last = 0;
    for (unsigned n = 0; n < RUN; n++) {
        assert_int_equal(party_say(p->a, connection, (uint8_t)(0x60 + n)), SEMO_OK);
        record(&r, p->a);
        if (kept & 1U << n)
            last = n + 1;
    }
    for (unsigned n = 0; n < RUN; n++)
        if (kept & 1U << n)
            heard += party_give(p->b, &r.all[n]) == SEMO_OK;
    after = party_tally(p->b);
    assert_int_equal((uint8_t)(after.heard - before.heard), heard);
    for (unsigned n = 0, of = 0; n < RUN && connection == PLAIN; n++)
        if (kept & 1U << n)
            assert_int_equal(after.log[(uint8_t)(before.heard + of++) % PARTY_LOG], 0x60 + n);
    if (connection == PLAIN) {
        assert_int_equal(heard, __builtin_popcount(kept));
        assert_int_equal(party_slot(p->b, connection).gaps - gaps, last - heard);
    }
    pair_settle(p);
    (void)party_say(p->a, connection, 0x70); /* may show a gap at the end, and is lost with it */
    pair_settle(p);
    before = party_tally(p->b);
    assert_int_equal(party_say(p->a, connection, 0x71), SEMO_OK);
    pair_settle(p);
    after = party_tally(p->b);
    assert_int_equal((uint8_t)(after.heard - before.heard), 1);
    assert_int_equal(after.log[before.heard % PARTY_LOG], 0x71);
}

static void e02_any_subset_is_dropped(void **state)
{
    (void)state;
    struct pair p;
    pair_open(&p);
    for (unsigned kept = 0; kept < 1U << RUN; kept++) {
        subset(&p, PLAIN, kept);
        subset(&p, STRICT, kept);
    }
    pair_close(&p);
}

/* One event is open at a time, and offered again: it arrives once, or its author learns that nobody
 * knows. `lost`: bit n for the n-th frame on its way, in either direction. */
static void lossy(struct pair *p, unsigned connection, unsigned lost)
{
    struct party_tally a = party_tally(p->a), b = party_tally(p->b), now, far;
    struct party_frame f;
    unsigned flight = 0;
    assert_int_equal(party_say(p->a, connection, 0x51), SEMO_OK);
    assert_int_equal(party_say(p->a, connection, 0x52), SEMO_BUSY);
    for (unsigned n = 0; n < SEMO_OPEN_TICKS; n++) {
        while (party_take(p->a, &f))
            if (!(lost >> flight++ & 1))
                (void)party_give(p->b, &f);
        while (party_take(p->b, &f))
            if (!(lost >> flight++ & 1))
                (void)party_give(p->a, &f);
        party_tick(p->a);
    }
    now = party_tally(p->a);
    far = party_tally(p->b);
    const unsigned arrived = (uint8_t)(far.heard - b.heard) + (uint8_t)(far.answered - b.answered);
    const unsigned ok = (uint8_t)(now.ok - a.ok),
                   failed = (uint8_t)(now.unknown - a.unknown) + (uint8_t)(now.timeout - a.timeout);
    assert_int_equal(ok + failed, 1);
    assert_true(arrived <= 1 && ok <= arrived);
    if (connection == SURE && lost < 1U << 6) /* it was offered more often than lost */
        assert_int_equal(ok, 1);
    party_drain(p->a);
    party_drain(p->b);
}

static void e02_what_is_open_arrives_once_or_is_told(void **state)
{
    (void)state;
    struct pair p;
    pair_open(&p);
    for (unsigned lost = 0; lost < 16; lost++) {
        lossy(&p, SURE, lost);
        lossy(&p, SURE, (unsigned)party_random() & 0xFFFF);
        lossy(&p, ASK, lost);
    }
    lossy(&p, SURE, ~0U);
    lossy(&p, ASK, ~0U);
    lossy(&p, SURE, 0);
    lossy(&p, ASK, 0);
    assert_int_equal(party_tally(p.a).ok > 16, 1);
    pair_close(&p);
}

/* ---- E03 ---- */

static void say_and_hear(struct pair *p, unsigned connection, uint8_t number)
{
    uint8_t before = party_tally(p->b).heard;
    assert_int_equal(party_say(p->a, connection, number), SEMO_OK);
    pair_settle(p);
    assert_int_equal((uint8_t)(party_tally(p->b).heard - before), 1);
}

/* What was said at the start is old for ever: past 2^16, 2^32 (with another key) and 2^48. */
static void e03_old_events_after_a_wrap(void **state)
{
    (void)state;
    static const uint64_t edges[] = {0xFFFD, 0xFFFFFFFD, 0xFFFFFFFFFFFD};
    struct pair p;
    pair_open(&p);
    for (unsigned connection = PLAIN; connection <= STRICT; connection++) {
        struct recorded old = {.count = 0};
        for (unsigned n = 0; n < 4; n++)
            assert_int_equal(party_say(p.a, connection, (uint8_t)n), SEMO_OK);
        record(&old, p.a);
        give_all(p.b, &old, 0, true);
        for (unsigned i = 0; i < 3; i++) {
            struct semo_channel before = party_slot(p.b, connection);
            party_set_sequence(p.a, connection, edges[i]);
            party_set_sequence(p.b, connection, edges[i]);
            for (unsigned n = 0; n < 6; n++) {
                say_and_hear(&p, connection, (uint8_t)n);
                for (unsigned k = 0; k < old.count; k++)
                    assert_int_equal(party_give(p.b, &old.all[k]), SEMO_STALE);
            }
            struct semo_channel after = party_slot(p.b, connection);
            assert_int_equal(memcmp(before.key, after.key, sizeof after.key) != 0, i > 0);
            party_drain(p.b);
        }
    }
    pair_close(&p);
}

static void e03_a_sender_stops_before_the_end(void **state)
{
    (void)state;
    struct pair p;
    struct party_frame f;
    pair_open(&p);
    for (unsigned connection = PLAIN; connection <= ASK; connection++) {
        party_set_sequence(p.a, connection, UINT64_C(0xFFFEFFFFFFFFFFFE));
        party_set_sequence(p.b, connection, UINT64_C(0xFFFEFFFFFFFFFFFE));
        assert_int_equal(party_say(p.a, connection, 1), SEMO_OK);
        pair_settle(&p);
        if (party_say(p.a, connection, 2) == SEMO_OK) /* the first number of the last 2^48 */
            pair_settle(&p);
        for (unsigned n = 0; n < 5; n++)
            assert_int_equal(party_say(p.a, connection, 3), SEMO_EXHAUSTED);
        assert_false(party_take(p.a, &f));
    }
    pair_close(&p);
}

/* ---- E04 ---- */

/* A new event under all numbers that there are, at both ends, and at the end that sends it. */
static void e04_every_other_handle(void **state)
{
    (void)state;
    struct pair p;
    struct recorded r = {.count = 0};
    pair_open(&p);
    assert_int_equal(party_say(p.a, PLAIN, 0x77), SEMO_OK);
    record(&r, p.a);
    struct party_frame f = r.all[0];
    struct party_tally before = party_tally(p.b), after;
    for (unsigned number = 0; number < 65536; number++) {
        f.at[0] = (uint8_t)number;
        f.at[1] = (uint8_t)(number >> 8);
        if (number != PLAIN && party_give(p.b, &f) == SEMO_OK)
            fail_msg("heard as connection %x", number);
    }
    assert_int_equal(party_give(p.a, &r.all[0]), SEMO_UNKNOWN); /* an output is no input */
    party_drain(p.b);
    after = party_tally(p.b);
    assert_memory_equal(&before, &after, sizeof after);
    assert_int_equal(party_give(p.b, &r.all[0]), SEMO_OK);
    assert_int_equal(party_tally(p.b).heard, before.heard + 1);
    pair_close(&p);
}

/* All indices and kinds that an authentic key may name, each to a module without connections. */
static void e04_keys_for_handles_that_are_not_there(void **state)
{
    (void)state;
    struct rig *r = party_new();
    unsigned accepted = 0, tried = 0;
    uint8_t *snapshot = malloc(semo_machine_snapshot_size(r->machine));
    semo_machine_snapshot(r->machine, snapshot);
    for (unsigned io = 0; io < 256; io = io < 8 ? io + 1 : io * 2 + 1)
        for (unsigned kind = 0; kind < 64; kind++)
            for (unsigned back = 0; back < 2; back++) {
                uint8_t order[ORDER_MAX];
                const bool output = (kind & 1) == back;
                party_order(r, SEMO_DOMAIN_SET_KEY, 9 | back << 15, io, kind, 1, order);
                bool good = call_order(r, SEMO_ENTRY_SET_KEY, order) == SEMO_OK;
                assert_int_equal(good, io < (output ? 4 : 3) && kind < SEMO_KIND(0, 0, 1));
                accepted += good;
                tried++;
                semo_machine_restore(r->machine, snapshot);
            }
    printf("# e04: %u keys, %u for handles that are there\n", tried, accepted);
    free(snapshot);
    rig_free(r);
}

/* ---- E05 ---- */

enum { ORDERS = 4 };

static void offer_permutation(struct rig *r, uint8_t orders[ORDERS][ORDER_MAX], const uint8_t *turn,
                              uint32_t base)
{
    uint32_t newest = base;
    for (unsigned k = 0; k < ORDERS; k++) {
        const uint32_t serial = base + 1 + turn[k];
        struct semo_channel before = party_slot(r, PLAIN);
        enum semo_status status = call_order(r, SEMO_ENTRY_SET_KEY, orders[turn[k]]);
        assert_int_equal(status, serial > newest ? SEMO_OK : SEMO_STALE);
        struct semo_channel after = party_slot(r, PLAIN);
        if (status != SEMO_OK)
            assert_memory_equal(&before, &after, sizeof after);
        else
            newest = serial;
        for (unsigned old = 0; old <= k; old++) /* and all that came, again */
            assert_int_equal(call_order(r, SEMO_ENTRY_SET_KEY, orders[turn[old]]), SEMO_STALE);
    }
}

static void e05_keys_in_every_order_and_again(void **state)
{
    (void)state;
    struct pair p;
    pair_open(&p);
    const unsigned in = party_io(p.b, SEMO_IO_INPUT, "hear");
    uint32_t base = p.serial;
    for (unsigned n = 0; n < 256; n++) {
        const uint8_t turn[] = {n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6 & 3};
        uint8_t orders[ORDERS][ORDER_MAX];
        if (((1U << turn[0]) | (1U << turn[1]) | (1U << turn[2]) | (1U << turn[3])) != 15)
            continue;
        for (unsigned k = 0; k < ORDERS; k++)
            party_order(p.b, SEMO_DOMAIN_SET_KEY, PLAIN, in, SEMO_RECEIVER, base + 1 + k,
                        orders[k]);
        offer_permutation(p.b, orders, turn, base);
        base += ORDERS;
    }
    pair_close(&p);
}

static void e05_no_more_keys_than_slots(void **state)
{
    (void)state;
    struct rig *r = party_new();
    const unsigned in = party_io(r, SEMO_IO_INPUT, "hear");
    uint8_t order[ORDER_MAX];
    for (unsigned n = 1; n <= PARTY_SLOTS + 3; n++) {
        party_order(r, SEMO_DOMAIN_SET_KEY, n, in, SEMO_RECEIVER, n, order);
        assert_int_equal(call_order(r, SEMO_ENTRY_SET_KEY, order),
                         n <= PARTY_SLOTS ? SEMO_OK : SEMO_FULL);
    }
    assert_int_equal(rig_attest(r).answer[12], PARTY_SLOTS);
    struct rig other = *r; /* a module with another key */
    other.module_key[0] ^= 0x80;
    party_order(&other, SEMO_DOMAIN_SET_KEY, 1, in, SEMO_RECEIVER, 99, order);
    assert_int_equal(call_order(r, SEMO_ENTRY_SET_KEY, order), SEMO_REFUSED);
    rig_free(r);
}

/* ---- E06 ---- */

struct said { /* to one module, in this order */
    struct {
        unsigned entry, len;
        uint8_t payload[SEMO_FRAME_MAX];
    } all[64];
    unsigned count;
};

static void keep(struct said *s, unsigned entry, const void *payload, unsigned len)
{
    assert_true(s->count < 64);
    s->all[s->count].entry = entry;
    s->all[s->count].len = len;
    memcpy(s->all[s->count++].payload, payload, len);
}

static void say_key(struct said *s, struct rig *r, struct rig_end *e, const char *input,
                    uint32_t serial)
{
    uint8_t order[ORDER_MAX];
    unsigned len =
        rig_set_key_request(r, e, party_io(r, SEMO_IO_INPUT, input), SEMO_RECEIVER, serial, order);
    assert_int_equal(rig_call(r, SEMO_ENTRY_SET_KEY, order, len).status, SEMO_OK);
    keep(s, SEMO_ENTRY_SET_KEY, order, len);
}

/* A life: keys, events, the order to end. All of it is said again to the next lives, which are
 * attested with the old challenge. */
static void e06_a_recorded_life_in_the_next(void **state)
{
    (void)state;
    static struct said s;
    struct rig *r = party_new();
    struct rig_end ends[] = {{.connection = PLAIN}, {.connection = BACKWARD}};
    uint8_t frame[SEMO_FRAME_MAX], order[ORDER_MAX];
    s.count = 0;
    say_key(&s, r, &ends[0], "hear", 1);
    say_key(&s, r, &ends[1], "other", 2);
    for (unsigned n = 0; n < 12; n++) {
        unsigned len = rig_seal(r, &ends[n % 2], "abcd", n % 5, frame);
        assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, len).status, SEMO_OK);
        keep(&s, SEMO_ENTRY_INPUT, frame, len);
    }
    keep(&s, SEMO_ENTRY_DISABLE, order, party_order(r, SEMO_DOMAIN_DISABLE, 0, 0, 0, 3, order));
    for (unsigned life = 0; life < 4; life++) {
        if (life % 2)
            assert_int_equal(call_order(r, SEMO_ENTRY_DISABLE, order), SEMO_OK);
        party_reload(r);
        assert_int_equal(rig_attest(r).status, SEMO_OK);
        for (unsigned n = 0; n < s.count; n++)
            assert_int_not_equal(rig_call(r, s.all[n].entry, s.all[n].payload, s.all[n].len).status,
                                 SEMO_OK);
        struct party_tally t = party_tally(r);
        assert_int_equal(t.heard + t.others, 0);
        assert_memory_equal(rig_attest(r).answer + 8, "\0\0\0\0\0\0", 6);
        party_order(r, SEMO_DOMAIN_DISABLE, 0, 0, 0, 1, order);
    }
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(e01_every_frame_forged_spliced_and_reflected),
        cmocka_unit_test(e01_a_kept_answer_speaks_for_no_other),
        cmocka_unit_test(e01_ticks_of_strangers),
        cmocka_unit_test(e01_resync_forged_and_replayed),
        cmocka_unit_test(e01_only_the_order_to_end_ends),
        cmocka_unit_test(e02_any_subset_is_dropped),
        cmocka_unit_test(e02_what_is_open_arrives_once_or_is_told),
        cmocka_unit_test(e03_old_events_after_a_wrap),
        cmocka_unit_test(e03_a_sender_stops_before_the_end),
        cmocka_unit_test(e04_every_other_handle),
        cmocka_unit_test(e04_keys_for_handles_that_are_not_there),
        cmocka_unit_test(e05_keys_in_every_order_and_again),
        cmocka_unit_test(e05_no_more_keys_than_slots),
        cmocka_unit_test(e06_a_recorded_life_in_the_next),
    };
    return cmocka_run_group_tests(tests, party_seed, NULL);
}
