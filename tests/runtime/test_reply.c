/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, acknowledged and strict connections, and events that expire, in a module on the
 * machine; the other ends are lib/channel here, and so is the network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "lib/channel/policy.h"
#include "lib/crypto/aead.h"
#include "tests/runtime/rig.h"

enum { ANSWERED, ANSWER, TOLD, LINED, HEARD, ORDERS };
enum { ASK, TELL, LINE, CANCEL, ORDER };
enum { TOLD_OK = 0x40, SECOND = 20000000 };

/* Numbers of the module's connections: those with a policy, each with its back channel. */
enum { QUESTION = 1, TELLING, LINING, REPLY, HEARING, CLOCK, ORDERING, ORDERED, CONNECTIONS = 9 };

static const struct {
    const char *io;
    enum semo_io_kind kind;
    unsigned policy;
    bool expires;
} plan[CONNECTIONS] = {
    [QUESTION] = {"question", SEMO_IO_REQUEST, SEMO_REQUEST, false},
    [TELLING] = {"tell", SEMO_IO_OUTPUT, SEMO_ACKNOWLEDGED, false},
    [LINING] = {"line", SEMO_IO_OUTPUT, SEMO_STRICT, false},
    [REPLY] = {"reply", SEMO_IO_HANDLER, SEMO_REQUEST, false},
    [HEARING] = {"hear", SEMO_IO_INPUT, SEMO_ACKNOWLEDGED, false},
    [CLOCK] = {"clock", SEMO_IO_REQUEST, SEMO_REQUEST, false},
    [ORDERING] = {"order", SEMO_IO_INPUT, SEMO_ACKNOWLEDGED, true},
    [ORDERED] = {"order_out", SEMO_IO_OUTPUT, SEMO_NEWEST, true},
};

struct talk {
    struct rig *rig;
    struct semo_channel there[CONNECTIONS], back[CONNECTIONS]; /* our ends */
    uint32_t serial;
};

static void give_key(struct talk *t, unsigned connection, unsigned io, unsigned kind,
                     struct semo_channel *ours)
{
    struct rig_end e = {.connection = (uint16_t)connection};
    assert_int_equal(rig_set_key(t->rig, &e, io, kind, ++t->serial).status, SEMO_OK);
    memset(ours, 0, sizeof *ours);
    ours->connection = (uint16_t)connection;
    ours->kind = (uint8_t)(kind ^ 1);
    memcpy(ours->key, e.key, sizeof ours->key);
}

static void connect(struct talk *t, unsigned c)
{
    const struct semo_io *io = semo_unit_io(t->rig->unit, plan[c].kind, plan[c].io);
    bool sends = plan[c].kind == SEMO_IO_REQUEST || plan[c].kind == SEMO_IO_OUTPUT;
    unsigned kind = SEMO_KIND(sends ? SEMO_SENDER : SEMO_RECEIVER, plan[c].policy, 0U) |
                    (plan[c].expires ? SEMO_KIND_EXPIRES : 0U);
    assert_non_null(io);
    give_key(t, c, io->index, kind, &t->there[c]);
    if (plan[c].policy != SEMO_NEWEST)
        give_key(t, c | SEMO_BACK, io->index, sends ? SEMO_RECEIVER : SEMO_SENDER, &t->back[c]);
}

static struct talk begin(void)
{
    const struct rig_options o = {.module = "dialogue",
                                  .source = "tests/runtime/modules/dialogue.c",
                                  .security = 128,
                                  .connections = 2 * CONNECTIONS,
                                  .opens = 3};
    struct talk t = {.rig = rig_new(&o)};
    rig_attest(t.rig);
    for (unsigned c = 1; c < CONNECTIONS; c++)
        connect(&t, c);
    return t;
}

static unsigned user(const struct talk *t, const char *name)
{
    return semo_unit_io(t->rig->unit, SEMO_IO_ENTRY, name)->index;
}

static unsigned act(struct talk *t, unsigned what, const void *body, unsigned len)
{
    uint8_t payload[64] = {(uint8_t)what};
    memcpy(payload + 1, body, len);
    struct rig_result r = rig_call(t->rig, user(t, "act"), payload, 1 + len);
    assert_int_equal(r.status, SEMO_OK);
    return r.answer[0];
}

static void show(struct talk *t, uint8_t seen[16])
{
    struct rig_result r = rig_call(t->rig, user(t, "show"), "", 0);
    assert_int_equal(r.len, 16);
    memcpy(seen, r.answer, 16);
}

struct frame {
    unsigned connection, len; /* len 0: none */
    _Alignas(2) uint8_t sealed[256];
};

static struct frame take(struct talk *t)
{
    struct frame f = {0};
    struct rig_result r = rig_call(t->rig, SEMO_ENTRY_TAKE, "", 0);
    if (r.status != SEMO_OK)
        return f;
    f.connection = r.answer[0] + 256U * r.answer[1];
    f.len = r.len - 2;
    memcpy(f.sealed, r.answer + 2, f.len);
    return f;
}

static enum semo_status give(struct talk *t, unsigned connection, const struct frame *f)
{
    uint8_t payload[258] = {(uint8_t)connection, (uint8_t)(connection >> 8)};
    memcpy(payload + 2, f->sealed, f->len);
    return rig_call(t->rig, SEMO_ENTRY_INPUT, payload, 2 + f->len).status;
}

static enum semo_status open(struct semo_channel *c, const struct frame *f, uint8_t *body,
                             unsigned *len)
{
    return semo_channel_open(c, f->sealed, f->len, body, 80, len);
}

static struct frame seal(struct semo_channel *c, unsigned flags, const void *body, unsigned len)
{
    struct frame f = {c->connection, SEMO_SEALED_LEN(len), {0}};
    assert_int_equal(semo_channel_seal(c, flags, body, len, f.sealed), SEMO_OK);
    return f;
}

/* What we, the receiver, would report, with a reply. */
static struct frame report(struct talk *t, unsigned c, const void *reply, unsigned len)
{
    uint8_t body[80];
    memcpy(body, t->there[c].sequence, SEMO_REPORT_LEN);
    memcpy(body + SEMO_REPORT_LEN, reply, len);
    return seal(&t->back[c], 0, body, SEMO_REPORT_LEN + len);
}

static void tick(struct talk *t)
{
    assert_int_equal(rig_call(t->rig, SEMO_ENTRY_TICK, "", 0).status, SEMO_OK);
}

static void a_request_is_answered_once(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t body[81], seen[16];
    unsigned len;
    assert_int_equal(act(&t, ASK, "abc", 3), SEMO_OK);
    assert_int_equal(act(&t, ASK, "abc", 3), SEMO_BUSY);
    struct frame f = take(&t), answer, other;
    assert_int_equal(f.connection, QUESTION);
    assert_int_equal(take(&t).len, 0);
    assert_int_equal(open(&t.there[QUESTION], &f, body, &len), SEMO_OK);
    assert_int_equal(len, 3);
    assert_memory_equal(body, "abc", 3);
    answer = report(&t, QUESTION, "Z", 1);
    assert_int_equal(give(&t, QUESTION, &answer), SEMO_UNKNOWN); /* it is no event of that number */
    assert_int_equal(give(&t, QUESTION | SEMO_BACK, &answer), SEMO_OK);
    show(&t, seen);
    assert_int_equal(seen[ANSWERED], TOLD_OK + SEMO_OK);
    assert_int_equal(seen[ANSWER], 'Z');
    assert_int_equal(give(&t, QUESTION | SEMO_BACK, &answer), SEMO_STALE);
    other = report(&t, QUESTION, "Y", 1); /* authentic, and nobody asked any more */
    assert_int_equal(give(&t, QUESTION | SEMO_BACK, &other), SEMO_STALE);
    show(&t, seen);
    assert_int_equal(seen[ANSWERED], 0);
    rig_free(t.rig);
}

static void an_answer_to_another_question_is_none(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t body[81], seen[16];
    unsigned len;
    assert_int_equal(act(&t, ASK, "1", 1), SEMO_OK);
    struct frame first = take(&t), second, late;
    assert_int_equal(open(&t.there[QUESTION], &first, body, &len), SEMO_OK);
    late = report(&t, QUESTION, "1", 1);
    assert_int_equal(act(&t, CANCEL, "", 0), SEMO_OK);
    assert_int_equal(act(&t, ASK, "2", 1), SEMO_OK);
    second = take(&t);
    assert_int_equal(give(&t, QUESTION | SEMO_BACK, &late), SEMO_STALE);
    show(&t, seen);
    assert_int_equal(seen[ANSWERED], 0);
    assert_int_equal(open(&t.there[QUESTION], &second, body, &len), SEMO_OK);
    late = report(&t, QUESTION, "2", 1);
    assert_int_equal(give(&t, QUESTION | SEMO_BACK, &late), SEMO_OK);
    show(&t, seen);
    assert_int_equal(seen[ANSWER], '2');
    rig_free(t.rig);
}

static void questions_time_out_and_are_not_repeated(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t seen[16];
    assert_int_equal(act(&t, ASK, "abc", 3), SEMO_OK);
    assert_int_not_equal(take(&t).len, 0);
    for (unsigned i = 1; i < SEMO_OPEN_TICKS; i++) {
        tick(&t);
        assert_int_equal(take(&t).len, 0);
    }
    show(&t, seen);
    assert_int_equal(seen[ANSWERED], 0);
    tick(&t);
    show(&t, seen);
    assert_int_equal(seen[ANSWERED], TOLD_OK + SEMO_TIMEOUT);
    tick(&t);
    show(&t, seen);
    assert_int_equal(seen[ANSWERED], 0);
    assert_int_equal(act(&t, ASK, "abc", 3), SEMO_OK);
    rig_free(t.rig);
}

static void told_events_are_repeated_until_they_are_reported(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t body[81], seen[16];
    unsigned len;
    assert_int_equal(act(&t, TELL, "x", 1), SEMO_OK);
    struct frame f = take(&t), again, r;
    for (unsigned i = 0; i < 3; i++) {
        tick(&t);
        again = take(&t);
        assert_int_equal(again.len, f.len);
        assert_memory_equal(again.sealed, f.sealed, f.len); /* the same seal, none twice */
    }
    assert_int_equal(open(&t.there[TELLING], &again, body, &len), SEMO_OK);
    assert_int_equal(open(&t.there[TELLING], &f, body, &len), SEMO_STALE);
    r = report(&t, TELLING, "", 0);
    assert_int_equal(give(&t, TELLING | SEMO_BACK, &r), SEMO_OK);
    show(&t, seen);
    assert_int_equal(seen[TOLD], TOLD_OK + SEMO_OK);
    tick(&t);
    assert_int_equal(take(&t).len, 0);
    rig_free(t.rig);
}

static void nobody_can_say_after_a_reboot_or_a_long_silence(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t seen[16];
    assert_int_equal(act(&t, TELL, "x", 1), SEMO_OK);
    connect(&t, TELLING); /* the other end lost its memory: both get new keys */
    show(&t, seen);
    assert_int_equal(seen[TOLD], TOLD_OK + SEMO_UNKNOWN);
    assert_int_equal(act(&t, TELL, "y", 1), SEMO_OK);
    for (unsigned i = 0; i < SEMO_OPEN_TICKS; i++)
        tick(&t);
    show(&t, seen);
    assert_int_equal(seen[TOLD], TOLD_OK + SEMO_UNKNOWN);
    rig_free(t.rig);
}

static void what_is_heard_is_reported_each_time(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t body[81], seen[16];
    unsigned len;
    struct frame f = seal(&t.there[HEARING], 0, "x", 1), r;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(give(&t, HEARING, &f), i ? SEMO_STALE : SEMO_OK);
        r = take(&t);
        assert_int_equal(r.connection, HEARING | SEMO_BACK);
        assert_int_equal(open(&t.back[HEARING], &r, body, &len), SEMO_OK);
        assert_int_equal(len, SEMO_REPORT_LEN);
        assert_memory_equal(body, t.there[HEARING].sequence, SEMO_REPORT_LEN);
    }
    show(&t, seen);
    assert_int_equal(seen[HEARD], 1);
    rig_free(t.rig);
}

static void a_handler_answers_the_question_that_it_got(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t body[81];
    unsigned len;
    for (unsigned n = 0; n <= 64; n += 13) {
        uint8_t question[64];
        memset(question, 'a', sizeof question);
        struct frame f = seal(&t.there[REPLY], 0, question, n), r;
        assert_int_equal(give(&t, REPLY, &f), SEMO_OK);
        r = take(&t);
        assert_int_equal(open(&t.back[REPLY], &r, body, &len), SEMO_OK);
        assert_int_equal(len, SEMO_REPORT_LEN + n);
        assert_memory_equal(body, t.there[REPLY].sequence, SEMO_REPORT_LEN);
        for (unsigned i = 0; i < n; i++)
            assert_int_equal(body[SEMO_REPORT_LEN + i], 'b');
        assert_int_equal(give(&t, REPLY, &f), SEMO_STALE); /* asked twice, answered once */
        assert_int_equal(take(&t).len, 0);
    }
    rig_free(t.rig);
}

static void lines_resynchronise_in_one_round_trip(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t body[81], seen[16];
    unsigned len;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(act(&t, LINE, "x", 1), SEMO_OK);
    struct frame first = take(&t), lost = take(&t), third = take(&t), r;
    assert_int_equal(open(&t.there[LINING], &first, body, &len), SEMO_OK);
    assert_int_equal(open(&t.there[LINING], &third, body, &len), SEMO_GAP);
    assert_int_not_equal(lost.len, 0);
    r = report(&t, LINING, "", 0);
    assert_int_equal(give(&t, LINING | SEMO_BACK, &r), SEMO_OK);
    show(&t, seen);
    assert_int_equal(seen[LINED], TOLD_OK + SEMO_GAP);
    r = take(&t);
    assert_int_equal(r.sealed[1] & SEMO_EVENT_RESYNC, SEMO_EVENT_RESYNC);
    assert_int_equal(open(&t.there[LINING], &r, body, &len), SEMO_OK);
    assert_int_equal(act(&t, LINE, "y", 1), SEMO_OK);
    r = take(&t);
    assert_int_equal(open(&t.there[LINING], &r, body, &len), SEMO_OK);
    assert_memory_equal(body, "y", 1);
    assert_int_equal(open(&t.there[LINING], &lost, body, &len), SEMO_STALE);
    r = report(&t, LINING, "", 0); /* nothing is missing */
    assert_int_equal(give(&t, LINING | SEMO_BACK, &r), SEMO_OK);
    assert_int_equal(take(&t).len, 0);
    rig_free(t.rig);
}

/* ---- time ---- */

static void pass(struct talk *t, uint64_t cycles)
{
    uint64_t end = semo_machine_cycle(t->rig->machine) + cycles;
    semo_machine_run(t->rig->machine, end);
}

/* Answers the module's question for the time. */
static enum semo_status tell_time(struct talk *t, uint32_t utc)
{
    uint8_t body[81], answer[4];
    unsigned len;
    struct frame f = take(t), r;
    assert_int_equal(f.connection, CLOCK);
    assert_int_equal(open(&t->there[CLOCK], &f, body, &len), SEMO_OK);
    for (unsigned i = 0; i < 4; i++)
        answer[i] = (uint8_t)(utc >> 8 * i);
    r = report(t, CLOCK, answer, 4);
    return give(t, CLOCK | SEMO_BACK, &r);
}

static struct frame order(struct talk *t, uint32_t until)
{
    uint8_t body[7] = {'o', 'f', 'f'};
    for (unsigned i = 0; i < 4; i++)
        body[3 + i] = (uint8_t)(until >> 8 * i);
    return seal(&t->there[ORDERING], SEMO_EVENT_EXPIRES, body, sizeof body);
}

static unsigned orders(struct talk *t)
{
    uint8_t seen[16];
    show(t, seen);
    return seen[ORDERS];
}

static void orders_wait_until_the_time_is_known(void **state)
{
    (void)state;
    struct talk t = begin();
    struct frame f = order(&t, 1010);
    assert_int_equal(give(&t, ORDERING, &f), SEMO_UNFRESH);
    assert_int_equal(orders(&t), 0);
    assert_int_equal(tell_time(&t, 1000), SEMO_OK);
    assert_int_equal(give(&t, ORDERING, &f), SEMO_OK); /* the same again: it never was */
    assert_int_equal(orders(&t), 1);
    assert_int_equal(give(&t, ORDERING, &f), SEMO_STALE);
    rig_free(t.rig);
}

static void hoarded_orders_expire(void **state)
{
    (void)state;
    struct talk t = begin();
    struct frame hoard[20], dummy = order(&t, 1);
    assert_int_equal(give(&t, ORDERING, &dummy), SEMO_UNFRESH);
    assert_int_equal(tell_time(&t, 1000), SEMO_OK);
    for (unsigned i = 0; i < 20; i++)
        hoard[i] = order(&t, 1005 + i);
    pass(&t, 10 * (uint64_t)SECOND); /* it is 1010, or 1011 for who knows */
    for (unsigned i = 0; i < 20; i++) {
        enum semo_status status = give(&t, ORDERING, &hoard[i]);
        assert_int_equal(status, i < 7 ? SEMO_EXPIRED : SEMO_OK);
    }
    assert_int_equal(orders(&t), 13);
    for (unsigned i = 0; i < 20; i++)
        assert_int_not_equal(give(&t, ORDERING, &hoard[i]), SEMO_OK);
    rig_free(t.rig);
}

static void old_time_is_no_time(void **state)
{
    (void)state;
    struct talk t = begin();
    struct frame f = order(&t, 5000);
    assert_int_equal(give(&t, ORDERING, &f), SEMO_UNFRESH);
    pass(&t, 11 * (uint64_t)SECOND);
    assert_int_equal(tell_time(&t, 1000), SEMO_OK); /* its trip took too long */
    assert_int_equal(give(&t, ORDERING, &f), SEMO_UNFRESH);
    assert_int_equal(tell_time(&t, 1011), SEMO_OK);
    pass(&t, 301 * (uint64_t)SECOND);
    assert_int_equal(give(&t, ORDERING, &f), SEMO_UNFRESH);
    assert_int_equal(tell_time(&t, 1320), SEMO_OK);
    assert_int_equal(give(&t, ORDERING, &f), SEMO_OK);
    rig_free(t.rig);
}

static void pass_a_turn(struct talk *t)
{
    semo_machine_set_register(t->rig->machine, 2, 0x10); /* asleep: CPUOFF */
    pass(t, UINT64_C(1) << 48);
}

/* The counter of units comes round every 163 days, and what was said then with it. */
static void a_time_of_half_a_year_ago_is_no_time(void **state)
{
    (void)state;
    struct talk t = begin();
    struct frame f = order(&t, 1200);
    assert_int_equal(give(&t, ORDERING, &f), SEMO_UNFRESH);
    pass_a_turn(&t);
    assert_int_equal(tell_time(&t, 1000), SEMO_OK); /* an answer that was kept */
    assert_int_equal(give(&t, ORDERING, &f), SEMO_UNFRESH);
    assert_int_equal(tell_time(&t, 1000), SEMO_OK);
    pass_a_turn(&t);
    assert_int_equal(give(&t, ORDERING, &f), SEMO_UNFRESH);
    assert_int_equal(orders(&t), 0);
    assert_int_equal(tell_time(&t, 1000), SEMO_OK);
    assert_int_equal(give(&t, ORDERING, &f), SEMO_OK);
    rig_free(t.rig);
}

static void nobody_takes_the_expiry_away(void **state)
{
    (void)state;
    struct talk t = begin();
    struct frame plain = seal(&t.there[ORDERING], 0, "off", 3), f = order(&t, 1010), marked;
    assert_int_equal(give(&t, ORDERING, &plain), SEMO_MALFORMED);
    marked = f;
    marked.sealed[1] &= (uint8_t)~SEMO_EVENT_EXPIRES;
    assert_int_equal(give(&t, ORDERING, &marked), SEMO_MALFORMED);
    marked = seal(&t.there[HEARING], SEMO_EVENT_EXPIRES, "off.....", 8);
    assert_int_equal(give(&t, HEARING, &marked), SEMO_MALFORMED);
    assert_int_equal(orders(&t), 0);
    rig_free(t.rig);
}

static void senders_stamp_what_they_know(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t body[81], seconds[] = {30, 'o', 'n'};
    unsigned len;
    assert_int_equal(act(&t, ORDER, seconds, sizeof seconds), SEMO_UNFRESH);
    assert_int_equal(tell_time(&t, 1000), SEMO_OK);
    pass(&t, 5 * (uint64_t)SECOND);
    assert_int_equal(act(&t, ORDER, seconds, sizeof seconds), SEMO_OK);
    struct frame f = take(&t);
    assert_int_equal(f.connection, ORDERED);
    assert_int_equal(f.sealed[1] & SEMO_EVENT_EXPIRES, SEMO_EVENT_EXPIRES);
    assert_int_equal(open(&t.there[ORDERED], &f, body, &len), SEMO_OK);
    assert_int_equal(len, 6);
    assert_memory_equal(body, "on", 2);
    unsigned until = body[2] | body[3] << 8;
    assert_in_range(until, 1000 + 4 + 30, 1000 + 5 + 30); /* never later than it should be */
    rig_free(t.rig);
}

/* ---- the end ---- */

static unsigned order_to_end(struct talk *t, uint8_t *request)
{
    uint8_t ad[2 + SEMO_SET_KEY_HEAD_LEN] = {SEMO_DOMAIN_DISABLE, 0}, nothing[16] = {0};
    struct semo_aead a;
    memcpy(ad + 2, rig_node, SEMO_NODE_HASH_LEN);
    ad[10] = (uint8_t)t->rig->epoch;
    for (unsigned i = 0; i < 4; i++)
        ad[22 + i] = (uint8_t)((t->serial + 1) >> 8 * i);
    memset(ad + 26, 0x77, 16);
    memcpy(request, ad + 2, SEMO_SET_KEY_HEAD_LEN);
    semo_aead_key(&a, 128, t->rig->module_key);
    semo_aead_wrap(&a, ad, sizeof ad, nothing, 16, request + SEMO_SET_KEY_HEAD_LEN,
                   request + SEMO_SET_KEY_HEAD_LEN + 16);
    return SEMO_SET_KEY_LEN;
}

static void a_module_that_is_disabled_leaves_nothing(void **state)
{
    (void)state;
    struct talk t = begin();
    uint8_t request[SEMO_SET_KEY_LEN], rest[4096];
    const struct semo_layout *l = &t.rig->image.layout;
    unsigned len = order_to_end(&t, request);
    assert_int_equal(rig_call(t.rig, SEMO_ENTRY_SET_KEY, request, len).status, SEMO_REFUSED);
    request[30] ^= 1;
    assert_int_equal(rig_call(t.rig, SEMO_ENTRY_DISABLE, request, len).status, SEMO_REFUSED);
    request[30] ^= 1;
    struct rig_result r = rig_call(t.rig, SEMO_ENTRY_DISABLE, request, len);
    assert_true(r.returned);
    assert_int_equal(r.status, SEMO_OK);
    assert_int_equal(r.len, SEMO_SET_KEY_ANSWER_LEN);
    uint8_t done[24] = {SEMO_DOMAIN_DISABLE_DONE, 0}, tag[16];
    memset(done + 2, 0x77, 16);
    memcpy(done + 18, request + 20, 4);
    memcpy(done + 22, r.answer, 2);
    rig_mac(t.rig, done, sizeof done, tag);
    assert_memory_equal(r.answer + 2, tag, 16);
    for (unsigned at = l->ps; at < l->pe; at += sizeof rest) {
        unsigned n = l->pe - at < sizeof rest ? l->pe - at : sizeof rest;
        semo_machine_peek(t.rig->machine, (uint16_t)at, rest, n);
        for (unsigned i = 0; i < n; i++)
            assert_int_equal(rest[i], 0);
    }
    semo_machine_peek(t.rig->machine, l->ss, rest, l->se - l->ss);
    for (unsigned i = 0; i < (unsigned)(l->se - l->ss); i++)
        assert_int_equal(rest[i], 0);
    assert_int_equal(semo_machine_violations(t.rig->machine), 0);
    rig_free(t.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_answered_once),
        cmocka_unit_test(an_answer_to_another_question_is_none),
        cmocka_unit_test(questions_time_out_and_are_not_repeated),
        cmocka_unit_test(told_events_are_repeated_until_they_are_reported),
        cmocka_unit_test(nobody_can_say_after_a_reboot_or_a_long_silence),
        cmocka_unit_test(what_is_heard_is_reported_each_time),
        cmocka_unit_test(a_handler_answers_the_question_that_it_got),
        cmocka_unit_test(lines_resynchronise_in_one_round_trip),
        cmocka_unit_test(orders_wait_until_the_time_is_known),
        cmocka_unit_test(hoarded_orders_expire),
        cmocka_unit_test(old_time_is_no_time),
        cmocka_unit_test(a_time_of_half_a_year_ago_is_no_time),
        cmocka_unit_test(nobody_takes_the_expiry_away),
        cmocka_unit_test(senders_stamp_what_they_know),
        cmocka_unit_test(a_module_that_is_disabled_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
