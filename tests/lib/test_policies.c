/* SPDX-License-Identifier: Apache-2.0 */
/* Two ends of a connection over a network that loses, repeats and reorders, with reboots, in
 * virtual time. The ends are lib/channel; what stands around it here is what the runtime does. What
 * is sent and delivered is judged by an account that knows nothing of sequences. */
#include <time.h>
#include "lib/channel/policy.h"
#include "tests/lib/support.h"

enum {
    BODY = 12, /* event number u32 | filler, of any length from 4 on */
    FRAME_MAX = SEMO_SEALED_LEN(SEMO_REPORT_LEN + BODY),
    FLIGHTS = 64,  /* frames on their way */
    DELAY = 16,    /* steps at most */
    TICK = 64,     /* steps: more than a round trip */
    REBOOT = 4000, /* steps between two, about */
    CALM = 500,    /* events between two tests of recovery */
    HISTORY = 1 << 16
};
enum { FORWARD, BACK };

struct flight {
    uint64_t at; /* 0 = none */
    unsigned way, len;
    _Alignas(2) uint8_t frame[FRAME_MAX];
};

struct link {
    uint64_t seed, now;
    unsigned policy, aes;
    struct semo_channel out, in, back_out, back_in; /* of the sender; of the receiver */
    union {
        struct semo_open open;
        uint8_t room[sizeof(struct semo_open) + 2 + FRAME_MAX];
    } held;
    struct flight flights[FLIGHTS];
    unsigned key, loss; /* loss: in 100 */
    /* the account */
    uint32_t sent, last_delivered, open_number;
    bool open, told_gap, resynced;
    uint8_t delivered[HISTORY]; /* times, by number modulo */
    uint64_t events, told_ok, told_unknown, told_gaps, duplicates, refused;
};

static unsigned below(struct link *l, unsigned n)
{
    return (unsigned)(test_random(&l->seed) % n);
}

/* ---- the network ---- */

static void fly(struct link *l, unsigned way, const uint8_t *frame, unsigned len)
{
    unsigned copies = 1 + (l->loss && below(l, 100) < 10);
    for (unsigned i = 0; i < FLIGHTS && copies; i++) {
        if (l->flights[i].at || (below(l, 100) < l->loss && copies--))
            continue;
        l->flights[i].at = l->now + 1 + (l->loss ? below(l, DELAY) : 0);
        l->flights[i].way = way;
        l->flights[i].len = len;
        memcpy(l->flights[i].frame, frame, len);
        copies--;
    }
}

/* ---- the sender ---- */

static void put_number(uint8_t *body, uint32_t n)
{
    for (unsigned i = 0; i < BODY; i++)
        body[i] = (uint8_t)(i < 4 ? n >> 8 * i : n * 7 + i);
}

static uint32_t get_number(const uint8_t *body)
{
    return (uint32_t)(body[0] | body[1] << 8 | body[2] << 16 | (uint32_t)body[3] << 24);
}

static void close_open(struct link *l)
{
    l->open = false;
    l->told_unknown++;
}

static void emit(struct link *l)
{
    _Alignas(2) uint8_t frame[2 + FRAME_MAX];
    uint8_t body[BODY];
    unsigned len = 4 + (l->sent + 1) % (BODY - 3);
    if (l->policy > SEMO_STRICT && l->held.open.len)
        return; /* BUSY */
    put_number(body, ++l->sent);
    l->delivered[l->sent % HISTORY] = 0;
    assert_int_equal(semo_channel_seal(&l->out, 0, body, len, frame + 2), SEMO_OK);
    if (l->policy > SEMO_STRICT) {
        semo_policy_hold(&l->held.open, frame, 2 + SEMO_SEALED_LEN(len));
        l->open = true;
        l->open_number = l->sent;
    }
    l->events++;
    fly(l, FORWARD, frame + 2, SEMO_SEALED_LEN(len));
}

static void tick(struct link *l)
{
    enum semo_status status = semo_policy_tick(&l->held.open);
    assert_int_equal(status != SEMO_EMPTY, l->open);
    if (status == SEMO_OK && l->policy == SEMO_ACKNOWLEDGED)
        fly(l, FORWARD, (uint8_t *)(l->held.open.frame + 1), l->held.open.len - 2U);
    if (status == SEMO_TIMEOUT)
        close_open(l);
}

static void resynchronise(struct link *l)
{
    _Alignas(2) uint8_t frame[FRAME_MAX];
    l->told_gap = true;
    l->told_gaps++;
    assert_int_equal(semo_channel_seal(&l->out, SEMO_EVENT_RESYNC, "", 0, frame), SEMO_OK);
    fly(l, FORWARD, frame, SEMO_SEALED_LEN(0));
}

static void hear(struct link *l, const struct flight *f)
{
    uint8_t body[SEMO_REPORT_LEN + BODY + 1];
    unsigned len;
    if (semo_channel_open(&l->back_in, f->frame, f->len, body, SEMO_REPORT_LEN + BODY, &len) !=
        SEMO_OK) {
        l->refused++;
        return;
    }
    enum semo_status status = semo_policy_hear(&l->out, &l->held.open, body, len);
    if (status == SEMO_GAP)
        resynchronise(l);
    if (l->policy < SEMO_ACKNOWLEDGED || status != SEMO_OK)
        return;
    assert_true(l->open); /* told once */
    l->open = false;
    l->told_ok++;
    assert_int_equal(l->delivered[l->open_number % HISTORY], 1);
    if (l->policy == SEMO_REQUEST) /* the answer is the one to this question */
        assert_int_equal(get_number(body + SEMO_REPORT_LEN), l->open_number + 1);
}

/* ---- the receiver ---- */

static void report(struct link *l, const void *body, unsigned len)
{
    _Alignas(2) uint8_t frame[FRAME_MAX];
    assert_int_equal(semo_channel_seal(&l->back_out, 0, body, len, frame), SEMO_OK);
    fly(l, BACK, frame, SEMO_SEALED_LEN(len));
}

/* The author's function: what it may see under each policy. */
static void deliver(struct link *l, const uint8_t *body, unsigned len)
{
    uint32_t n = get_number(body);
    assert_int_equal(len, 4 + n % (BODY - 3));
    assert_in_range(n, 1, l->sent);
    assert_int_equal(l->delivered[n % HISTORY]++, 0);
    assert_true(n > l->last_delivered);
    if (l->policy == SEMO_STRICT && n != l->last_delivered + 1)
        assert_true(l->resynced && l->told_gap);
    l->resynced = false;
    l->last_delivered = n;
}

static void receive(struct link *l, const struct flight *f)
{
    _Alignas(2) uint8_t room[SEMO_REPORT_LEN + BODY + 1];
    uint8_t *body = room + SEMO_REPORT_LEN;
    unsigned len = 0;
    enum semo_status status = semo_channel_open(&l->in, f->frame, f->len, body, BODY, &len);
    l->refused += status != SEMO_OK;
    l->duplicates += status == SEMO_STALE;
    if (semo_policy_wants_report(&l->in, status))
        report(l, l->in.sequence, SEMO_REPORT_LEN);
    if (status != SEMO_OK)
        return;
    if (f->frame[1] & SEMO_EVENT_RESYNC) {
        l->resynced = true;
        return;
    }
    deliver(l, body, len);
    if (l->policy == SEMO_REQUEST) {
        put_number(body, get_number(body) + 1);
        memcpy(room, l->in.sequence, SEMO_REPORT_LEN);
        report(l, room, SEMO_REPORT_LEN + 4);
    }
}

/* ---- time ---- */

static void arrive(struct link *l)
{
    unsigned first = below(l, FLIGHTS); /* those of one step come in any order */
    for (unsigned i = 0; i < FLIGHTS; i++) {
        struct flight *f = &l->flights[(i + first) % FLIGHTS], now = *f;
        if (!f->at || f->at > l->now)
            continue;
        f->at = 0;
        if (now.way == FORWARD)
            receive(l, &now);
        else
            hear(l, &now);
    }
}

static void step(struct link *l)
{
    l->now++;
    arrive(l);
    if (l->now % TICK == 0)
        tick(l);
}

/* The deployer gives both ends new keys: after a reboot, and to begin with. What is in the air is
 * of the old ones. An event that is open will never be answered; a receiver that lost its memory
 * may have seen it. */
static void rekey(struct link *l)
{
    struct semo_channel *ends[] = {&l->in, &l->out, &l->back_in, &l->back_out};
    l->key++;
    for (unsigned i = 0; i < 4; i++) {
        memset(ends[i], 0, sizeof *ends[i]);
        ends[i]->connection = (uint16_t)(i < 2 ? 1 : 1 | SEMO_BACK);
        ends[i]->kind = (uint8_t)SEMO_KIND(i % 2 ? SEMO_SENDER : SEMO_RECEIVER,
                                           i < 2 ? l->policy : SEMO_NEWEST, l->aes);
        memset(ends[i]->key, (int)(l->key * 2 + i / 2), SEMO_KEY_LEN);
        memcpy(ends[i]->key, &l->key, sizeof l->key);
        /* near the end of a key, so that it rolls now and then */
        ends[i]->sequence[0] = ends[i]->sequence[1] = l->key % 2 ? 0 : 0xFFFF;
        ends[i]->sequence[0] &= 0xFF00;
    }
    if (l->open)
        close_open(l);
    l->held.open.len = 0;
    l->last_delivered = l->sent;
}

static bool in_air(const struct link *l)
{
    for (unsigned i = 0; i < FLIGHTS; i++)
        if (l->flights[i].at)
            return true;
    return false;
}

/* On a network without faults one round trip is enough, whatever happened before. */
static void recovers(struct link *l)
{
    uint32_t before;
    while (in_air(l) || l->open)
        step(l); /* what is open is answered or given up */
    l->loss = 0;
    before = l->sent;
    emit(l);
    for (unsigned i = 0; i < 3; i++)
        step(l);
    if (l->policy == SEMO_STRICT) { /* the one above may have shown the gap */
        emit(l);
        step(l);
    }
    assert_true(l->sent > before);
    assert_int_equal(l->last_delivered, l->sent);
    assert_false(l->open);
    l->loss = 20;
}

static bool time_is_up(const struct link *l)
{
    return l->now % 65536 == 0 && (uint64_t)time(NULL) > test_env("SOAK_END", UINT64_MAX);
}

static void run(unsigned policy, unsigned aes, uint64_t events, uint64_t seed)
{
    struct link *l = calloc(1, sizeof *l);
    l->seed = seed;
    l->policy = policy;
    l->aes = aes;
    l->loss = 20;
    rekey(l);
    for (uint64_t calm = CALM; l->events < events && !time_is_up(l);) {
        if (below(l, 3) == 0)
            emit(l);
        step(l);
        if (below(l, REBOOT) == 0)
            rekey(l);
        if (l->events >= calm) {
            recovers(l);
            calm = l->events + CALM;
        }
    }
    static const char *const names[] = {"newest", "strict", "acknowledged", "request"};
    print_message("# %s, %s: %llu events, %u keys, %llu repeats refused, told: %llu ok, %llu "
                  "unknown, %llu gaps\n",
                  names[policy], aes ? "AES" : "SPONGENT", (unsigned long long)l->events, l->key,
                  (unsigned long long)l->duplicates, (unsigned long long)l->told_ok,
                  (unsigned long long)l->told_unknown, (unsigned long long)l->told_gaps);
    assert_true(l->duplicates > 0 || l->events < events);
    if (policy > SEMO_STRICT) /* every event has one end */
        assert_true(l->told_ok + l->told_unknown + l->open == l->events);
    free(l);
}

/* Most events are in the suite that is cheap here. */
static void policies(void **state)
{
    (void)state;
    uint64_t seed = test_seed(), count = 100 * test_count();
    for (unsigned policy = SEMO_NEWEST; policy <= SEMO_REQUEST; policy++) {
        run(policy, 1, count / 4 - count / 200, test_random(&seed));
        run(policy, 0, count / 200, test_random(&seed));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(policies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
