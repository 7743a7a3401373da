/* SPDX-License-Identifier: Apache-2.0 */
/* The instructions of section 4; cycles of the crypto unit's traffic as in section 8, "Bus lines":
 * t first cycle, n = words of a key, z = cycles of a permutation. */
#include <stdlib.h>
#include <string.h>
#include "tests/oracle/oracle.h"

/* Section 4.1 */
struct costs {
    unsigned words, permutation, wrap, wrap_empty, unwrap, memory_key, enable, enable_text;
    unsigned confidential, rejected, verify;
};

static const struct costs *costs(const struct oracle *o)
{
    static const struct costs table[2] = {
        {4, 93, 745, 836, 654, 8, 1950, 837, 2694, 1581, 1118},
        {8, 173, 2761, 2932, 2590, 16, 6382, 2933, 9142, 5693, 3454}};
    return &table[o->config.security == 128];
}

static void finish(struct oracle *o, uint16_t result)
{
    o->r[15] = result;
    o->r[2] &= (uint16_t)~SR_Z;
}

static void answer(struct oracle *o, unsigned cycles, uint16_t result)
{
    oracle_until(o, o->cycle + cycles);
    finish(o, result);
}

/* A crypto instruction that is refused. 3.4 does not say whether it counts as running. */
static void refuse(struct oracle *o, unsigned cycles)
{
    bool request = false;
    for (unsigned k = 0; k < cycles; k++) {
        bool recorded = o->violated;
        oracle_tick(o);
        request |= k >= 1 && k + 2 <= cycles && (recorded || (o->sampled_gie && o->sampled_lines));
    }
    if (request && o->config.atomicity)
        o->undetermined = "abort of a crypto instruction that is refused (3.4)";
    finish(o, 0);
}

/* --- time of the crypto unit, which the monitor may abort (section 8 item 12) --- */

static void crypto_tick(struct oracle *o)
{
    uint64_t cycle = o->cycle;
    bool recorded = o->violated;
    if (o->aborted)
        return;
    oracle_tick(o);
    if (!o->config.atomicity || cycle <= o->crypto_start)
        return;
    if (recorded || (o->sampled_gie && o->sampled_lines)) {
        if (cycle == o->crypto_start + o->crypto_check)
            o->undetermined = "abort in the cycle of the unit's own check (section 8 item 12)";
        if (o->violated && !recorded)
            o->undetermined = "crypto unit violates in the cycle of its abort (section 8 item 12)";
        bool gie = o->r[2] & SR_GIE;
        oracle_tick(o);
        o->aborted = true;
        o->gie_forced = !gie && (o->r[2] & SR_GIE);
    }
}

static void crypto_until(struct oracle *o, uint64_t cycle)
{
    while (o->cycle < cycle && !o->aborted)
        crypto_tick(o);
}

/* Whether a read that begins in the cycle of the abort takes place is open (section 8 item 12). */
static void note_last_read(struct oracle *o, uint16_t address)
{
    if (address < 0x0200)
        o->undetermined =
            "crypto unit reads a device in the cycle of its abort (section 8 item 12)";
    o->port_unknown |= oracle_in_data(address);
}

/* Holds an address from one cycle to another, both included; what the last cycle showed. */
static uint16_t hold(struct oracle *o, uint16_t address, uint64_t from, uint64_t to)
{
    uint16_t word = 0;
    crypto_until(o, from);
    while (o->cycle <= to && !o->aborted) {
        uint16_t before = word;
        word = oracle_read(o, address, false);
        if (o->cycle > from && word != before && address < 0x0200)
            o->undetermined = "crypto operand that changes while it is held (section 8, bus lines)";
        bool first = o->cycle == from;
        crypto_tick(o);
        if (first && o->aborted)
            note_last_read(o, address);
    }
    return word;
}

static void put(struct oracle *o, uint64_t cycle, uint16_t address, uint16_t word)
{
    crypto_until(o, cycle);
    if (o->aborted)
        return;
    if (address < 0x0200)
        o->undetermined = "peripheral written by the crypto unit (section 8, bus lines)";
    oracle_write(o, address, word, false);
    crypto_tick(o);
    if (o->aborted)
        o->undetermined = "crypto unit writes in the cycle of its abort (section 8 item 12)";
}

/* The read-ahead of one word beyond the end: section 8 leaves open whether it can violate. */
static void read_ahead(struct oracle *o, uint16_t address, uint64_t from, uint64_t to)
{
    uint64_t before = o->violations;
    hold(o, address, from, to);
    if (o->violations != before)
        o->undetermined = "violation by the crypto unit's read-ahead (section 8, bus lines)";
}

/* check: in which cycle the unit looks whether it can start at all, 0 = never. */
static void crypto_begin(struct oracle *o, bool open, unsigned check)
{
    o->crypto_check = check;
    o->crypto_start = o->cycle;
    o->aborted = false;
    o->open = open;
    o->count[ORACLE_CRYPTO]++;
}

/* In its last cycle nothing cuts an instruction any more (section 8 item 12 does not say so; the
 * core has it from the hardware description). */
static void crypto_end(struct oracle *o, uint64_t cycle, uint16_t result)
{
    crypto_until(o, cycle - 1);
    if (!o->aborted) {
        oracle_tick(o);
        o->open = 0;
        finish(o, result);
        return;
    }
    o->open = 0;
    o->count[ORACLE_ABORTS]++;
    o->bus_lines_known = false; /* R and V of the cycle of the abort itself */
    if (oracle_bad_entry(o))
        o->undetermined = "abort of a crypto instruction that is a bad entry (3.2, 3.4)";
    o->r[15] = 0;
    o->r[2] |= SR_Z;
    if (!o->violated && (!o->sampled_gie || !o->sampled_lines))
        o->undetermined = "interrupt request that went away during an abort";
}

static unsigned words_between(struct oracle *o, uint16_t start, uint16_t end)
{
    unsigned count = end > start ? (unsigned)(end - start + 1) / 2 : 0;
    if (!o->config.max_words || count <= o->config.max_words)
        return count;
    o->undetermined = "operand too long for the time of a test";
    return 1;
}

/* Associated data or text from `first` on: words and the end address, all read ahead. */
static uint64_t read_text(struct oracle *o, uint64_t first, uint64_t second_until, uint16_t start,
                          uint16_t end, uint16_t *words)
{
    unsigned count = words_between(o, start, end), z = costs(o)->permutation;
    uint64_t until = second_until;
    words[0] = hold(o, start, first, first);
    for (unsigned k = 1; k <= count; k++) {
        uint64_t from = k == 1 ? first + 2 : until + 2;
        uint16_t address = (uint16_t)(start + 2 * k);
        if (k > 1)
            until += z;
        if (k < count)
            words[k] = hold(o, address, from, until);
        else
            read_ahead(o, address, from, until);
    }
    return until;
}

/* --- keys --- */

static void module_key(struct oracle *o, struct oracle_slot *m, uint16_t vendor,
                       const uint16_t *text, unsigned count)
{
    uint16_t *words = malloc((count + 4) * sizeof *words);
    uint16_t limits[4] = {m->ps, m->pe, m->ss, m->se};
    uint8_t vendor_key[16];
    oracle_mac(o->config.security, o->config.master_key, &vendor, 1, vendor_key);
    memcpy(words, text, count * sizeof *words);
    memcpy(words + count, limits, sizeof limits);
    oracle_mac(o->config.security, vendor_key, words, count + 4, m->key);
    free(words);
}

/* --- enable --- */

static struct oracle_slot *free_slot(struct oracle *o)
{
    for (unsigned i = 0; i < ORACLE_SLOTS; i++)
        if (!o->slot[i].enabled)
            return &o->slot[i];
    return NULL;
}

static bool overlaps(const struct oracle *o, uint16_t ps, uint16_t pe)
{
    bool found = false;
    for (unsigned i = 0; i < ORACLE_SLOTS; i++) {
        const struct oracle_slot *m = &o->slot[i];
        if (!m->enabled || ps >= m->pe || m->ps >= pe)
            continue;
        found = true;
    }
    return found;
}

/* Every module around R12 gets the key of the one just made (mod13, mod21). */
static void share_key(struct oracle *o, const struct oracle_slot *m)
{
    for (unsigned i = 0; i < ORACLE_SLOTS; i++) {
        struct oracle_slot *other = &o->slot[i];
        if (other->enabled && o->r[12] >= other->ps && o->r[12] < other->pe)
            memcpy(other->key, m->key, sizeof m->key);
    }
}

/* 3.1: an enable that the monitor aborts for an overlap drops every module that contains R12. */
static void drop_at(struct oracle *o, uint16_t address)
{
    for (unsigned i = 0; i < ORACLE_SLOTS; i++)
        if (address >= o->slot[i].ps && address < o->slot[i].pe)
            memset(&o->slot[i], 0, sizeof o->slot[i]);
}

/* In an operation whose cycles are not documented: memory always shows the same, a peripheral what
 * it has at that time, and no memory at all what was read before. */
static uint16_t read_some_time(struct oracle *o, uint16_t address)
{
    if (!oracle_in_data(address) && !oracle_in_program(address))
        o->undetermined = "operand not in memory of an undocumented crypto operation";
    return oracle_read(o, address, false);
}

static void decrypt_text(struct oracle *o, const struct oracle_slot *m, uint16_t *text,
                         unsigned count, bool *good)
{
    struct oracle_sponge s;
    uint8_t vendor_key[16];
    uint16_t vendor = o->r[11];
    oracle_mac(o->config.security, o->config.master_key, &vendor, 1, vendor_key);
    oracle_sponge_start(&s, o->config.security);
    oracle_sponge_key(&s, vendor_key);
    oracle_sponge_absorb(&s, o->r[10], true);
    for (unsigned k = 0; k < count; k++) {
        text[k] ^= oracle_sponge_out(&s);
        oracle_write(o, (uint16_t)(m->ps + 2 * k), text[k], false);
        oracle_sponge_absorb(&s, text[k], k < count - 1);
    }
    *good = true;
    for (unsigned k = 0; k < costs(o)->words; k++) {
        *good &= read_some_time(o, (uint16_t)(o->r[9] + 2 * k)) == oracle_sponge_out(&s);
        oracle_sponge_duplex(&s, 1);
    }
}

/* Encrypted text. Cycles and bus lines of the two passes are not documented (section 8), only the
 * total; the traffic is done at the end. */
static void enable_encrypted(struct oracle *o, struct oracle_slot *m, bool overlap)
{
    const struct costs *c = costs(o);
    unsigned count = words_between(o, m->ps, m->pe);
    uint16_t *text = calloc(count + 1, sizeof *text);
    uint64_t start = o->crypto_start, before = o->violations;
    bool good = false;
    o->bus_lines_known = false;
    for (unsigned k = 0; k < count; k++)
        text[k] = read_some_time(o, (uint16_t)(m->ps + 2 * k));
    decrypt_text(o, m, text, count, &good);
    if (overlap)
        o->undetermined = "confidential loading over a module (section 8, bus lines)";
    if (!oracle_allowed(o, (uint16_t)(m->ps + 2 * count), false, false))
        o->undetermined = "violation in confidential loading (section 8, bus lines)";
    if (o->config.atomicity)
        o->undetermined = "confidential loading with the monitor (section 8, not distinguished)";
    o->port_unknown = true;
    if (o->violation_now || o->violations != before)
        o->undetermined = "violation in confidential loading (section 8, bus lines)";
    uint16_t id = m->id;
    if (good) {
        module_key(o, m, o->r[11], text, count);
        o->next_id++;
    } else {
        drop_at(o, o->r[12]);
    }
    o->count[good ? ORACLE_CONFIDENTIAL : ORACLE_REFUSALS]++;
    crypto_end(o,
               start + (good ? c->confidential + 2 * c->permutation * count
                             : c->rejected + c->permutation * count),
               good ? id : 0);
    free(text);
}

static void enable_plain(struct oracle *o, struct oracle_slot *m)
{
    const struct costs *c = costs(o);
    unsigned count = words_between(o, m->ps, m->pe);
    uint16_t *text = calloc(count + 1, sizeof *text), id = m->id;
    uint64_t t = o->crypto_start, first = t + c->enable_text;
    read_text(o, first, first + (c->words + 1) * c->permutation - 2 * c->words, m->ps, m->pe, text);
    crypto_until(o, t + c->enable + c->permutation * count - 1);
    if (o->aborted) {
        drop_at(o, o->r[12]);
        if (o->gie_forced && oracle_privileged(o))
            o->undetermined = "period that ends as an aborted enable drops all modules (3.4)";
    } else {
        module_key(o, m, o->r[11], text, count);
        share_key(o, m);
        o->next_id++;
        o->count[ORACLE_ENABLES]++;
    }
    crypto_end(o, t + c->enable + c->permutation * count, id);
    free(text);
}

/* One cycle that suppresses nothing (section 8 item 5), but reads give 0 as after any violation:
 * the text is measured as zeros (mod13, mod21). */
static bool note_overlap(struct oracle *o)
{
    bool found = overlaps(o, o->r[12], o->r[13]);
    if (found)
        oracle_violation(o, ORACLE_BAD_CREATION, false);
    return found;
}

/* The work is done for the module at R12 (the highest slot), new or not: recorded for a full table
 * (section 8 item 4), from the hardware description for limits that are no range. */
static void enable(struct oracle *o)
{
    struct oracle_slot *slot = free_slot(o);
    bool fits = slot && o->r[12] < o->r[13] && o->r[14] <= o->r[15];
    bool overlap = note_overlap(o);
    o->count[ORACLE_REFUSALS] += !fits;
    if (!fits && !oracle_slot_at(o, o->r[12])) {
        refuse(o, 4);
        return;
    }
    crypto_begin(o, true, 2);
    crypto_tick(o); /* a new module exists from the next cycle on */
    if (fits)
        *slot = (struct oracle_slot){.enabled = true,
                                     .id = o->next_id,
                                     .ps = o->r[12],
                                     .pe = o->r[13],
                                     .ss = o->r[14],
                                     .se = o->r[15]};
    struct oracle_slot *m = (struct oracle_slot *)oracle_slot_at(o, o->r[12]);
    if (!o->r[10]) {
        enable_plain(o, m);
        return;
    }
    if (m != slot)
        o->undetermined = "confidential loading on a module that exists (section 8 item 4)";
    enable_encrypted(o, m, overlap);
}

/* --- disable --- */

/* Section 8 item 6: text word k in t+3+k, two idle cycles, then the secret section, three more.
 * From the hardware description: one word even of an empty section, and every module around PC
 * goes. */
static void disable(struct oracle *o)
{
    struct oracle_slot *m = (struct oracle_slot *)oracle_slot_at(o, o->pc_now);
    if (!m) {
        refuse(o, 3);
        return;
    }
    o->open = 1;
    oracle_until(o, o->cycle + 3);
    for (uint32_t a = m->ps; a < m->pe; a += 2) {
        oracle_write(o, (uint16_t)a, 0, false);
        oracle_tick(o);
    }
    oracle_until(o, o->cycle + 2);
    uint32_t a = m->ss;
    do {
        oracle_write(o, (uint16_t)a, 0, false);
        oracle_tick(o);
    } while ((a += 2) < m->se);
    oracle_until(o, o->cycle + 3);
    if (o->config.atomicity && o->sampled_gie && o->sampled_lines)
        o->undetermined =
            "interrupt during disable with the monitor (3.4: is it a crypto instruction?)";
    if (o->violated)
        o->undetermined = "violation during disable: is the interrupt that of a module? (3.2, 3.3)";
    o->open = 0;
    drop_at(o, o->pc_now);
    o->count[ORACLE_DISABLES]++;
    o->r[0] = o->r[15];
    o->r[2] &= (uint16_t)~SR_Z;
}

/* --- verify --- */

/* Tag words are shown one permutation apart, the first for three cycles before `first_until`. */
static bool compare_tag(struct oracle *o, uint16_t address, uint64_t first_until,
                        const uint8_t *tag)
{
    const struct costs *c = costs(o);
    bool equal = true;
    for (unsigned k = 0; k < c->words; k++) {
        uint64_t until = first_until + k * c->permutation;
        uint64_t from = k ? until - c->permutation + 1 : until - 2;
        uint16_t word = hold(o, (uint16_t)(address + 2 * k), from, until);
        equal &= word == (tag[2 * k] | tag[2 * k + 1] << 8);
    }
    return equal;
}

static void verify(struct oracle *o, const struct oracle_slot *m, uint16_t tag_address)
{
    const struct costs *c = costs(o);
    static const uint8_t no_key[16];
    if (!m) {
        refuse(o, 3);
        return;
    }
    unsigned count = words_between(o, m->ps, m->pe);
    uint16_t *words = calloc(count + 4, sizeof *words), limits[4] = {m->ps, m->pe, m->ss, m->se};
    uint16_t id = m->id;
    uint64_t t = o->cycle, end = t + c->verify + c->permutation * count;
    uint8_t tag[16];
    crypto_begin(o, true, 1);
    read_text(o, t + 3, t + 3 + (c->words + 1) * c->permutation - 2 * c->words, m->ps, m->pe,
              words);
    memcpy(words + count, limits, sizeof limits);
    oracle_mac(o->config.security, no_key, words, count + 4, tag);
    bool good = compare_tag(o, tag_address, end - 3 - (c->words - 1) * c->permutation, tag);
    if (good && !o->aborted)
        o->count[ORACLE_ACCEPTED]++;
    crypto_end(o, end, good ? id : 0);
    free(words);
}

static void verify_address(struct oracle *o)
{
    verify(o, oracle_slot_at(o, o->r[14]), o->r[15]);
}

static void verify_previous(struct oracle *o)
{
    const struct oracle_slot *m = NULL;
    uint16_t id = o->id_previous;
    if (oracle_id_now(o) != o->id_last) /* the change of this very cycle */
        id = o->id_last;
    for (unsigned i = 0; i < ORACLE_SLOTS; i++)
        if (o->slot[i].enabled && o->slot[i].id == id)
            m = &o->slot[i];
    verify(o, m, o->r[15]);
}

/* --- wrap and unwrap --- */

struct sealing {
    bool unwrap;
    uint64_t start, end;
    unsigned ad, body;
    const uint8_t *key;
};

static void read_key(struct oracle *o, uint8_t *key)
{
    for (unsigned k = 0; k < costs(o)->words; k++) {
        uint64_t cycle = o->crypto_start + 1 + 2 * k;
        uint16_t word = hold(o, (uint16_t)(o->r[9] + 2 * k), cycle, cycle);
        key[2 * k] = (uint8_t)word;
        key[2 * k + 1] = (uint8_t)(word >> 8);
    }
}

/* Word 0 in E+2; output k in E+4+kz; the next word held between the outputs. */
static void do_body(struct oracle *o, struct oracle_sponge *s, const struct sealing *w, uint64_t e)
{
    unsigned z = costs(o)->permutation;
    uint16_t word = hold(o, o->r[12], e + 2, e + 2);
    for (unsigned k = 0; k < w->body; k++) {
        uint64_t at = e + 4 + k * z;
        uint16_t next = (uint16_t)(o->r[12] + 2 * k + 2), out = word ^ oracle_sponge_out(s);
        put(o, at, (uint16_t)(o->r[14] + 2 * k), out);
        oracle_sponge_absorb(s, w->unwrap ? out : word, k < w->body - 1);
        if (k + 1 < w->body)
            word = hold(o, next, at + 1, at + z - 2);
        else
            read_ahead(o, next, at + 1, at + z - 2);
    }
}

static void tag_of(const struct oracle *o, struct oracle_sponge *s, uint8_t *tag)
{
    for (unsigned k = 0; k < costs(o)->words; k++) {
        uint16_t word = oracle_sponge_out(s);
        tag[2 * k] = (uint8_t)word;
        tag[2 * k + 1] = (uint8_t)(word >> 8);
        oracle_sponge_duplex(s, 1);
    }
}

static uint16_t wrap_tag(struct oracle *o, const struct sealing *w, const uint8_t *tag)
{
    const struct costs *c = costs(o);
    for (unsigned k = 0; k < c->words; k++)
        put(o, w->end - 1 - (c->words - k) * c->permutation, (uint16_t)(o->r[15] + 2 * k),
            (uint16_t)(tag[2 * k] | tag[2 * k + 1] << 8));
    return 1;
}

static uint16_t unwrap_tag(struct oracle *o, const struct sealing *w, const uint8_t *tag)
{
    const struct costs *c = costs(o);
    return compare_tag(o, o->r[15], w->end - 3 - (c->words - 1) * c->permutation, tag);
}

/* The shapes of 5.2 for which no cycles of the traffic are documented: all of it at the end. */
static uint16_t odd_shape(struct oracle *o, struct oracle_sponge *s, const struct sealing *w)
{
    uint64_t before = o->violations;
    uint16_t last = o->last_word, result = 1;
    const uint16_t ahead[6] = {o->r[10],
                               o->r[11],
                               o->r[12],
                               o->r[13],
                               (uint16_t)(o->r[10] + 2 * w->ad),
                               (uint16_t)(o->r[12] + 2 * w->body)};
    bool masked_output = true; /* tag words = output ^ last word */
    o->bus_lines_known = false;
    for (unsigned k = 0; k < 6; k++) /* may be read ahead */
        if (!oracle_allowed(o, ahead[k], false, false))
            o->undetermined =
                "violation in a crypto operation of an undocumented shape (section 8)";
    oracle_tick(o);
    for (unsigned k = 0; k < w->ad; k++) {
        last = read_some_time(o, (uint16_t)(o->r[10] + 2 * k));
        oracle_sponge_absorb(s, last, k == w->ad - 1);
    }
    for (unsigned k = 0; k < w->body; k++) {
        last = read_some_time(o, (uint16_t)(o->r[12] + 2 * k));
        oracle_sponge_absorb(s, last, k == w->body - 1);
    }
    if (!w->body && !w->unwrap) {
        oracle_sponge_duplex(s, w->ad ? 2 : 3);
        masked_output = !w->ad;
    }
    if (!w->body && !w->ad && (w->unwrap || !o->last_word_known))
        o->undetermined = "unwrap of nothing (never ends), wrap of nothing after unknown words";
    for (unsigned k = 0; k < costs(o)->words; k++) {
        uint16_t at = (uint16_t)(o->r[15] + 2 * k), out = oracle_sponge_out(s);
        if (masked_output)
            out ^= last;
        if (w->unwrap)
            result &= read_some_time(o, at) == out;
        else if (at < 0x0200)
            o->undetermined = "peripheral written by the crypto unit (section 8, bus lines)";
        else
            oracle_write(o, at, out, false);
        oracle_sponge_duplex(s, masked_output ? 0x30000U | (w->unwrap ? out : last) : 1);
    }
    if (o->violation_now || o->violations != before)
        o->undetermined = "violation in a crypto operation of an undocumented shape (section 8)";
    o->port_unknown = true;
    crypto_until(o, w->end - 1);
    if (o->aborted)
        o->undetermined = "abort of a crypto operation of an undocumented shape (section 8)";
    return result;
}

static uint16_t even_shape(struct oracle *o, struct oracle_sponge *s, const struct sealing *w,
                           bool key_in_memory)
{
    const struct costs *c = costs(o);
    uint16_t *ad = calloc(w->ad + 1, sizeof *ad);
    uint64_t t = o->crypto_start, first = t + 2 + (key_in_memory ? c->memory_key : 0);
    uint64_t e = read_text(o, first, first + (c->words + 1) * c->permutation - 2 * c->words,
                           o->r[10], o->r[11], ad);
    uint8_t tag[16];
    for (unsigned k = 0; k < w->ad; k++)
        oracle_sponge_absorb(s, ad[k], k == w->ad - 1);
    do_body(o, s, w, e);
    tag_of(o, s, tag);
    free(ad);
    return w->unwrap ? unwrap_tag(o, w, tag) : wrap_tag(o, w, tag);
}

static unsigned seal_cost(const struct oracle *o, const struct sealing *w, bool key_in_memory)
{
    const struct costs *c = costs(o);
    unsigned base = w->unwrap ? c->unwrap : c->wrap;
    if (!w->unwrap && !w->body)
        base = c->wrap_empty;
    return base + (key_in_memory ? c->memory_key : 0) + c->permutation * (w->ad + w->body);
}

static void seal(struct oracle *o, bool unwrap)
{
    const struct oracle_slot *m = oracle_slot_at(o, o->pc_now);
    bool key_in_memory = o->r[9] != 0;
    struct sealing w = {.unwrap = unwrap,
                        .ad = words_between(o, o->r[10], o->r[11]),
                        .body = words_between(o, o->r[12], o->r[13])};
    struct oracle_sponge s;
    uint8_t key[16] = {0};
    if (!unwrap && o->r[12] > o->r[13] && o->config.max_words)
        o->undetermined = "wrap of a body that ends before it starts (5.2)";
    if (!key_in_memory && !m) {
        refuse(o, 3);
        return;
    }
    crypto_begin(o, false, key_in_memory ? 0 : 1);
    w.end = o->cycle + seal_cost(o, &w, key_in_memory);
    if (key_in_memory)
        read_key(o, key);
    else
        memcpy(key, m->key, sizeof key);
    oracle_sponge_start(&s, o->config.security);
    oracle_sponge_key(&s, key);
    uint16_t result = w.ad && w.body ? even_shape(o, &s, &w, key_in_memory) : odd_shape(o, &s, &w);
    if (unwrap && result && !o->aborted)
        o->count[ORACLE_ACCEPTED]++;
    o->last_word_known = false;
    crypto_end(o, w.end, result);
}

static void wrap(struct oracle *o)
{
    seal(o, false);
}

static void unwrap(struct oracle *o)
{
    seal(o, true);
}

/* --- the small ones --- */

static void get_id(struct oracle *o)
{
    answer(o, 3, oracle_module_at(o, o->r[15]));
}

static void get_caller(struct oracle *o)
{
    oracle_until(o, o->cycle + 3);
    finish(o, o->id_previous);
}

static void set_guard(struct oracle *o)
{
    uint16_t guard = o->r[15];
    oracle_until(o, o->cycle + 2);
    o->stack_guard = o->r[1] ? guard : 0; /* from the hardware description */
}

void oracle_sancus(struct oracle *o, unsigned which)
{
    static void (*const instruction[10])(struct oracle *) = {
        disable, enable, verify_address, verify_previous, wrap,
        unwrap,  get_id, get_caller,     set_guard,       oracle_clix};
    o->count[ORACLE_SANCUS + which]++;
    instruction[which](o);
}
