/* SPDX-License-Identifier: Apache-2.0 */
/* The Sancus instructions 0x1380-0x1389 (reference 3, 4). */
#include <stdlib.h>
#include <string.h>
#include "machine/crypto_bus.h"
#include "machine/family.h"

enum { DISABLE, ENABLE, VERIFY, VERIFY_PREVIOUS, WRAP, UNWRAP, GET_ID, GET_CALLER, GUARD, CLIX };
enum { SHORT = 3, FAILED_ENABLE = 4 };

static bool hardened(const struct semo_machine *m)
{
    return m->config.profile == SEMO_HARDENED;
}

uint16_t semo_sancus_id(const struct semo_machine *m, uint16_t pc)
{
    int slot = semo_access_slot(m->core.access, pc);
    return slot < 0 ? 0 : m->core.access->slots[slot].id;
}

bool semo_sancus_privileged(const struct semo_machine *m)
{
    const struct semo_access_state *a = m->core.access;
    for (unsigned i = 0; i < a->count; i++)
        if (a->slots[i].enabled)
            return m->core.id_now == 1;
    return true;
}

/* An interrupt, or with the monitor a violation of the unit, may have ended it before. */
static unsigned finish(struct semo_machine *m, uint16_t result, unsigned cost)
{
    semo_monitor_advance(m, m->look_last);
    if (m->cut != SEMO_NEVER) {
        m->core.r[15] = 0;
        m->core.r[2] |= SEMO_Z;
        return (unsigned)(m->cut + 2 - m->at);
    }
    m->core.r[15] = result;
    m->core.r[2] &= (uint16_t)~SEMO_Z;
    return cost;
}

static const struct semo_crypto_costs *costs(const struct semo_machine *m)
{
    return semo_crypto_costs(m);
}

static unsigned words_in(uint16_t start, uint16_t end)
{
    return start < end ? ((unsigned)end - start + 1) / 2 : 0;
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

/* ---- identity ---- */

/* The text as the unit reads it from cycle c on. It may be anybody's: hardened has judged that. */
static void read_text(struct semo_machine *m, const struct semo_slot *s, uint64_t c,
                      uint16_t *words)
{
    unsigned n = words_in(s->ps, s->pe);
    m->measuring = true;
    semo_crypto_message(m, c, s->ps, n, words);
    m->measuring = !hardened(m); /* as for the rest of an enable or verify */
}

/* MAC(key, text | ps | pe | ss | se); words: the text, with room for four more. */
static void identify(struct semo_machine *m, const struct semo_slot *s, const uint8_t *key,
                     uint16_t *words, uint8_t *tag)
{
    const uint16_t limits[4] = {s->ps, s->pe, s->ss, s->se};
    unsigned n = words_in(s->ps, s->pe);
    memcpy(words + n, limits, sizeof limits);
    semo_crypto_unit_mac(&m->family->crypto, m->config.security, key, words, n + 4, tag);
    m->core.crypto_word = s->se;
}

static void measure(struct semo_machine *m, const struct semo_slot *s, uint64_t c,
                    const uint8_t *key, uint8_t *tag)
{
    uint16_t words[SEMO_WORDS_MAX + 4];
    read_text(m, s, c, words);
    identify(m, s, key, words, tag);
}

static void vendor_key(struct semo_machine *m, uint16_t vendor, uint8_t *key)
{
    semo_crypto_unit_mac(&m->family->crypto, m->config.security, m->config.master_key, &vendor, 1,
                         key);
}

/* ---- disable ---- */

/* With their devices. The rest of a window that is in the section in part may be somebody else's.
 */
static void clear_windows(struct semo_machine *m, const struct semo_slot *s)
{
    for (unsigned n = 0; n < SEMO_WINDOW_COUNT; n++)
        if (semo_device_in(m, n) && s->ss <= SEMO_WINDOW(n) && s->se >= SEMO_WINDOW(n + 1))
            semo_window_clear(m, n);
}

void semo_sancus_drop(struct semo_machine *m, int slot, bool clear_text)
{
    struct semo_slot *s = &m->core.access->slots[slot];
    if (clear_text) {
        semo_memory_clear(m, s->ps, (size_t)(s->pe - s->ps));
        semo_memory_clear(m, s->ss, (size_t)(s->se - s->ss));
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
    m->core.confidential &= ~(1ull << slot);
    semo_family_forget(m);
}

/* Every module around an address: upstream means all of them. */
static void drop_around(struct semo_machine *m, uint16_t address)
{
    for (int slot; (slot = semo_access_slot(m->core.access, address)) >= 0;)
        semo_sancus_drop(m, slot, false);
}

/* Upstream clears a word before it looks whether there is any, and an interrupt that the monitor
 * lets in leaves the rest as it is, of a module that is gone. */
static unsigned disable(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    int slot = semo_access_slot(c->access, c->pc_now);
    if (slot < 0)
        return finish(m, 0, SHORT);
    const struct semo_slot s = c->access->slots[slot];
    unsigned text = words_in(s.ps, s.pe), data = words_in(s.ss, s.se);
    if (!data && !hardened(m))
        data = 1;
    unsigned cost = 8 + text + data;
    uint16_t next = c->r[15];
    if (!hardened(m))
        semo_monitor_cut(m, 1, cost);
    for (unsigned k = 0; k < text; k++)
        semo_crypto_write(m, m->at + 3 + k, (uint16_t)(s.ps + 2 * k), 0);
    for (unsigned k = 0; k < data; k++)
        semo_crypto_write(m, m->at + 5 + text + k, (uint16_t)(s.ss + 2 * k), 0);
    semo_monitor_advance(m, m->look_last);
    drop_around(m, c->pc_now);
    if (m->cut == SEMO_NEVER) {
        c->r[0] = next;
        m->jumped = true;
    }
    return finish(m, next, cost);
}

/* ---- enable ---- */

static void words_of_text(const struct semo_machine *m, const struct semo_slot *s, uint16_t *words)
{
    for (unsigned i = 0; i < words_in(s->ps, s->pe); i++)
        words[i] = semo_word(m, (uint16_t)(s->ps + 2 * i));
}

/* Hardened: a window with a configured owner takes the one module with that measurement. words: its
 * text, with room for four more. */
static bool owners_agree(struct semo_machine *m, const struct semo_slot *n, uint16_t *words)
{
    static const uint8_t zero[16];
    uint8_t tag[16];
    for (unsigned w = 0; w < SEMO_WINDOW_COUNT; w++) {
        const uint8_t *owner = semo_machine_owner(m, w);
        if (!owner || !semo_access_overlap(n->ss, n->se, SEMO_WINDOW(w), SEMO_WINDOW(w + 1)))
            continue;
        identify(m, n, zero, words, tag);
        if (!semo_bytes_equal(tag, owner, m->config.security / 8))
            return false;
    }
    return true;
}

static bool may_own(struct semo_machine *m, const struct semo_slot *n)
{
    uint16_t words[SEMO_WORDS_MAX + 4];
    if (m->core.r[10]) /* encrypted: judged when it is known */
        return true;
    words_of_text(m, n, words);
    return owners_agree(m, n, words);
}

static void clear_data(struct semo_machine *m, const struct semo_slot *n)
{
    semo_memory_clear(m, n->ss, (size_t)(n->se - n->ss));
    clear_windows(m, n);
    semo_family_forget(m);
}

struct text { /* of a confidential load, decrypted in place */
    struct semo_machine *m;
    uint16_t start;
    uint64_t at;     /* cycle of the first read */
    uint16_t *words; /* hardened: what comes out */
};

static uint64_t text_written_at(const struct text *t, unsigned k)
{
    return t->at + 2 + (uint64_t)k * costs(t->m)->permutation;
}

static uint16_t text_read(void *context, unsigned k)
{
    struct text *t = context;
    uint16_t address = (uint16_t)(t->start + 2 * k);
    if (hardened(t->m))
        return semo_word(t->m, address);
    uint64_t before = k ? text_written_at(t, k - 1) : 0;
    return k ? semo_crypto_hold(t->m, before + 1, before + costs(t->m)->permutation - 2, address)
             : semo_crypto_hold(t->m, t->at, t->at, address);
}

static void text_write(void *context, unsigned k, uint16_t word)
{
    struct text *t = context;
    uint16_t address = (uint16_t)(t->start + 2 * k);
    if (!hardened(t->m))
        semo_crypto_write(t->m, text_written_at(t, k), address, word);
    else
        t->words[k] = word;
}

static void text_ends(struct text *t, unsigned words)
{
    uint64_t last = text_written_at(t, words - 1);
    if (!hardened(t->m))
        semo_crypto_hold(t->m, last + 1, last + costs(t->m)->permutation - 2,
                         (uint16_t)(t->start + 2 * words));
}

/* The tag of a confidential load is read word by word and not held. */
static bool text_tag_equal(struct text *t, unsigned words, uint16_t address, const uint16_t *tag)
{
    unsigned z = costs(t->m)->permutation, difference = 0;
    uint64_t when = text_written_at(t, words) + 1;
    for (unsigned k = 0; k < t->m->config.security / 16; k++, when += z)
        difference |= semo_crypto_hold(t->m, when, when, (uint16_t)(address + 2 * k)) ^ tag[k];
    return difference == 0;
}

/* Hardened: an odd R9 says that the text was encrypted for these limits only. */
static bool is_bound(const struct semo_machine *m)
{
    return hardened(m) && (m->core.r[9] & 1);
}

static uint16_t tag_address(const struct semo_machine *m)
{
    return (uint16_t)(m->core.r[9] & (hardened(m) ? ~1u : ~0u));
}

/* Permutations that the limits cost. */
static unsigned bound_words(const struct semo_machine *m)
{
    return is_bound(m) ? 4 : 0;
}

/* Confidential loading; hardened: nothing is written unless the tag is right. */
static bool decrypt_text(struct semo_machine *m, const struct semo_slot *n, const uint8_t *key)
{
    uint16_t words[SEMO_WORDS_MAX + 4];
    const uint16_t ad[5] = {m->core.r[10], n->ps, n->pe, n->ss, n->se};
    struct text t = {m, n->ps, m->at + costs(m)->load_at, words};
    struct semo_crypto_job job = {.security = m->config.security,
                                  .unwrap = true,
                                  .key = key,
                                  .ad = ad,
                                  .ad_count = 1 + bound_words(m),
                                  .body_count = words_in(n->ps, n->pe),
                                  .context = &t,
                                  .read = text_read,
                                  .write = text_write};
    semo_crypto_run(&m->family->crypto, &job);
    text_ends(&t, job.body_count);
    bool good = text_tag_equal(&t, job.body_count, tag_address(m), job.tag);
    if (!hardened(m))
        return good;
    good = good && owners_agree(m, n, words);
    for (unsigned k = 0; good && k < job.body_count; k++)
        semo_word_put(m, (uint16_t)(n->ps + 2 * k), words[k], 3);
    semo_bytes_wipe(words, sizeof words);
    return good;
}

/* What registers ask for. */
static struct semo_slot requested(const struct semo_machine *m)
{
    const struct semo_core *c = &m->core;
    struct semo_slot n;
    memset(&n, 0, sizeof n); /* also between its fields: snapshots are compared byte by byte */
    n.enabled = true;
    n.id = c->next_id;
    n.ps = c->r[12];
    n.pe = c->r[13];
    n.ss = c->r[14];
    n.se = c->r[15];
    return n;
}

static unsigned load_cost(const struct semo_machine *m, unsigned words)
{
    const struct semo_crypto_costs *k = costs(m);
    if (!m->core.r[10])
        return k->enable + k->permutation * words;
    if (m->config.atomicity) /* refused: it could not be started again after an interrupt */
        return k->text_at;
    return k->rejected + k->enable - k->text_at + k->permutation * (2 * words + bound_words(m));
}

/* The work of the unit for module n: its key. false: rejected, at a cost. */
static bool load(struct semo_machine *m, const struct semo_slot *n, uint8_t *key, unsigned *cost)
{
    const struct semo_crypto_costs *k = costs(m);
    unsigned text_at = k->text_at;
    uint8_t vendor[16];
    vendor_key(m, m->core.r[11], vendor);
    if (m->core.r[10]) {
        text_at = k->rejected + k->permutation * (words_in(n->ps, n->pe) + bound_words(m));
        if (m->config.atomicity)
            return false;
        if (!decrypt_text(m, n, vendor)) {
            *cost = text_at;
            return false;
        }
    }
    measure(m, n, m->at + text_at, vendor, key);
    semo_bytes_wipe(vendor, sizeof vendor);
    return true;
}

/* Gives the key to every module around `start`: the unit knows them by that address only. */
static void give_key(struct semo_machine *m, uint16_t start, const uint8_t *key)
{
    struct semo_access_state *a = m->core.access;
    for (unsigned i = 0; i < a->count; i++)
        if (a->slots[i].enabled && semo_access_inside(start, a->slots[i].ps, a->slots[i].pe))
            memcpy(a->slots[i].key, key, sizeof a->slots[i].key);
}

/* The code that creates a module may be in it: from the second cycle on it is the module's, which
 * nobody has entered. */
static void arrive(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    uint16_t id = semo_sancus_id(m, c->pc_now);
    if (id == c->id_now)
        return;
    c->id_before = c->id_now;
    c->id_now = id;
    enum semo_rule rule = semo_access(c->access, c->pc_now, c->pc_before, c->pc_now, SEMO_EXECUTE);
    if (m->config.atomicity && semo_monitor_enter(m, m->at + 1))
        rule = SEMO_RULE_NESTED;
    semo_monitor_advance(m, m->at + 1);
    if (rule == SEMO_ALLOWED)
        return;
    m->masked = true;
    semo_violate(m, m->at + 1, c->pc_now, rule);
}

/* Upstream creates what can be created and then works on whatever module is at R12 (the highest
 * slot): the new one, an old one around it, or, when nothing was created, one that was there. */
static unsigned enable_upstream(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    const struct semo_slot n = requested(m);
    int slot = semo_machine_free_slot(m);
    const struct semo_creation judged = semo_access_create(c->access, c->pc_now, &n);
    if (judged.violate)
        semo_violate(m, m->at, n.ps, SEMO_RULE_CREATE);
    if (slot >= 0 && judged.create) {
        memcpy(&c->access->slots[slot], &n, sizeof n);
        semo_family_forget(m);
    }
    int at = semo_access_slot(c->access, n.ps);
    const struct semo_slot s = at < 0 ? n : c->access->slots[at];
    unsigned cost = at < 0 ? FAILED_ENABLE : load_cost(m, words_in(s.ps, s.pe));
    uint8_t key[16] = {0};
    semo_monitor_cut(m, 2, cost);
    arrive(m);
    bool loaded = at >= 0 && load(m, &s, key, &cost);
    semo_monitor_advance(m, m->look_last);
    if (!loaded || m->cut != SEMO_NEVER) {
        drop_around(m, n.ps);
        return finish(m, 0, cost);
    }
    c->next_id++;
    give_key(m, n.ps, key);
    return finish(m, s.id, cost);
}

static unsigned enable_hardened(struct semo_machine *m)
{
    struct semo_core *c = &m->core;
    struct semo_slot n = requested(m);
    int slot = semo_machine_free_slot(m);
    if (!semo_access_create(c->access, c->pc_now, &n).create || slot < 0 || n.id >= SEMO_ID_IRQ ||
        !may_own(m, &n))
        return finish(m, 0, FAILED_ENABLE);
    unsigned cost = load_cost(m, words_in(n.ps, n.pe));
    if (c->r[10] && refused_range(m, tag_address(m), m->config.security / 16, false))
        return cost;
    semo_monitor_cut(m, 2, cost);
    if (!load(m, &n, n.key, &cost) || m->cut != SEMO_NEVER)
        return finish(m, 0, cost);
    clear_data(m, &n);
    if (c->r[10])
        c->confidential |= 1ull << slot;
    memcpy(&c->access->slots[slot], &n, sizeof n);
    c->next_id++;
    semo_family_forget(m);
    return finish(m, n.id, cost + words_in(n.ss, n.se));
}

static unsigned enable(struct semo_machine *m)
{
    return hardened(m) ? enable_hardened(m) : enable_upstream(m);
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
    const struct semo_slot *s = &c->access->slots[slot];
    unsigned n = m->config.security / 16;
    unsigned cost = costs(m)->verify + costs(m)->permutation * words_in(s->ps, s->pe);
    uint16_t tag_at = c->r[15], expected[8];
    uint8_t tag[16];
    if (hardened(m) && refused_range(m, tag_at, n, false))
        return cost;
    semo_monitor_cut(m, 1, cost);
    measure(m, s, m->at + 3, zero, tag);
    for (unsigned k = 0; k < n; k++)
        expected[k] = (uint16_t)(tag[2 * k] | tag[2 * k + 1] << 8);
    bool good = semo_crypto_tag_equal(m, cost, tag_at, expected);
    return finish(m, good ? s->id : 0, cost);
}

/* ---- wrap, unwrap ---- */

struct operands {
    struct semo_machine *m;
    uint16_t key, ad, body, out, tag;
    unsigned ad_count, body_count, cost;
    bool unwrap, mac; /* mac: no body at all */
    uint64_t start;   /* cycle of the first word of associated data */
    uint64_t body_at; /* cycle from which the body is read */
    uint16_t *words;  /* of the body: read already; or of the result: not written yet */
};

static uint64_t written_at(const struct operands *o, unsigned k)
{
    return o->body_at + 2 + (uint64_t)k * costs(o->m)->permutation;
}

static uint16_t body_read(void *context, unsigned k)
{
    struct operands *o = context;
    uint16_t address = (uint16_t)(o->body + 2 * k);
    if (!o->ad_count)
        return o->words[k];
    if (!k)
        return semo_crypto_hold(o->m, o->body_at, o->body_at, address);
    uint64_t before = written_at(o, k - 1);
    return semo_crypto_hold(o->m, before + 1, before + costs(o->m)->permutation - 2, address);
}

static void body_write(void *context, unsigned k, uint16_t word)
{
    struct operands *o = context;
    if (hardened(o->m) && o->unwrap)
        o->words[k] = word;
    else
        semo_crypto_write(o->m, written_at(o, k), (uint16_t)(o->out + 2 * k), word);
}

/* What is read behind the associated data, before anything is written. */
static void body_begins(struct operands *o)
{
    if (!o->ad_count && o->body_count) /* it is taken for associated data */
        o->body_at = semo_crypto_message(o->m, o->body_at, o->body, o->body_count, o->words) + 2;
    else if (!o->body_count && !o->mac)
        semo_crypto_ahead(o->m, o->body_at, o->body_at, o->body);
}

static void body_ends(struct operands *o)
{
    if (!o->ad_count || !o->body_count)
        return;
    uint64_t last = written_at(o, o->body_count - 1);
    semo_crypto_ahead(o->m, last + 1, last + costs(o->m)->permutation - 2,
                      (uint16_t)(o->body + 2 * o->body_count));
}

static void write_tag(struct operands *o, const uint16_t *tag)
{
    unsigned z = costs(o->m)->permutation, n = o->m->config.security / 16;
    for (unsigned k = 0; k < n; k++)
        semo_crypto_write(o->m, o->m->at + o->cost - 1 - (uint64_t)(n - k) * z,
                          (uint16_t)(o->tag + 2 * k), tag[k]);
}

static bool is_memory(uint16_t address)
{
    bool window = address >= SEMO_WINDOW_START && address < SEMO_WINDOW(SEMO_WINDOW_COUNT);
    bool registers =
        window && (address - SEMO_WINDOW_START) % SEMO_WINDOW_SIZE >= SEMO_WINDOW_REGISTERS;
    return address >= SEMO_DATA_START && !registers;
}

/* Hardened: nothing leaves before its tag is known to be right; if it is not, zeros go to memory
 * and nothing to a device. */
static void release(struct operands *o, bool good)
{
    if (!hardened(o->m) || !o->ad_count)
        return;
    for (unsigned k = 0; k < o->body_count; k++) {
        uint16_t address = (uint16_t)(o->out + 2 * k);
        if (good || is_memory(address))
            semo_crypto_write(o->m, written_at(o, k), address, good ? o->words[k] : 0);
    }
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
        memcpy(key, m->core.access->slots[slot].key, 16);
        return;
    }
    for (unsigned k = 0; k < m->config.security / 16; k++) {
        uint64_t when = m->at + 1 + 2 * k;
        uint16_t word = semo_crypto_hold(m, when, when, (uint16_t)(o->key + 2 * k));
        key[2 * k] = (uint8_t)word;
        key[2 * k + 1] = (uint8_t)(word >> 8);
    }
}

static unsigned wrap_cost(const struct operands *o)
{
    const struct semo_crypto_costs *k = costs(o->m);
    unsigned base = o->unwrap ? k->unwrap : o->mac ? k->mac : k->wrap;
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
    uint16_t ad[SEMO_WORDS_MAX], words[SEMO_WORDS_MAX];
    o->words = words;
    o->body_at = semo_crypto_message(m, o->start, o->ad, o->ad_count, ad) + 2;
    body_begins(o);
    struct semo_crypto_job job = {.security = m->config.security,
                                  .unwrap = o->unwrap,
                                  .mac = o->mac,
                                  .key = key,
                                  .ad = ad,
                                  .ad_count = o->ad_count,
                                  .body_count = o->body_count,
                                  .last = hardened(m) ? 0 : m->core.crypto_word,
                                  .context = o,
                                  .read = body_read,
                                  .write = body_write};
    if (!semo_crypto_run(&m->family->crypto, &job)) {
        m->core.hung = !hardened(m); /* the crypto unit never ends */
        return false;
    }
    body_ends(o);
    m->core.crypto_word = job.last;
    if (!o->unwrap) {
        write_tag(o, job.tag);
        semo_monitor_advance(m, m->look_last);
        if (m->seal && m->cut == SEMO_NEVER)
            report_seal(o, key, ad);
        return true;
    }
    bool good = semo_crypto_tag_equal(m, o->cost, o->tag, job.tag);
    release(o, good);
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
    int slot = semo_access_slot(c->access, c->pc_now);
    uint8_t key[16];
    if (!o.key && slot < 0)
        return finish(m, 0, SHORT);
    o.ad_count = words_in(c->r[10], c->r[11]);
    o.body_count = words_in(c->r[12], c->r[13]);
    o.mac = !unwrap && (c->r[12] == c->r[13] || (hardened(m) && !o.body_count));
    o.cost = wrap_cost(&o);
    o.start = m->at + 2 + (o.key ? 2 * (m->config.security / 16) : 0);
    if (hardened(m) && operands_refused(&o))
        return o.cost;
    semo_monitor_cut(m, o.key ? 0 : 1, o.cost);
    if (hardened(m) && m->cut != SEMO_NEVER) /* all or nothing: it will be started again */
        return finish(m, 0, o.cost);
    load_key(&o, slot, key);
    bool good = crypt(&o, key);
    semo_bytes_wipe(key, sizeof key);
    return finish(m, good, o.cost);
}

/* ---- all of them ---- */

/* A stack pointer of 0 keeps the guard at 0. */
static unsigned set_guard(struct semo_machine *m)
{
    m->core.guard = m->core.r[1] ? m->core.r[15] : 0;
    return 2;
}

unsigned semo_sancus_execute(struct semo_machine *m, unsigned which)
{
    struct semo_core *c = &m->core;
    which &= 15;
    m->cut = SEMO_NEVER;
    m->look = 1, m->look_last = 0;
    m->measuring = hardened(m) ? which == DISABLE : which <= VERIFY_PREVIOUS;
    switch (which) {
    case DISABLE:
        return disable(m);
    case ENABLE:
        return enable(m);
    case VERIFY:
        return verify(m, semo_access_slot(c->access, c->r[14]));
    case VERIFY_PREVIOUS:
        return verify(m, slot_of_id(c->access, c->id_before));
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
