/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/party.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/crypto/aead.h"

enum { SECURITY = 128, STUB_STATE = 6, CODE = 0xE300, STAY = 0x3FFF };

static uint64_t seed;

int party_seed(void **state)
{
    const char *text = getenv("SEMO_SEED");
    (void)state;
    seed = text && *text ? strtoull(text, NULL, 0) : 1;
    printf("# SEMO_SEED=%llu\n", (unsigned long long)seed);
    return 0;
}

uint64_t party_random(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed >> 33;
}

struct rig *party_new(void)
{
    const struct rig_options o = {.module = "party",
                                  .source = "tests/attack/modules/party.c",
                                  .security = SECURITY,
                                  .connections = PARTY_SLOTS,
                                  .policies = 1,
                                  .opens = 2};
    struct rig *r = rig_new(&o);
    assert_int_equal(rig_attest(r).status, SEMO_OK);
    return r;
}

unsigned party_io(struct rig *r, enum semo_io_kind kind, const char *name)
{
    const struct semo_io *io = semo_unit_io(r->unit, kind, name);
    assert_non_null(io);
    return io->index;
}

/* ---- connections ---- */

static const struct {
    const char *from, *to;
    enum semo_policy policy;
} lines[] = {
    [PLAIN] = {"plain", "hear", SEMO_NEWEST},       [STRICT] = {"orderly", "hear", SEMO_STRICT},
    [SURE] = {"surely", "hear", SEMO_ACKNOWLEDGED}, [ASK] = {"ask", "answer", SEMO_REQUEST},
    [BACKWARD] = {"plain", "hear", SEMO_NEWEST},
};

/* serial: the key's, at both ends. */
static void key_ends(struct pair *p, unsigned number, unsigned out, unsigned in, unsigned policy)
{
    struct rig *from = number == BACKWARD || number >= SEMO_BACK ? p->b : p->a;
    struct rig *to = from == p->a ? p->b : p->a;
    struct rig_end e = {.connection = (uint16_t)number};
    p->serial++;
    assert_int_equal(rig_set_key(to, &e, in, SEMO_KIND(SEMO_RECEIVER, policy, 0), p->serial).status,
                     SEMO_OK);
    assert_int_equal(
        rig_set_key(from, &e, out, SEMO_KIND(SEMO_SENDER, policy, 0), p->serial).status, SEMO_OK);
}

static void connect(struct pair *p, unsigned number)
{
    bool request = number == ASK;
    unsigned out = party_io(p->a, request ? SEMO_IO_REQUEST : SEMO_IO_OUTPUT, lines[number].from);
    unsigned in = party_io(p->a, request ? SEMO_IO_HANDLER : SEMO_IO_INPUT, lines[number].to);
    key_ends(p, number, out, in, lines[number].policy);
    if (lines[number].policy != SEMO_NEWEST)
        key_ends(p, number | SEMO_BACK, in, out, SEMO_NEWEST);
}

void pair_open(struct pair *p)
{
    p->a = party_new();
    p->b = party_new();
    p->serial = 0;
    for (unsigned n = 1; n <= PARTY_CONNECTIONS; n++)
        connect(p, n);
}

void pair_close(struct pair *p)
{
    assert_int_equal(semo_machine_violations(p->a->machine), 0);
    assert_int_equal(semo_machine_violations(p->b->machine), 0);
    rig_free(p->a);
    rig_free(p->b);
}

/* ---- calls ---- */

enum semo_status party_say(struct rig *r, unsigned connection, uint8_t number)
{
    static const uint8_t outputs[] = {
        [PLAIN] = 0, [STRICT] = 1, [SURE] = 2, [ASK] = 3, [BACKWARD] = 0};
    const uint8_t body[] = {outputs[connection], number, 0xB0, number, 0xB2};
    struct rig_result a = rig_call(r, party_io(r, SEMO_IO_ENTRY, "say"), body, sizeof body);
    assert_int_equal(a.status, SEMO_OK);
    return a.answer[0];
}

bool party_take(struct rig *r, struct party_frame *f)
{
    struct rig_result a = rig_call(r, SEMO_ENTRY_TAKE, "", 0);
    assert_true(a.status == SEMO_OK || a.status == SEMO_EMPTY);
    f->len = a.len;
    memcpy(f->at, a.answer, a.len);
    return a.status == SEMO_OK;
}

unsigned party_drain(struct rig *r)
{
    struct party_frame f;
    unsigned n = 0;
    while (party_take(r, &f))
        n++;
    return n;
}

enum semo_status party_give(struct rig *r, const struct party_frame *f)
{
    return rig_call(r, SEMO_ENTRY_INPUT, f->at, f->len).status;
}

void party_tick(struct rig *r)
{
    assert_int_equal(rig_call(r, SEMO_ENTRY_TICK, "", 0).status, SEMO_OK);
}

void party_cancel(struct rig *r)
{
    assert_int_equal(rig_call(r, party_io(r, SEMO_IO_ENTRY, "drop"), "", 0).status, SEMO_OK);
}

struct party_tally party_tally(struct rig *r)
{
    struct rig_result a = rig_call(r, party_io(r, SEMO_IO_ENTRY, "tally"), "", 0);
    struct party_tally t;
    assert_int_equal(a.status, SEMO_OK);
    assert_int_equal(a.len, sizeof t);
    memcpy(&t, a.answer, sizeof t);
    return t;
}

void pair_settle(struct pair *p)
{
    struct party_frame f;
    for (bool some = true; some;) {
        some = party_take(p->a, &f);
        if (some)
            (void)party_give(p->b, &f);
        if (party_take(p->b, &f)) {
            (void)party_give(p->a, &f);
            some = true;
        }
    }
}

/* ---- what lies in the module ---- */

static uint16_t slot_at(struct rig *r, unsigned connection)
{
    struct semo_channel c;
    for (unsigned i = 0; i < PARTY_SLOTS; i++) {
        uint16_t at =
            (uint16_t)(r->image.layout.ss + r->unit->stack_len + STUB_STATE + i * sizeof c);
        semo_machine_peek(r->machine, at, &c, sizeof c);
        if (c.connection == connection)
            return at;
    }
    fail_msg("connection %x has no slot", connection);
    return 0;
}

struct semo_channel party_slot(struct rig *r, unsigned connection)
{
    struct semo_channel c;
    semo_machine_peek(r->machine, slot_at(r, connection), &c, sizeof c);
    return c;
}

void party_set_sequence(struct rig *r, unsigned connection, uint64_t sequence)
{
    struct semo_channel c = party_slot(r, connection);
    for (unsigned i = 0; i < 4; i++)
        c.sequence[i] = (uint16_t)(sequence >> 16 * i);
    semo_machine_poke(r->machine, slot_at(r, connection), &c, sizeof c);
}

unsigned party_order(struct rig *r, uint8_t domain, unsigned connection, unsigned io, unsigned kind,
                     uint32_t serial, uint8_t *out)
{
    struct rig_end e = {.connection = (uint16_t)connection};
    struct semo_aead a;
    uint8_t ad[2 + SEMO_SET_KEY_HEAD_LEN] = {domain, 0};
    unsigned len = rig_set_key_request(r, &e, io, kind, serial, out);
    memcpy(ad + 2, out, SEMO_SET_KEY_HEAD_LEN);
    semo_aead_key(&a, SECURITY, r->module_key);
    semo_aead_wrap(&a, ad, sizeof ad, e.key, SEMO_KEY_LEN, out + SEMO_SET_KEY_HEAD_LEN,
                   out + SEMO_SET_KEY_HEAD_LEN + SEMO_KEY_LEN);
    return len;
}

void party_reload(struct rig *r)
{
    static const uint16_t code[] = {0x40B2, 0x5A80, 0x0120, 0x1381, STAY}; /* watchdog; enable */
    const struct semo_layout *l = &r->image.layout;
    const uint16_t registers[7] = {0, 0, RIG_VENDOR, l->ps, l->pe, l->ss, l->se};
    semo_machine_reset(r->machine);
    semo_machine_poke(r->machine, CODE, code, sizeof code);
    semo_machine_poke(r->machine, l->ps, r->image.text, r->image.text_len);
    for (unsigned n = 0; n < 7; n++)
        semo_machine_set_register(r->machine, 9 + n, registers[n]);
    semo_machine_set_register(r->machine, 2, 0);
    semo_machine_set_register(r->machine, 0, CODE);
    for (unsigned n = 0; n < 2; n++)
        semo_machine_run(r->machine, semo_machine_cycle(r->machine) + 1);
    assert_int_not_equal(semo_machine_register(r->machine, 15), 0);
}
