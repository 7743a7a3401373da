/* SPDX-License-Identifier: Apache-2.0 */
/* The families M22, C3, C4 (messages) and C7 of docs/attacks.md: what a module of the build tool
 * makes of the machine's keys. On `hardened` at 128 bits; upstream's core is the same here, its
 * runtime is not. Each detector is shown something that it must notice. SEMO_SEED, SOAK=1. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "lib/crypto/aead.h"
#include "tests/lib/support.h"
#include "tests/runtime/rig.h"

enum { SECURITY = 128, SLOTS = 3, ECHO = 0, OUT = 1, SINK = 2, CODE = 0xE300, STAY = 0x3FFF };
enum { HEAD = 2 + SEMO_SET_KEY_HEAD_LEN };
static const uint16_t reload_code[] = {0x40B2, 0x5A80, 0x0120, 0x1381, STAY}; /* watchdog; enable */

static uint64_t seed;

static uint8_t any(void)
{
    return (uint8_t)test_random(&seed);
}

static void fill(uint8_t *out, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        out[i] = any();
}

static bool soak(void)
{
    const char *text = getenv("SOAK");
    return text && *text == '1';
}

static struct rig *probe(void)
{
    const struct rig_options o = {
        "probe", "tests/runtime/modules/probe.c", SECURITY, SLOTS, false, 0, 0};
    return rig_new(&o);
}

/* An image of the same module is put in place and enabled; its id. */
static uint16_t load(struct rig *r, const struct semo_image *image)
{
    const struct semo_layout *l = &image->layout;
    const uint16_t registers[7] = {0, 0, RIG_VENDOR, l->ps, l->pe, l->ss, l->se};
    semo_machine_poke(r->machine, CODE, reload_code, sizeof reload_code);
    semo_machine_poke(r->machine, l->ps, image->text, image->text_len);
    for (unsigned n = 0; n < 7; n++)
        semo_machine_set_register(r->machine, 9 + n, registers[n]);
    semo_machine_set_register(r->machine, 2, 0);
    semo_machine_set_register(r->machine, 0, CODE);
    for (unsigned n = 0; n < 2; n++)
        semo_machine_run(r->machine, semo_machine_cycle(r->machine) + 1);
    return semo_machine_register(r->machine, 15);
}

static void reload(struct rig *r)
{
    semo_machine_reset(r->machine);
    r->id = load(r, &r->image);
    assert_int_equal(r->id, 1);
}

/* ---- what was sealed ---- */

enum { SEALS = 4096, AD_MAX = 64 };

struct seals {
    struct seal {
        uint8_t key[16], ad[AD_MAX];
        unsigned len;
    } all[SEALS];
    unsigned count, events, repeated, strange;
};

/* Of a MAC the associated data is all there is, so that a repeated one tells nothing; an event has
 * a body under its nonce. */
static void watch(void *context, uint16_t module, const uint8_t *key, const uint8_t *ad,
                  unsigned len)
{
    struct seals *s = context;
    (void)module;
    assert_true(s->count < SEALS && len <= AD_MAX && len >= 2);
    bool event = ad[0] == SEMO_DOMAIN_EVENT;
    s->strange += !event && ad[0] != SEMO_DOMAIN_ATTEST && ad[0] != SEMO_DOMAIN_SET_KEY_DONE;
    for (unsigned n = 0; event && n < s->count; n++)
        s->repeated += s->all[n].len == len && !memcmp(s->all[n].ad, ad, len) &&
                       !memcmp(s->all[n].key, key, SECURITY / 8);
    memcpy(s->all[s->count].key, key, SECURITY / 8);
    memcpy(s->all[s->count].ad, ad, len);
    s->all[s->count++].len = len;
    s->events += event;
}

/* ---- M22 ---- */

/* The key that the module uses, as a wrap of its own shows it. */
static struct seal key_of(struct rig *r)
{
    static struct seals s;
    s.count = 0;
    semo_machine_on_seal(r->machine, watch, &s);
    assert_int_equal(rig_attest(r).status, SEMO_OK);
    semo_machine_on_seal(r->machine, NULL, NULL);
    assert_int_equal(s.count, 1);
    return s.all[0];
}

static void m22_elsewhere_another_key(void **state)
{
    (void)state;
    struct rig *r = probe();
    struct semo_image other;
    struct semo_error e = {.text = ""};
    struct seal first = key_of(r);
    assert_int_equal(semo_toolchain_link(r->unit, 0xA000, 0x1400, &other, &e), SEMO_OK);
    assert_int_equal(load(r, &other), 2); /* at the same time */
    struct rig there = *r;
    there.image = other;
    struct seal second = key_of(&there), again = key_of(r);
    assert_memory_not_equal(first.key, second.key, SECURITY / 8);
    assert_memory_equal(first.key, again.key, SECURITY / 8);
    semo_image_free(&other);
    rig_free(r);
}

static void m22_again_another_epoch(void **state)
{
    (void)state;
    struct rig *r = probe();
    struct rig_end in = {.connection = 7};
    uint8_t request[SEMO_SET_KEY_LEN];
    struct rig_result before = rig_attest(r);
    struct seal first = key_of(r);
    unsigned len = rig_set_key_request(r, &in, SINK, SEMO_RECEIVER, 1, request);
    assert_int_equal(rig_call(r, SEMO_ENTRY_SET_KEY, request, len).status, SEMO_OK);
    for (unsigned n = 0; n < 5; n++) {
        reload(r);
        struct rig_result after = rig_attest(r);
        struct seal again = key_of(r);
        assert_memory_equal(first.key, again.key, SECURITY / 8); /* the same module, and yet */
        assert_memory_not_equal(before.answer, after.answer, 8); /* another epoch */
        assert_memory_not_equal(before.answer + 14, after.answer + 14, SECURITY / 8);
        assert_int_equal(rig_call(r, SEMO_ENTRY_SET_KEY, request, len).status, SEMO_STALE);
        before = after;
    }
    rig_free(r);
}

/* ---- C3 ---- */

static void talk(struct rig *r, struct rig_end *in, struct rig_end *out, unsigned events)
{
    uint8_t body[16], frame[SEMO_FRAME_MAX];
    for (unsigned n = 0; n < events; n++) {
        unsigned len = any() % sizeof body;
        fill(body, len);
        unsigned frame_len = rig_seal(r, in, body, len, frame);
        assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, frame_len).status, SEMO_OK);
        assert_int_not_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, frame_len).status, SEMO_OK);
        assert_int_equal(rig_call(r, SEMO_ENTRY_TAKE, "", 0).status, SEMO_OK);
        (void)out;
    }
}

/* Attested, keyed and used, keyed again, reset, loaded again; whatever was said in an earlier life
 * is said again in each. */
static void c3_no_nonce_twice(void **state)
{
    (void)state;
    static struct seals s;
    static uint8_t old[64][SEMO_SET_KEY_LEN];
    unsigned lives = soak() ? 15 : 6, olds = 0, refused = 0, replayed = 0;
    uint32_t serial = 0;
    struct rig *r = probe();
    memset(&s, 0, sizeof s);
    semo_machine_on_seal(r->machine, watch, &s);
    for (unsigned life = 0; life < lives && olds < 60; life++) {
        struct rig_end in = {.connection = 7}, out = {.connection = 9};
        rig_attest(r);
        r->epoch = 0;
        for (unsigned i = 8; i-- > 0;)
            r->epoch = r->epoch << 8 | rig_attest(r).answer[i];
        for (unsigned round = 0; round < 2; round++) {
            unsigned len = rig_set_key_request(r, &in, ECHO, SEMO_RECEIVER, ++serial, old[olds]);
            assert_int_equal(rig_call(r, SEMO_ENTRY_SET_KEY, old[olds++], len).status, SEMO_OK);
            len = rig_set_key_request(r, &out, OUT, SEMO_SENDER, ++serial, old[olds]);
            assert_int_equal(rig_call(r, SEMO_ENTRY_SET_KEY, old[olds++], len).status, SEMO_OK);
            replayed += olds;
            for (unsigned n = 0; n < olds; n++)
                refused += rig_call(r, SEMO_ENTRY_SET_KEY, old[n], len).status == SEMO_STALE;
            talk(r, &in, &out, 8);
        }
        reload(r);
    }
    printf("# c3: %u seals, %u events under a nonce, %u repeated; %u replayed keys refused\n",
           s.count, s.events, s.repeated, refused);
    assert_true(s.events > 90 && refused > 50 && refused == replayed);
    assert_int_equal(s.repeated + s.strange, 0);
    rig_free(r);
}

/* A node that could be set back would do it: the detector notices. */
static void c3_set_back_is_noticed(void **state)
{
    (void)state;
    static struct seals s;
    struct rig *r = probe();
    struct rig_end in = {.connection = 7}, out = {.connection = 9};
    uint8_t *snapshot = malloc(semo_machine_snapshot_size(r->machine));
    memset(&s, 0, sizeof s);
    semo_machine_on_seal(r->machine, watch, &s);
    rig_attest(r);
    assert_int_equal(rig_set_key(r, &in, ECHO, SEMO_RECEIVER, 1).status, SEMO_OK);
    assert_int_equal(rig_set_key(r, &out, OUT, SEMO_SENDER, 2).status, SEMO_OK);
    semo_machine_snapshot(r->machine, snapshot);
    uint64_t kept = seed; /* the length is part of the nonce's flags */
    talk(r, &in, &out, 1);
    semo_machine_restore(r->machine, snapshot);
    in.sequence = 0;
    seed = kept;
    talk(r, &in, &out, 1);
    assert_int_equal(s.repeated, 1);
    free(snapshot);
    rig_free(r);
}

/* ---- C4 ---- */

/* Sealed by whoever has the key, but without a body: refused, whatever the tag. */
static void c4_events_have_a_body(void **state)
{
    (void)state;
    struct rig *r = probe();
    struct rig_end in = {.connection = 7};
    uint8_t frame[2 + SEMO_EVENT_AD_LEN + 16] = {7, 0, SEMO_DOMAIN_EVENT, 0, 1};
    struct semo_aead a;
    rig_attest(r);
    assert_int_equal(rig_set_key(r, &in, SINK, SEMO_RECEIVER, 1).status, SEMO_OK);
    semo_aead_key(&a, SECURITY, in.key);
    semo_aead_mac(&a, frame + 2, SEMO_EVENT_AD_LEN, frame + 2 + SEMO_EVENT_AD_LEN);
    for (unsigned pad = 0; pad < 4; pad++) {
        frame[3] = (uint8_t)pad;
        assert_int_not_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, sizeof frame).status, SEMO_OK);
    }
    uint8_t with[80];
    unsigned len = rig_seal(r, &in, "", 0, with); /* an empty payload has one, of padding */
    assert_int_equal(len, sizeof frame + 2);
    assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, with, len).status, SEMO_OK);
    rig_free(r);
}

/* ---- C7 ---- */

/* A key request for the module, authentic but for the domain. */
static unsigned request_in(const struct rig *r, uint8_t domain, uint32_t serial, uint8_t *out)
{
    struct rig_end e = {.connection = 8};
    struct semo_aead a;
    uint8_t ad[HEAD] = {domain, 0};
    unsigned len = rig_set_key_request((struct rig *)r, &e, SINK, SEMO_RECEIVER, serial, out);
    memcpy(ad + 2, out, SEMO_SET_KEY_HEAD_LEN);
    semo_aead_key(&a, SECURITY, r->module_key);
    semo_aead_wrap(&a, ad, sizeof ad, e.key, 16, out + SEMO_SET_KEY_HEAD_LEN,
                   out + SEMO_SET_KEY_HEAD_LEN + 16);
    return len;
}

static unsigned event_in(const struct rig *r, struct rig_end *e, uint8_t domain, uint8_t *out)
{
    struct semo_aead a;
    unsigned len = rig_seal(r, e, "ab", 2, out);
    out[2] = domain;
    memcpy(out + 2 + SEMO_EVENT_AD_LEN, "ab", 2);
    semo_aead_key(&a, SECURITY, e->key);
    semo_aead_wrap(&a, out + 2, SEMO_EVENT_AD_LEN, out + 2 + SEMO_EVENT_AD_LEN, 2,
                   out + 2 + SEMO_EVENT_AD_LEN, out + 2 + SEMO_EVENT_AD_LEN + 2);
    return len;
}

/* Of all 256 domains, each message is accepted in its own only. */
static void c7_each_in_its_domain(void **state)
{
    (void)state;
    struct rig *r = probe();
    struct rig_end in = {.connection = 7};
    uint8_t message[SEMO_SET_KEY_LEN];
    rig_attest(r);
    assert_int_equal(rig_set_key(r, &in, SINK, SEMO_RECEIVER, 1).status, SEMO_OK);
    for (unsigned domain = 0; domain < 256; domain++) {
        unsigned len = request_in(r, (uint8_t)domain, 2, message);
        bool good = rig_call(r, SEMO_ENTRY_SET_KEY, message, len).status == SEMO_OK;
        assert_int_equal(good, domain == SEMO_DOMAIN_SET_KEY);
        struct rig_end as = in;
        len = event_in(r, &as, (uint8_t)domain, message);
        good = rig_call(r, SEMO_ENTRY_INPUT, message, len).status == SEMO_OK;
        assert_int_equal(good, domain == SEMO_DOMAIN_EVENT);
        in.sequence += good;
    }
    rig_free(r);
}

/* Every tag that the module gives out is tried as the tag of every other message. */
struct oracle {
    uint8_t tags[64][16];
    unsigned count;
};

static void keep_tag(struct oracle *o, const struct rig_result *r)
{
    assert_int_equal(r->status, SEMO_OK);
    memcpy(o->tags[o->count++], r->answer + r->len - 16, 16);
}

static void ask(struct rig *r, struct oracle *o, struct rig_end *in)
{
    uint8_t request[SEMO_SET_KEY_LEN], frame[80];
    struct rig_end out = {.connection = 9};
    struct rig_result a;
    for (unsigned n = 0; n < 30; n++) { /* its node and challenge are the attacker's choice */
        rig_set_key_request(r, &(struct rig_end){.connection = 8}, SINK, SEMO_RECEIVER, 9, request);
        if (n)
            fill(request + 8, SEMO_CHALLENGE_LEN);
        a = rig_call(r, SEMO_ENTRY_ATTEST, request, SEMO_ATTEST_LEN);
        keep_tag(o, &a);
    }
    a = rig_set_key(r, in, ECHO, SEMO_RECEIVER, 1);
    keep_tag(o, &a);
    a = rig_set_key(r, &out, OUT, SEMO_SENDER, 2);
    keep_tag(o, &a);
    for (unsigned n = 0; n < 20; n++) {
        unsigned len = rig_seal(r, in, "abcd", 4, frame);
        assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, len).status, SEMO_OK);
        a = rig_call(r, SEMO_ENTRY_TAKE, "", 0);
        keep_tag(o, &a);
    }
}

static void c7_no_tag_is_another(void **state)
{
    (void)state;
    static struct oracle o;
    struct rig *r = probe();
    struct rig_end in = {.connection = 7}, next;
    uint8_t request[SEMO_SET_KEY_LEN], frame[80];
    unsigned tried = 0;
    o.count = 0;
    rig_attest(r);
    ask(r, &o, &in);
    unsigned len = request_in(r, SEMO_DOMAIN_SET_KEY, 9, request);
    next = in;
    unsigned frame_len = event_in(r, &next, SEMO_DOMAIN_EVENT, frame);
    uint8_t good[2][16];
    memcpy(good[0], request + len - 16, 16);
    memcpy(good[1], frame + frame_len - 16, 16);
    for (unsigned n = 0; n < o.count; n++) {
        memcpy(request + len - 16, o.tags[n], 16);
        memcpy(frame + frame_len - 16, o.tags[n], 16);
        assert_int_not_equal(rig_call(r, SEMO_ENTRY_SET_KEY, request, len).status, SEMO_OK);
        assert_int_not_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, frame_len).status, SEMO_OK);
        assert_int_not_equal(rig_call(r, SEMO_ENTRY_DISABLE, request, len).status, SEMO_OK);
        assert_int_not_equal(rig_call(r, SEMO_ENTRY_DISABLE, o.tags[n], 16).status, SEMO_OK);
        tried += 4;
    }
    memcpy(request + len - 16, good[0], 16); /* with their own tags they are accepted */
    memcpy(frame + frame_len - 16, good[1], 16);
    assert_int_equal(rig_call(r, SEMO_ENTRY_INPUT, frame, frame_len).status, SEMO_OK);
    assert_int_equal(rig_call(r, SEMO_ENTRY_SET_KEY, request, len).status, SEMO_OK);
    printf("# c7: %u tags of the module, %u times offered as another's\n", o.count, tried);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(m22_elsewhere_another_key), cmocka_unit_test(m22_again_another_epoch),
        cmocka_unit_test(c3_no_nonce_twice),         cmocka_unit_test(c3_set_back_is_noticed),
        cmocka_unit_test(c4_events_have_a_body),     cmocka_unit_test(c7_each_in_its_domain),
        cmocka_unit_test(c7_no_tag_is_another),
    };
    seed = test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
