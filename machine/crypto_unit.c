/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/crypto_unit.h"
#include <string.h>

enum { FRAME = 0x10000, PAD = 0x20000, EMPTY_BODY = 2, BLANK = 1 };

static uint32_t word_of(uint16_t word, bool frame)
{
    return PAD | (frame ? FRAME : 0) | word;
}

static struct semo_sponge absorb_key(struct semo_crypto_unit *u, unsigned security,
                                     const uint8_t *key)
{
    for (unsigned i = 0; i < SEMO_KEYED_CACHE; i++)
        if (u->keyed[i].valid && !memcmp(u->keyed[i].key, key, security / 8))
            return u->keyed[i].sponge;
    struct semo_aead a;
    semo_aead_key(&a, security, key);
    unsigned i = u->victim++ % SEMO_KEYED_CACHE;
    memcpy(u->keyed[i].key, key, security / 8);
    u->keyed[i].sponge = a.keyed;
    u->keyed[i].valid = true;
    return a.keyed;
}

/* Without associated data the body is taken for it: absorbed, never written. */
static void feed_body(struct semo_sponge *s, struct semo_crypto_job *job)
{
    bool regular = job->ad_count;
    for (unsigned i = 0; i < job->body_count; i++) {
        bool last = i + 1 == job->body_count;
        uint16_t word = job->read(job->context, i);
        job->last = word;
        if (!regular) {
            semo_sponge_duplex(s, word_of(word, last));
            continue;
        }
        uint16_t other = word ^ semo_sponge_output(s);
        job->write(job->context, i, other);
        semo_sponge_duplex(s, word_of(job->unwrap ? other : word, !last));
    }
}

static void squeeze(struct semo_sponge *s, struct semo_crypto_job *job, bool regular)
{
    for (unsigned i = 0; i < job->security / 16; i++) {
        uint16_t out = semo_sponge_output(s);
        job->tag[i] = regular ? out : out ^ job->last;
        semo_sponge_duplex(s,
                           regular ? BLANK : word_of(job->unwrap ? job->tag[i] : job->last, true));
    }
}

bool semo_crypto_run(struct semo_crypto_unit *u, struct semo_crypto_job *job)
{
    if (!job->mac && !job->ad_count && !job->body_count)
        return false;
    struct semo_sponge s = absorb_key(u, job->security, job->key);
    for (unsigned i = 0; i < job->ad_count; i++)
        semo_sponge_duplex(&s, word_of(job->ad[i], i + 1 == job->ad_count));
    if (job->ad_count)
        job->last = job->ad[job->ad_count - 1];
    bool regular = job->ad_count && (job->body_count || job->mac);
    if (job->mac)
        semo_sponge_duplex(&s, job->ad_count ? EMPTY_BODY : EMPTY_BODY | BLANK);
    feed_body(&s, job);
    squeeze(&s, job, regular);
    return true;
}

void semo_crypto_unit_mac(struct semo_crypto_unit *u, unsigned security, const uint8_t *key,
                          const uint16_t *message, unsigned count, uint8_t *tag)
{
    struct semo_crypto_job job = {
        .security = security, .mac = true, .key = key, .ad = message, .ad_count = count};
    semo_crypto_run(u, &job);
    for (unsigned i = 0; i < security / 16; i++) {
        tag[2 * i] = (uint8_t)job.tag[i];
        tag[2 * i + 1] = (uint8_t)(job.tag[i] >> 8);
    }
}
