/* SPDX-License-Identifier: Apache-2.0 */
/* The Sancus instructions 0x1380-0x1389 (reference 3, 4). */
#include <stdlib.h>
#include <string.h>
#include "machine/state.h"

enum { DISABLE, ENABLE, VERIFY, VERIFY_PREVIOUS, WRAP, UNWRAP, GET_ID, GET_CALLER, GUARD, CLIX };
enum { SHORT = 3, FAILED_ENABLE = 4, MEASURE_AT = 837, MEASURE_AT_128 = 2933 };

static bool hardened(const struct semo_machine *m)
{
    return m->config.profile == SEMO_HARDENED;
}

uint16_t semo_sancus_id(const struct semo_machine *m, uint16_t pc)
{
    int slot = semo_access_slot(&m->core.access, pc);
    return slot < 0 ? 0 : m->core.access.slots[slot].id;
}

bool semo_sancus_privileged(const struct semo_machine *m)
{
    const struct semo_access_state *a = &m->core.access;
    for (unsigned i = 0; i < a->count; i++)
        if (a->slots[i].enabled)
            return m->core.id_now == 1;
    return true;
}

static unsigned finish(struct semo_machine *m, uint16_t result, unsigned cost)
{
    m->core.r[15] = result;
    m->core.r[2] &= (uint16_t)~SEMO_Z;
    return cost;
}

/* The costs of one security level (reference 4.1); the first two words of each pair are the
 * permutation and the rest, so nothing here is per key. */
struct costs {
    unsigned permutation, wrap, mac, unwrap, key, enable, rejected, verify;
};

static const struct costs *costs(const struct semo_machine *m)
{
    static const struct costs at64 = {93, 745, 836, 654, 8, 1950, 1581, 1118};
    static const struct costs at128 = {173, 2761, 2932, 2590, 16, 6382, 5693, 3454};
    return m->config.security == 128 ? &at128 : &at64;
}

static unsigned words_in(uint16_t start, uint16_t end)
{
    return (((unsigned)end - start) & 0xFFFF) / 2 + (((unsigned)end - start) & 1);
}

/* ---- accesses of the crypto unit ---- */

static uint16_t read_word(struct semo_machine *m, uint64_t when, uint16_t address)
{
    m->quiet = true;
    uint16_t word = semo_bus_read(m, when, address, false);
    m->quiet = false;
    return word;
}

static void write_word(struct semo_machine *m, uint64_t when, uint16_t address, uint16_t word)
{
    semo_bus_write(m, when, address, word, false);
}

static void held(struct semo_machine *m, uint64_t from, uint64_t to, uint16_t address)
{
    for (uint64_t t = from; m->trace && m->trace_bus && t <= to; t++)
        semo_trace_bus(m, t, address);
}

static bool refused_range(struct semo_machine *m, uint16_t start, unsigned words, bool write)
{
    for (unsigned i = 0; i < words; i++) {
        uint16_t address = (uint16_t)(start + 2 * i);
        enum semo_rule rule = semo_bus_check(m, address, write, false);
        if (rule != SEMO_ALLOWED) {
            semo_violate_access(m, m->at, address, rule, write, false);
            return true;
        }
    }
    return false;
}

/* Reads of a MAC's message from memory as they appear on the bus, from cycle c on; returns the
 * cycle of the last held one. */
static uint64_t message_lines(struct semo_machine *m, uint64_t c, uint16_t start, unsigned count)
{
    unsigned z = costs(m)->permutation, n = m->config.security / 16;
    uint64_t end = c + (n + 1) * (uint64_t)z - 2 * n;
    held(m, c, c, start);
    for (unsigned k = 1; k <= count; k++, end += z)
        held(m, k == 1 ? c + 2 : end - z + 2, end, (uint16_t)(start + 2 * k));
    return count ? end - z : c;
}

static void tag_read_lines(struct semo_machine *m, unsigned cost, uint16_t tag)
{
    unsigned z = costs(m)->permutation, n = m->config.security / 16;
    uint64_t last = m->at + cost - 3 - (uint64_t)(n - 1) * z;
    held(m, last - 2, last, tag);
    for (unsigned k = 1; k < n; k++)
        held(m, last + (k - 1) * (uint64_t)z + 1, last + k * (uint64_t)z, (uint16_t)(tag + 2 * k));
}

/* Compares all words, whatever the first one says. */
static bool tag_equal(struct semo_machine *m, unsigned cost, uint16_t address, const uint16_t *tag)
{
    unsigned z = costs(m)->permutation, n = m->config.security / 16, difference = 0;
    for (unsigned k = 0; k < n; k++) {
        uint64_t when = m->at + cost - 3 - (uint64_t)(n - 1 - k) * z;
        difference |= read_word(m, when, (uint16_t)(address + 2 * k)) ^ tag[k];
    }
    return difference == 0;
}

/* ---- identity ---- */

/* text | ps | pe | ss | se as words; returns their number. Room: 32768 + 4. */
static unsigned identity(const struct semo_machine *m, const struct semo_slot *s, uint16_t *out)
{
    unsigned n = words_in(s->ps, s->pe);
    for (unsigned i = 0; i < n; i++)
        out[i] = semo_word(m, (uint16_t)(s->ps + 2 * i));
    out[n] = s->ps;
    out[n + 1] = s->pe;
    out[n + 2] = s->ss;
    out[n + 3] = s->se;
    return n + 4;
}

static void measure(struct semo_machine *m, const struct semo_slot *s, const uint8_t *key,
                    uint8_t *tag)
{
    uint16_t words[32768 + 4];
    unsigned count = identity(m, s, words);
    semo_crypto_unit_mac(&m->crypto, m->config.security, key, words, count, tag);
    m->core.crypto_word = s->se;
}

static void vendor_key(struct semo_machine *m, uint16_t vendor, uint8_t *key)
{
    semo_crypto_unit_mac(&m->crypto, m->config.security, m->config.master_key, &vendor, 1, key);
}

/* ---- disable ---- */

/* With their devices. The rest of a window that is in the section in part may be somebody else's.
 */
static void clear_windows(struct semo_machine *m, const struct semo_slot *s)
{
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        if (m->window[n] && s->ss <= SEMO_WINDOW(n) && s->se >= SEMO_WINDOW(n + 1))
            semo_window_clear(m, n);
}

void semo_sancus_drop(struct semo_machine *m, int slot, bool clear_text)
{
    struct semo_slot *s = &m->core.access.slots[slot];
    if (clear_text) {
        memset(m->core.memory + s->ps, 0, (size_t)(s->pe - s->ps));
        memset(m->core.memory + s->ss, 0, (size_t)(s->se - s->ss));
    }
    if (hardened(m)) {
        clear_windows(m, s);
        if (m->core.id_now == s->id)
            m->core.id_now = 0;
        if (m->core.id_before == s->id)
            m->core.id_before = 0;
        m->core.crypto_word = 0;
    }
    memset(s, 0, sizeof *s);
    semo_fast_forget_all(m);
}

static unsigned disable(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    int slot = semo_access_slot(&c->access, c->pc_now);
    if (slot < 0)
        return finish(m, 0, SHORT);
    struct semo_slot *s = &c->access.slots[slot];
    unsigned text = words_in(s->ps, s->pe), data = words_in(s->ss, s->se);
    for (unsigned k = 0; k < text; k++)
        write_word(m, m->at + 3 + k, (uint16_t)(s->ps + 2 * k), 0);
    for (unsigned k = 0; k < data; k++)
        write_word(m, m->at + 5 + text + k, (uint16_t)(s->ss + 2 * k), 0);
    semo_sancus_drop(m, slot, false);
    c->r[0] = c->r[15];
    m->jumped = true;
    c->r[2] &= (uint16_t)~SEMO_Z;
    return 8 + text + data;
}

/* ---- enable ---- */

static int free_slot(const struct semo_access_state *a)
{
    for (unsigned i = 0; i < a->count; i++)
        if (!a->slots[i].enabled)
            return (int)i;
    return -1;
}

/* Hardened: a window with a configured owner takes the one module with that measurement. */
static bool owners_agree(struct semo_machine *m, const struct semo_slot *n)
{
    static const uint8_t zero[16];
    uint8_t tag[16];
    for (unsigned w = 0; w < SEMO_WINDOW_COUNT; w++) {
        if (!m->owned[w] || !semo_access_overlap(n->ss, n->se, SEMO_WINDOW(w), SEMO_WINDOW(w + 1)))
            continue;
        measure(m, n, zero, tag);
        if (!semo_bytes_equal(tag, m->owner[w], m->config.security / 8))
            return false;
    }
    return true;
}

static void clear_data(struct semo_machine *m, const struct semo_slot *n)
{
    memset(m->core.memory + n->ss, 0, (size_t)(n->se - n->ss));
    clear_windows(m, n);
    semo_fast_forget_all(m);
}

struct text { /* of a confidential load, decrypted in place */
    struct semo_machine *m;
    uint16_t start;
    bool write;
};

static uint16_t text_read(void *context, unsigned k)
{
    struct text *t = context;
    return semo_word(t->m, (uint16_t)(t->start + 2 * k));
}

static void text_write(void *context, unsigned k, uint16_t word)
{
    struct text *t = context;
    if (t->write)
        semo_word_put(t->m, (uint16_t)(t->start + 2 * k), word, 3);
}

/* Confidential loading; hardened: nothing is written unless the tag is right. */
static bool decrypt_text(struct semo_machine *m, const struct semo_slot *n, const uint8_t *key,
                         unsigned cost)
{
    struct semo_core *c = &m->core;
    struct text t = {m, n->ps, !hardened(m)};
    uint16_t nonce = c->r[10];
    struct semo_crypto_job job = {.security = m->config.security,
                                  .unwrap = true,
                                  .key = key,
                                  .ad = &nonce,
                                  .ad_count = 1,
                                  .body_count = words_in(n->ps, n->pe),
                                  .context = &t,
                                  .read = text_read,
                                  .write = text_write};
    semo_crypto_run(&m->crypto, &job);
    bool good = tag_equal(m, cost, c->r[9], job.tag) && !m->config.atomicity;
    if (good && !t.write) {
        t.write = true;
        semo_crypto_run(&m->crypto, &job);
    }
    return good;
}

/* The aborted enable takes every module around its start with it. */
static void cancel(struct semo_machine *m, uint16_t start)
{
    if (!m->core.violated)
        return;
    for (int slot; (slot = semo_access_slot(&m->core.access, start)) >= 0;)
        semo_sancus_drop(m, slot, false);
}

/* All slots taken: upstream runs the enable on the module that contains R12. */
static unsigned enable_again(struct semo_machine *m, uint16_t start)
{
    int slot = semo_access_slot(&m->core.access, start);
    if (slot < 0)
        return finish(m, 0, FAILED_ENABLE);
    const struct semo_slot *s = &m->core.access.slots[slot];
    unsigned words = words_in(s->ps, s->pe);
    unsigned cost = costs(m)->enable + costs(m)->permutation * words;
    uint16_t id = s->id;
    semo_violate(m, m->at, start, SEMO_RULE_CREATE);
    if (semo_monitor_aborts(m, &cost)) {
        cancel(m, start);
        return cost;
    }
    message_lines(m, m->at + (m->config.security == 128 ? MEASURE_AT_128 : MEASURE_AT), s->ps,
                  words);
    return finish(m, id, cost);
}

static unsigned enable(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    struct semo_slot n;
    memset(&n, 0, sizeof n); /* also between its fields: snapshots are compared byte by byte */
    n.enabled = true;
    n.id = c->next_id;
    n.ps = c->r[12];
    n.pe = c->r[13];
    n.ss = c->r[14];
    n.se = c->r[15];
    int slot = free_slot(&c->access);
    enum semo_creation judged = semo_access_create(&c->access, c->pc_now, &n);
    if (judged == SEMO_CREATE_REFUSED)
        return finish(m, 0, FAILED_ENABLE);
    if (hardened(m) && (slot < 0 || n.id >= SEMO_ID_IRQ || !owners_agree(m, &n)))
        return finish(m, 0, FAILED_ENABLE);
    if (slot < 0)
        return enable_again(m, n.ps);
    if (judged == SEMO_CREATE_VIOLATES)
        semo_violate(m, m->at, n.ps, SEMO_RULE_CREATE);
    const struct costs *k = costs(m);
    unsigned words = words_in(n.ps, n.pe), cost = k->enable + k->permutation * words;
    uint8_t vendor[16];
    vendor_key(m, c->r[11], vendor);
    if (semo_monitor_aborts(m, &cost)) {
        cancel(m, n.ps);
        return cost;
    }
    if (hardened(m) && c->r[10] && refused_range(m, c->r[9], m->config.security / 16, false))
        return cost;
    if (c->r[10]) {
        unsigned rejected = k->rejected + k->permutation * words;
        if (!decrypt_text(m, &n, vendor, rejected))
            return finish(m, 0, rejected);
        cost += k->wrap - 1 + k->permutation * words;
    }
    if (hardened(m)) {
        clear_data(m, &n);
        cost += words_in(n.ss, n.se);
    }
    measure(m, &n, vendor, n.key);
    message_lines(m, m->at + (m->config.security == 128 ? MEASURE_AT_128 : MEASURE_AT), n.ps,
                  words);
    memcpy(&c->access.slots[slot], &n, sizeof n);
    c->next_id++;
    semo_fast_forget_all(m);
    return finish(m, n.id, cost);
}

/* ---- verify ---- */

static int slot_of_id(const struct semo_access_state *a, uint16_t id)
{
    for (int i = (int)a->count - 1; i >= 0; i--)
        if (a->slots[i].enabled && a->slots[i].id == id)
            return i;
    return -1;
}

static unsigned verify(struct semo_machine *m, int slot)
{
    static const uint8_t zero[16];
    struct semo_core *c = &m->core;
    if (slot < 0)
        return finish(m, 0, SHORT);
    const struct semo_slot *s = &c->access.slots[slot];
    unsigned words = words_in(s->ps, s->pe), n = m->config.security / 16;
    unsigned cost = costs(m)->verify + costs(m)->permutation * words;
    uint8_t tag[16];
    uint16_t expected[8];
    if (hardened(m) && refused_range(m, c->r[15], n, false))
        return cost;
    if (semo_monitor_aborts(m, &cost))
        return cost;
    measure(m, s, zero, tag);
    for (unsigned k = 0; k < n; k++)
        expected[k] = (uint16_t)(tag[2 * k] | tag[2 * k + 1] << 8);
    message_lines(m, m->at + 3, s->ps, words);
    tag_read_lines(m, cost, c->r[15]);
    bool good = tag_equal(m, cost, c->r[15], expected);
    return finish(m, good ? s->id : 0, cost);
}

/* ---- wrap, unwrap ---- */

struct operands {
    struct semo_machine *m;
    uint16_t key, ad, body, out, tag;
    unsigned ad_count, body_count, cost;
    bool unwrap;
    uint64_t start;   /* cycle of the first word of associated data */
    uint64_t body_at; /* cycle from which the body is read */
};

static uint64_t written_at(const struct operands *o, unsigned k)
{
    return o->body_at + 2 + (uint64_t)k * costs(o->m)->permutation;
}

static uint16_t body_read(void *context, unsigned k)
{
    struct operands *o = context;
    return read_word(o->m, k ? written_at(o, k - 1) + 1 : o->body_at, (uint16_t)(o->body + 2 * k));
}

static void body_write(void *context, unsigned k, uint16_t word)
{
    struct operands *o = context;
    write_word(o->m, written_at(o, k), (uint16_t)(o->out + 2 * k), word);
}

static void body_lines(struct operands *o)
{
    unsigned z = costs(o->m)->permutation;
    if (!o->body_count)
        return;
    held(o->m, o->body_at, o->body_at, o->body);
    for (unsigned k = 0; k < o->body_count; k++)
        held(o->m, written_at(o, k) + 1, written_at(o, k) + z - 2, (uint16_t)(o->body + 2 * k + 2));
}

static void write_tag(struct operands *o, const uint16_t *tag)
{
    unsigned z = costs(o->m)->permutation, n = o->m->config.security / 16;
    for (unsigned k = 0; k < n; k++)
        write_word(o->m, o->m->at + o->cost - 1 - (uint64_t)(n - k) * z, (uint16_t)(o->tag + 2 * k),
                   tag[k]);
}

static bool operands_refused(struct operands *o)
{
    struct semo_machine *m = o->m;
    unsigned n = m->config.security / 16;
    return (o->key && refused_range(m, o->key, n, false)) ||
           refused_range(m, o->ad, o->ad_count, false) ||
           refused_range(m, o->body, o->body_count, false) ||
           (o->ad_count && refused_range(m, o->out, o->body_count, true)) ||
           refused_range(m, o->tag, n, !o->unwrap);
}

static void load_key(struct operands *o, int slot, uint8_t *key)
{
    struct semo_machine *m = o->m;
    if (!o->key) {
        memcpy(key, m->core.access.slots[slot].key, 16);
        return;
    }
    for (unsigned k = 0; k < m->config.security / 16; k++) {
        uint64_t when = m->at + 1 + 2 * k;
        uint16_t word = semo_bus_read(m, when, (uint16_t)(o->key + 2 * k), false);
        key[2 * k] = (uint8_t)word;
        key[2 * k + 1] = (uint8_t)(word >> 8);
    }
}

static unsigned wrap_cost(const struct operands *o)
{
    const struct costs *k = costs(o->m);
    unsigned base = o->unwrap ? k->unwrap : o->body_count ? k->wrap : k->mac;
    return base + (o->key ? k->key : 0) + k->permutation * (o->ad_count + o->body_count);
}

static void report_seal(struct operands *o, const uint8_t *key, const uint16_t *ad)
{
    struct semo_machine *m = o->m;
    uint8_t *bytes = malloc(2 * o->ad_count + 1);
    if (!bytes)
        abort();
    for (unsigned i = 0; i < o->ad_count; i++) {
        bytes[2 * i] = (uint8_t)ad[i];
        bytes[2 * i + 1] = (uint8_t)(ad[i] >> 8);
    }
    m->seal(m->seal_context, m->core.id_now, key, bytes, 2 * o->ad_count);
    free(bytes);
}

static bool crypt(struct operands *o, const uint8_t *key)
{
    struct semo_machine *m = o->m;
    uint16_t ad[32768];
    unsigned z = costs(m)->permutation, n = m->config.security / 16;
    for (unsigned k = 0; k < o->ad_count; k++)
        ad[k] = read_word(m, o->start + (k ? (n + k) * (uint64_t)z - 2 * n : 0),
                          (uint16_t)(o->ad + 2 * k));
    o->body_at = message_lines(m, o->start, o->ad, o->ad_count) + 2;
    struct semo_crypto_job job = {.security = m->config.security,
                                  .unwrap = o->unwrap,
                                  .key = key,
                                  .ad = ad,
                                  .ad_count = o->ad_count,
                                  .body_count = o->body_count,
                                  .last = hardened(m) ? 0 : m->core.crypto_word,
                                  .context = o,
                                  .read = body_read,
                                  .write = body_write};
    if (!semo_crypto_run(&m->crypto, &job)) {
        m->core.hung = !hardened(m); /* the crypto unit never ends */
        return false;
    }
    body_lines(o);
    m->core.crypto_word = job.last;
    if (!o->unwrap) {
        write_tag(o, job.tag);
        if (m->seal)
            report_seal(o, key, ad);
        return true;
    }
    tag_read_lines(m, o->cost, o->tag);
    bool good = tag_equal(m, o->cost, o->tag, job.tag);
    for (unsigned k = 0; hardened(m) && !good && o->ad_count && k < o->body_count; k++)
        semo_word_put(m, (uint16_t)(o->out + 2 * k), 0, 3);
    return good;
}

static unsigned wrap(struct semo_machine *m, bool unwrap)
{
    struct semo_core *c = &m->core;
    struct operands o = {.m = m,
                         .key = c->r[9],
                         .ad = c->r[10],
                         .body = c->r[12],
                         .out = c->r[14],
                         .tag = c->r[15],
                         .unwrap = unwrap};
    int slot = semo_access_slot(&c->access, c->pc_now);
    uint8_t key[16];
    if (!o.key && slot < 0)
        return finish(m, 0, SHORT);
    o.ad_count = words_in(c->r[10], c->r[11]);
    o.body_count = words_in(c->r[12], c->r[13]);
    o.cost = wrap_cost(&o);
    o.start = m->at + 2 + (o.key ? 2 * (m->config.security / 16) : 0);
    if ((hardened(m) && operands_refused(&o)) || semo_monitor_aborts(m, &o.cost))
        return o.cost;
    load_key(&o, slot, key);
    bool good = crypt(&o, key);
    semo_bytes_wipe(key, sizeof key);
    return finish(m, good, o.cost);
}

/* ---- all of them ---- */

static unsigned set_guard(struct semo_machine *m)
{
    m->core.guard = m->core.r[15];
    return 2;
}

unsigned semo_sancus_execute(struct semo_machine *m, unsigned which)
{
    struct semo_core *c = &m->core;
    which &= 15;
    m->measuring = hardened(m) ? which == DISABLE : which <= VERIFY_PREVIOUS;
    switch (which) {
    case DISABLE:
        return disable(m);
    case ENABLE:
        return enable(m);
    case VERIFY:
        return verify(m, semo_access_slot(&c->access, c->r[14]));
    case VERIFY_PREVIOUS:
        return verify(m, slot_of_id(&c->access, c->id_before));
    case WRAP:
        return wrap(m, false);
    case UNWRAP:
        return wrap(m, true);
    case GET_ID:
        return finish(m, semo_sancus_id(m, c->r[15]), SHORT);
    case GET_CALLER:
        return finish(m, c->id_before, SHORT);
    case GUARD:
        return set_guard(m);
    case CLIX:
        return semo_monitor_clix(m);
    default:
        return 1;
    }
}
