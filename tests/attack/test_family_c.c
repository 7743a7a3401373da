/* SPDX-License-Identifier: Apache-2.0 */
/* The families C1, C2, C4 to C6, C8 and C9 of docs/attacks.md: the crypto unit. (C3 and C7 are
 * about what modules do with it: test_family_runtime.c.) Upstream's core (`compat`) is
 *   closed: C1 time of a comparison, C5 odd, backward and wrapping limits, C8 another identity, C9
 *     known answers;
 *   open: C2 bad tag (F5), C4 empty body (hangs), C6 interrupt at every cycle (in place).
 * Where it is closed, the test shows its detector what it must notice. SEMO_SEED. */
#include <semo/map.h>
#include "tests/attack/lab.h"

enum { NOP = 0x4303, STAY = 0x3FFF };
enum { KEY = 0x2800, AD = 0x2820, BODY = 0x2860, CIPHER = 0x2900, TAG = 0x2A00, OUT = 0x2B00 };
enum { AD_LEN = 10, BODY_LEN = 12, ROOM = 64 };
static const struct lab_options at_64 = {.security = 64}, at_128 = {.security = 128};
static const struct lab_options monitored = {.security = 64, .atomicity = true};

/* ---- the unit's instructions ---- */

struct operands { /* as in R9 to R15 */
    uint16_t key, ad, ad_end, body, body_end, out, tag;
};
static const struct operands sealing = {KEY, AD, AD + AD_LEN, BODY, BODY + BODY_LEN, CIPHER, TAG};
static const struct operands opening = {KEY, AD, AD + AD_LEN, CIPHER, CIPHER + BODY_LEN, OUT, TAG};

static void set_operands(struct semo_machine *m, const struct operands *o)
{
    const uint16_t values[7] = {o->key, o->ad, o->ad_end, o->body, o->body_end, o->out, o->tag};
    for (unsigned n = 0; n < 7; n++)
        rig_set(m, 9 + n, values[n]);
    rig_set(m, 1, ATTEMPT_STACK);
}

static unsigned unit(struct semo_machine *m, uint16_t word, const struct operands *o)
{
    set_operands(m, o);
    return rig_instruction(m, word);
}

static bool accepted(const struct semo_machine *m)
{
    return rig_reg(m, 15) != 0;
}

/* A message, sealed, in the first machine. */
static void put_message(struct lab *l)
{
    for (unsigned n = 0; n < ROOM; n += 2) {
        rig_put(l->m[0], (uint16_t)(KEY + n), (uint16_t)lab_random(l));
        rig_put(l->m[0], (uint16_t)(BODY + n), (uint16_t)(lab_random(l) | 0x0101));
    }
    unit(l->m[0], RIG_WRAP, &sealing);
    assert_true(accepted(l->m[0]));
    lab_keep(l);
}

static void flip(struct semo_machine *m, uint16_t address, unsigned bit)
{
    uint8_t byte;
    address = (uint16_t)(address + bit / 8);
    semo_machine_peek(m, address, &byte, 1);
    byte ^= (uint8_t)(1u << bit % 8);
    semo_machine_poke(m, address, &byte, 1);
}

/* ---- C1 ---- */

/* Which addresses the bus sees, and when, from the start on, as one number; and the start of the
 * instruction that follows. */
struct seen {
    uint64_t start, next, hash;
    unsigned lines;
};

static void see(void *context, const char *line)
{
    struct seen *s = context;
    unsigned long long cycle;
    unsigned address = 0;
    if (s->next > s->start || sscanf(line + 1, "%llu %x", &cycle, &address) < 1)
        return;
    if (*line == 'D')
        s->next = cycle;
    s->hash = (s->hash ^ (cycle - s->start) ^ (uint64_t)address << 32) * UINT64_C(0x100000001B3);
    s->lines++;
}

static struct seen watched(struct lab *l, uint16_t word, const struct operands *o, unsigned room)
{
    struct seen s = {.start = semo_machine_cycle(l->m[0])};
    set_operands(l->m[0], o);
    RIG_WORDS(l->m[0], RIG_CODE, word, STAY);
    rig_set(l->m[0], 0, RIG_CODE);
    semo_machine_trace(l->m[0], see, &s, true);
    semo_machine_run(l->m[0], s.start + room);
    semo_machine_trace(l->m[0], NULL, NULL, false);
    s.next -= s.start;
    return s;
}

/* The first difference is in each bit of the tag in turn: the same cycles and bus addresses. */
static void compare_times(struct lab *l, uint16_t word, const struct operands *o, unsigned tag_bits)
{
    unsigned room = unit(l->m[0], word, o) + 200;
    lab_restore(l);
    struct seen expected = watched(l, word, o, room);
    bool verify = word == RIG_VERIFY;
    assert_true(expected.lines > 100 && expected.next > 500 && (verify || accepted(l->m[0])));
    lab_restore(l);
    for (unsigned bit = 0; bit < tag_bits; bit++) {
        flip(l->m[0], o->tag, bit);
        struct seen s = watched(l, word, o, room);
        assert_false(accepted(l->m[0]));
        bool same = s.next == expected.next && s.hash == expected.hash && s.lines == expected.lines;
        lab_judge(l, same ? LAB_NOTHING : LAB_TIMED, "%04x with bit %u wrong", word, bit);
        lab_restore(l);
    }
    struct operands longer = *o; /* that it would be noticed */
    longer.ad_end += 2;
    assert_true(verify || watched(l, word, &longer, room).hash != expected.hash);
    lab_restore(l);
}

static void times(struct lab *l, unsigned security)
{
    put_message(l);
    compare_times(l, RIG_UNWRAP, &opening, security);
    const struct operands verify = {0, 0, 0, 0, 0, LAB_TEXT, TAG}; /* R14 */
    compare_times(l, RIG_VERIFY, &verify, security);
}

LAB_ROW_WITH(c1_comparison_at_64, &at_64, false, false)
{
    times(l, 64);
}

LAB_ROW_WITH(c1_comparison_at_128, &at_128, false, false)
{
    times(l, 128);
}

/* ---- C2 ---- */

/* One bit of key, associated data, cipher text or tag is wrong: what is at the output? */
static void wrong_bits(struct lab *l, const struct operands *o, unsigned tag_len)
{
    const uint16_t places[4][2] = {
        {KEY, tag_len}, {AD, AD_LEN}, {CIPHER, BODY_LEN}, {TAG, tag_len}};
    uint8_t out[BODY_LEN];
    for (unsigned n = 0; n < 4; n++) {
        for (unsigned bit = 0; bit < places[n][1] * 8u; bit++) {
            uint8_t any = 0;
            flip(l->m[0], places[n][0], bit);
            unit(l->m[0], RIG_UNWRAP, o);
            assert_false(accepted(l->m[0]));
            semo_machine_peek(l->m[0], o->out, out, sizeof out);
            for (unsigned i = 0; i < sizeof out; i++)
                any |= out[i];
            lab_judge(l, any ? LAB_LEARNT : LAB_NOTHING, "operand %u bit %u", n, bit);
            lab_restore(l);
        }
    }
}

static void bad_tags(struct lab *l, unsigned security)
{
    put_message(l);
    struct operands in_place = opening;
    in_place.out = CIPHER;
    wrong_bits(l, &opening, security / 8);
    wrong_bits(l, &in_place, security / 8);
    unit(l->m[0], RIG_UNWRAP, &in_place);
    assert_true(accepted(l->m[0]));
    assert_int_equal(rig_get(l->m[0], CIPHER), rig_get(l->m[0], BODY));
}

LAB_ROW_WITH(c2_bad_tag_at_64, &at_64, false, true)
{
    bad_tags(l, 64);
}

LAB_ROW_WITH(c2_bad_tag_at_128, &at_128, false, true)
{
    bad_tags(l, 128);
}

/* ---- C4 ---- */

/* A MAC is not taken for a sealed nothing, and the unit ends. (Protocol messages always have a
 * body; modules refuse others: c4_events_have_a_body.) */
LAB_ROW(c4_empty_body, false, true)
{
    struct operands mac = sealing, open = opening, nothing = opening;
    put_message(l);
    mac.body_end = mac.body;
    open.body_end = open.body;
    nothing.ad_end = nothing.ad;
    nothing.body_end = nothing.body;
    unit(l->m[0], RIG_WRAP, &mac);
    assert_true(accepted(l->m[0]));
    unit(l->m[0], RIG_UNWRAP, &open);
    lab_judge(l, accepted(l->m[0]) ? LAB_ALLOWED : LAB_NOTHING, "a MAC for an empty body");
    uint64_t start = semo_machine_cycle(l->m[0]);
    set_operands(l->m[0], &nothing);
    LAB_WORDS(l, RIG_CODE, RIG_UNWRAP, 0x4036, 0x1234, STAY); /* mov #0x1234, r6 */
    rig_set(l->m[0], 6, 0);
    rig_set(l->m[0], 0, RIG_CODE);
    semo_machine_run(l->m[0], start + 20000);
    lab_judge(l, rig_reg(l->m[0], 6) != 0x1234 ? LAB_CHANGED : LAB_NOTHING, "it never ends");
}

/* ---- C5 ---- */

/* Limits of both parities around both sections, backward ones, and over the top of memory. What
 * the unit touches of the victim must not show; what it does not touch must work. */
static void limits(struct lab *l, unsigned which, uint16_t start, uint16_t end)
{
    struct operands o = sealing;
    uint16_t *fields[2][2] = {{&o.ad, &o.ad_end}, {&o.body, &o.body_end}};
    *fields[which][0] = start;
    *fields[which][1] = end;
    unsigned words = start < end ? (end - start + 1u) / 2 : 0, violations = 0;
    bool touched = false;
    for (unsigned n = 0; n < words; n++)
        touched |= lab_inside(l, (uint16_t)(start + 2 * n));
    for (unsigned i = 0; i < 2; i++) {
        unsigned before = semo_machine_violations(l->m[i]);
        unit(l->m[i], RIG_WRAP, &o);
        violations = semo_machine_violations(l->m[i]) - before;
    }
    unsigned found = lab_compare(l, true);
    if (l->kind == LAB_HARDENED && violations != touched)
        found |= LAB_ALLOWED;
    lab_judge(l, found, "operand %u %04x-%04x", which, start, end);
    lab_restore(l);
}

LAB_ROW_WITH(c5_odd_and_wrapping, &at_64, true, false)
{
    const uint16_t borders[] = {l->victim.ps, l->victim.pe, l->victim.ss, l->victim.se};
    for (unsigned which = 0; which < 2; which++) {
        for (unsigned n = 0; n < 4; n++) {
            for (int from = -5; from < 4; from++)
                for (int len = 1; len < 6; len++)
                    limits(l, which, (uint16_t)(borders[n] + from),
                           (uint16_t)(borders[n] + from + len));
            limits(l, which, (uint16_t)(borders[n] + 2), borders[n]); /* end < start */
        }
    }
    for (unsigned len = 1; len < 12; len++)
        limits(l, 0, 0xFFFB, (uint16_t)(0xFFFB + len)); /* beyond FFFF */
}

/* An odd length takes the next byte as well, an odd start begins a byte earlier: no more, no less.
 */
static void c5_odd_is_rounded(void **state)
{
    (void)state;
    for (enum lab_kind kind = LAB_COMPAT; kind <= LAB_HARDENED; kind++) {
        struct lab l;
        uint8_t tags[4][16];
        lab_new(&l, kind, &at_128);
        put_message(&l);
        for (unsigned n = 0; n < 4; n++) {
            struct operands o = sealing;
            o.ad = (uint16_t)(o.ad + (n == 3));
            o.ad_end = (uint16_t)(AD + (n == 1 ? 7 : n == 2 ? 10 : 8) + (n == 3));
            unit(l.m[0], RIG_WRAP, &o);
            semo_machine_peek(l.m[0], TAG, tags[n], 16);
        }
        assert_memory_equal(tags[0], tags[1], 16);
        assert_memory_equal(tags[0], tags[3], 16);
        assert_memory_not_equal(tags[0], tags[2], 16);
        lab_free(&l);
    }
}

/* ---- C6 ---- */

enum { CUT = 0x6100, AFTER = CUT + 20 };

/* The timer fires `delay` cycles after it was started, just before the instruction. */
static void put_timer(struct lab *l, uint16_t delay, uint16_t word)
{
    RIG_WORDS(l->m[0], CUT, 0x40B2, 0x0010, 0x0162, 0x40B2, delay, 0x0172);
    RIG_WORDS(l->m[0], CUT + 12, 0x40B2, 0x0214, 0x0160, word, STAY);
}

static void run_cut(struct lab *l, const struct operands *o)
{
    set_operands(l->m[0], o);
    rig_set(l->m[0], 2, 8);
    rig_set(l->m[0], 0, CUT);
    for (unsigned n = 0; n < 4; n++)
        semo_machine_run(l->m[0], semo_machine_cycle(l->m[0]) + 1);
}

struct result {
    uint16_t r15;
    bool z;
    uint8_t cipher[ROOM], tag[16], out[ROOM];
};

static struct result result_of(const struct lab *l, uint16_t sr)
{
    struct result r = {.r15 = rig_reg(l->m[0], 15), .z = sr & 2};
    semo_machine_peek(l->m[0], CIPHER, r.cipher, sizeof r.cipher);
    semo_machine_peek(l->m[0], TAG, r.tag, sizeof r.tag);
    semo_machine_peek(l->m[0], OUT, r.out, sizeof r.out);
    return r;
}

static void fill(struct lab *l, uint16_t at, unsigned len)
{
    for (unsigned n = 0; n < len; n += 2)
        rig_put(l->m[0], (uint16_t)(at + n), 0xCCCC);
}

static void stop_timer(struct lab *l)
{
    RIG_WORDS(l->m[0], CUT, 0x4382, 0x0160); /* clr &TACTL */
    rig_set(l->m[0], 2, 0);
    rig_step(l->m[0], CUT);
    rig_set(l->m[0], 2, 0);
}

/* Cut short: result 0, Z set, and when it is done again the same as if it had not been. `hardened`:
 * nothing was written before. */
static void cut_everywhere(struct lab *l, uint16_t word, const struct operands *o, bool good)
{
    struct result untouched = result_of(l, 2);
    untouched.r15 = 0;
    unit(l->m[0], word, o);
    struct result expected = result_of(l, rig_reg(l->m[0], 2));
    assert_true(!expected.z && (expected.r15 != 0) == good);
    lab_restore(l);
    unsigned cut = 0, delay = 8;
    for (; delay < 6000; delay++) {
        put_timer(l, (uint16_t)delay, word);
        run_cut(l, o);
        bool interrupted = rig_reg(l->m[0], 0) == ATTEMPT_HANDLER;
        uint16_t sr = interrupted ? rig_get(l->m[0], ATTEMPT_STACK - 4) : rig_reg(l->m[0], 2);
        struct result r = result_of(l, sr);
        if (!r.z) { /* it came to its end */
            assert_memory_equal(&r, &expected, sizeof r);
            break;
        }
        unsigned wrong = r.r15 || (l->kind == LAB_HARDENED && memcmp(&r, &untouched, sizeof r))
                             ? LAB_CHANGED
                             : LAB_NOTHING;
        stop_timer(l);
        unit(l->m[0], word, o);
        r = result_of(l, rig_reg(l->m[0], 2));
        wrong |= memcmp(&r, &expected, sizeof r) ? LAB_CHANGED : LAB_NOTHING;
        lab_judge(l, wrong, "%04x cut after %u cycles", word, delay);
        lab_restore(l);
        cut++;
    }
    lab_restore(l);
    assert_true(cut > 700 && delay < 6000); /* every cycle, up to the end */
}

/* In place, a retry on `compat` starts from what the cut left behind. */
LAB_ROW_WITH(c6_interrupt_at_every_cycle, &monitored, false, true)
{
    struct operands wrong_key = opening, verify = {0, 0, 0, 0, 0, LAB_TEXT, TAG};
    struct operands seal_here = sealing, open_here = opening;
    wrong_key.key += 2;
    seal_here.body = CIPHER;
    seal_here.body_end = CIPHER + BODY_LEN;
    open_here.out = CIPHER;
    put_message(l);
    fill(l, OUT, ROOM);
    lab_keep(l);
    cut_everywhere(l, RIG_UNWRAP, &opening, true);
    cut_everywhere(l, RIG_UNWRAP, &open_here, true);
    cut_everywhere(l, RIG_UNWRAP, &wrong_key, false);
    cut_everywhere(l, RIG_VERIFY, &verify, false);
    cut_everywhere(l, RIG_WRAP, &seal_here, true);
    fill(l, CIPHER, ROOM);
    fill(l, TAG, 16);
    lab_keep(l);
    cut_everywhere(l, RIG_WRAP, &sealing, true);
}

/* A timer that fires sooner than the unit ends lets no number of retries succeed; a module that
 * starts with a bounded section succeeds at the first. */
LAB_ROW_WITH(c6_retries_are_bounded, &monitored, false, false)
{
    enum { RETRIES = 20, PERIOD = 600, ENOUGH = 5000 };
    static const struct rig_module module = {0x7100, 0x7120, 0x2100, 0x2140};
    put_message(l);
    RIG_WORDS(l->m[0], module.ps, NOP, RIG_CLIX, 0x403F, TAG, RIG_WRAP); /* ..; mov #TAG, r15 */
    RIG_WORDS(l->m[0], module.ps + 10, 0x4F82, module.ss, STAY);         /* mov r15, &data */
    assert_int_equal(rig_enable(l->m[0], &module), 2);
    rig_put(l->m[0], module.se - 2, (uint16_t)(module.se - 4)); /* where the core saves its state */
    put_timer(l, PERIOD, RIG_WRAP);
    rig_put(l->m[0], ATTEMPT_HANDLER, 0x1300); /* reti */
    run_cut(l, &sealing);
    for (unsigned n = 0; n < RETRIES; n++) {
        rig_step(l->m[0], ATTEMPT_HANDLER);
        set_operands(l->m[0], &sealing);
        rig_step(l->m[0], CUT + 18);
        assert_int_equal(rig_reg(l->m[0], 15), 0);
        assert_int_equal(rig_reg(l->m[0], 0), ATTEMPT_HANDLER);
    }
    put_timer(l, PERIOD, 0x4030); /* br #module */
    rig_put(l->m[0], CUT + 20, module.ps);
    rig_put(l->m[0], ATTEMPT_HANDLER, STAY);
    run_cut(l, &(struct operands){KEY, AD, AD + AD_LEN, BODY, BODY + BODY_LEN, CIPHER, ENOUGH});
    semo_machine_run(l->m[0], semo_machine_cycle(l->m[0]) + 2 * ENOUGH);
    lab_judge(l, rig_get(l->m[0], module.ss) == 1 ? LAB_NOTHING : LAB_CHANGED, "bounded section");
}

/* ---- C8 ---- */

enum { TEXT_LEN = 16, VARIANTS = 7 + 8 * (TEXT_LEN - 2) };

struct identity {
    struct rig_module at;
    uint16_t vendor;
    uint8_t master, text[TEXT_LEN + 2];
};

/* Variant n, each unlike the first (0) in one thing: vendor, node, limits, a bit of the text. */
static struct identity variant(unsigned n)
{
    struct identity id = {{0x7000, 0x7000 + TEXT_LEN, 0x2000, 0x2020}, 0x1234, 7, {0x84, 0x13}};
    id.at.pe = (uint16_t)(id.at.pe + 2 * (n == 1));
    id.at.ss = (uint16_t)(id.at.ss + 2 * (n == 2));
    id.at.se = (uint16_t)(id.at.se + 2 * (n == 3));
    id.at.ps = (uint16_t)(id.at.ps + 0x100 * (n == 4));
    id.at.pe = (uint16_t)(id.at.pe + 0x100 * (n == 4));
    id.vendor = (uint16_t)(id.vendor ^ (n == 5));
    id.master = (uint8_t)(id.master ^ (n == 6));
    if (n > 6) /* not the first word, which wraps */
        id.text[2 + (n - 7) / 8] ^= (uint8_t)(1u << (n - 7) % 8);
    return id;
}

static struct semo_machine *with_identity(enum semo_profile profile, unsigned security, unsigned n)
{
    struct identity id = variant(n);
    struct semo_machine_config config = {
        .profile = profile, .security = security, .master_key = {id.master}};
    struct semo_machine *m = rig_configured(&config);
    const uint16_t operands[7] = {0, 0, id.vendor, id.at.ps, id.at.pe, id.at.ss, id.at.se};
    semo_machine_poke(m, id.at.ps, id.text, sizeof id.text);
    for (unsigned r = 0; r < 7; r++)
        rig_set(m, 9 + r, operands[r]);
    rig_instruction(m, RIG_ENABLE);
    assert_int_equal(rig_reg(m, 15), 1);
    rig_instruction(m, NOP);
    return m;
}

/* Module n executes `word` with its own key on the message; true: it says 1. What it does is put
 * there after it was measured. */
static bool crypt(struct semo_machine *m, unsigned n, uint16_t word, const struct operands *of)
{
    struct operands o = *of;
    uint16_t ps = variant(n).at.ps;
    o.key = 0;
    set_operands(m, &o);
    rig_put(m, ps, word);
    rig_step(m, ps);
    return accepted(m);
}

static bool opens(enum semo_profile profile, unsigned security, unsigned n, const uint8_t *cipher,
                  const uint8_t *tag)
{
    struct semo_machine *m = with_identity(profile, security, n);
    semo_machine_poke(m, CIPHER, cipher, BODY_LEN);
    semo_machine_poke(m, TAG, tag, 16);
    bool good = crypt(m, n, RIG_UNWRAP, &opening);
    semo_machine_free(m);
    return good;
}

static void seal_as_first(enum semo_profile profile, unsigned security, uint8_t *cipher,
                          uint8_t *tag)
{
    struct semo_machine *m = with_identity(profile, security, 0);
    assert_true(crypt(m, 0, RIG_WRAP, &sealing));
    semo_machine_peek(m, CIPHER, cipher, BODY_LEN);
    semo_machine_peek(m, TAG, tag, 16);
    semo_machine_free(m);
}

static void c8_other_identity(void **state)
{
    (void)state;
    uint8_t cipher[BODY_LEN], tag[16];
    for (enum semo_profile profile = SEMO_COMPAT; profile <= SEMO_HARDENED; profile++) {
        for (unsigned security = 64; security <= 128; security += 64) {
            seal_as_first(profile, security, cipher, tag);
            assert_true(opens(profile, security, 0, cipher, tag));
            for (unsigned n = 1; n < VARIANTS; n++)
                if (opens(profile, security, n, cipher, tag))
                    fail_msg("variant %u opens it", n);
        }
    }
    printf("# c8: %d identities, unlike in one bit, none opens the message\n", VARIANTS - 1);
}

/* ---- C9 ---- */

static struct rig_bytes field(json_t *entry, const char *name)
{
    return rig_hex(json_string_value(json_object_get(entry, name)));
}

static void put_bytes(struct semo_machine *m, uint16_t at, const struct rig_bytes *b)
{
    semo_machine_poke(m, at, b->at, b->len);
}

/* The regular ones (even, associated data): the rest are quirks, exact in compat (test_vectors). A
 * refused unwrap leaves zeros here. */
static bool answers(json_t *entry, unsigned security)
{
    enum { PLACE_AD = 0x2900, PLACE_BODY = 0x2B00, PLACE_OUT = 0x2D00, PLACE_TAG = 0x2F00 };
    struct semo_machine *m = rig_machine(SEMO_HARDENED, security);
    bool unwrap = !strcmp(json_string_value(json_object_get(entry, "op")), "unwrap");
    bool own = json_is_null(json_object_get(entry, "key"));
    struct rig_bytes ad = field(entry, "ad"), body = field(entry, "body"), got;
    struct rig_bytes out = field(entry, "out"), tag = field(entry, "tag");
    struct rig_bytes key = field(entry, own ? "sm_key" : "key"), fill = {.len = out.len};
    long r15 = (long)json_integer_value(json_object_get(entry, "r15"));
    struct operands o = {KEY,
                         PLACE_AD,
                         (uint16_t)(PLACE_AD + ad.len),
                         PLACE_BODY,
                         (uint16_t)(PLACE_BODY + body.len),
                         PLACE_OUT,
                         PLACE_TAG};
    memset(fill.at, 0xCC, sizeof fill.at);
    put_bytes(m, PLACE_OUT, &fill);
    put_bytes(m, KEY, &key);
    put_bytes(m, PLACE_AD, &ad);
    put_bytes(m, PLACE_BODY, &body);
    if (unwrap)
        put_bytes(m, PLACE_TAG, &tag);
    unit(m, unwrap ? RIG_UNWRAP : RIG_WRAP, &o);
    bool good = rig_reg(m, 15) == r15;
    if (unwrap && !r15)
        memset(out.at, 0, body.len);
    semo_machine_peek(m, PLACE_OUT, got.at, out.len);
    good = good && !memcmp(got.at, out.at, out.len);
    semo_machine_peek(m, PLACE_TAG, got.at, tag.len);
    good = good && !memcmp(got.at, tag.at, tag.len);
    semo_machine_free(m);
    return good;
}

static void c9_known_answers(void **state)
{
    (void)state;
    for (unsigned security = 64; security <= 128; security += 64) {
        json_t *all = rig_golden(security == 64 ? "aead_sec64.json" : "aead_sec128.json"), *entry;
        unsigned regular = 0, equal = 0;
        size_t i;
        json_array_foreach(all, i, entry)
        {
            struct rig_bytes ad = field(entry, "ad"), body = field(entry, "body");
            bool unwrap = !strcmp(json_string_value(json_object_get(entry, "op")), "unwrap");
            if (!ad.len || ad.len % 2 || body.len % 2 || (unwrap && !body.len))
                continue;
            regular++;
            equal += answers(entry, security);
        }
        printf("# c9: %u of %u regular vectors equal at %u bits\n", equal, regular, security);
        assert_true(regular > 100);
        assert_int_equal(equal, regular);
        json_decref(all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c1_comparison_at_64),    cmocka_unit_test(c1_comparison_at_128),
        cmocka_unit_test(c2_bad_tag_at_64),       cmocka_unit_test(c2_bad_tag_at_128),
        cmocka_unit_test(c4_empty_body),          cmocka_unit_test(c5_odd_and_wrapping),
        cmocka_unit_test(c5_odd_is_rounded),      cmocka_unit_test(c6_interrupt_at_every_cycle),
        cmocka_unit_test(c6_retries_are_bounded), cmocka_unit_test(c8_other_identity),
        cmocka_unit_test(c9_known_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
