/* SPDX-License-Identifier: Apache-2.0 */
/* Attest and set-key, as lib/wire/wire.h lays them out. */
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include "deploy/deploy.h"
#include "host/random.h"
#include "lib/bytes/cursor.h"
#include "lib/crypto/aead.h"

#define RANDOM_LEN       16
#define SET_KEY_DONE_LEN (2 + RANDOM_LEN + 4 + 2)

void semo_node_hash(const char *name, uint8_t hash[SEMO_NODE_HASH_LEN])
{
    uint8_t digest[32];
    if (EVP_Digest(name, strlen(name), digest, NULL, EVP_sha256(), NULL) != 1)
        abort();
    memcpy(hash, digest, SEMO_NODE_HASH_LEN);
}

static bool tag_matches(const uint8_t *key, const uint8_t *message, unsigned len,
                        const uint8_t *tag)
{
    uint8_t expected[SEMO_TAG_LEN];
    return semo_crypto_mac(key, message, len, expected) == SEMO_OK &&
           semo_bytes_equal(expected, tag, SEMO_TAG_LEN);
}

enum semo_status semo_attest_module(struct semo_link *l, unsigned node, const char *node_name,
                                    const char *who, struct semo_state_module *m,
                                    struct semo_error *e)
{
    uint8_t message[SEMO_ATTEST_AD_LEN] = {SEMO_DOMAIN_ATTEST, 0}, *request = message + 2;
    unsigned len;
    semo_node_hash(node_name, request);
    semo_random_fill(request + SEMO_NODE_HASH_LEN, SEMO_CHALLENGE_LEN);
    enum semo_status status =
        semo_link_call(l, node, who, m->id, SEMO_ENTRY_ATTEST, request, SEMO_ATTEST_LEN, &len, e);
    if (status != SEMO_OK)
        return status;
    const uint8_t *answer = l->answer + 1;
    if (len == SEMO_ATTEST_ANSWER_LEN)
        memcpy(request + SEMO_ATTEST_LEN, answer, 14);
    if (len != SEMO_ATTEST_ANSWER_LEN || !tag_matches(m->key, message, sizeof message, answer + 14))
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, who, 0, 0,
                              "attestation failed: what runs on %s is not this module; it gets no "
                              "key, load it again with semo up",
                              node_name);
    struct semo_cursor c = semo_cursor_from(answer, len);
    m->epoch = semo_cursor_u64(&c);
    m->serial = semo_cursor_u32(&c);
    m->connections = semo_cursor_u16(&c);
    return SEMO_OK;
}

static enum semo_status check_done(const struct semo_state_module *m, const char *who,
                                   uint8_t domain, const uint8_t *random, const uint8_t *answer,
                                   unsigned len, struct semo_error *e)
{
    uint8_t done[SET_KEY_DONE_LEN];
    struct semo_cursor c = semo_cursor_over(done, sizeof done);
    semo_cursor_put_u8(&c, domain);
    semo_cursor_put_u8(&c, 0);
    semo_cursor_put(&c, random, RANDOM_LEN);
    semo_cursor_put_u32(&c, m->serial);
    if (len == SEMO_SET_KEY_ANSWER_LEN)
        semo_cursor_put(&c, answer, 2);
    if (len != SEMO_SET_KEY_ANSWER_LEN || !tag_matches(m->key, done, sizeof done, answer + 2))
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, who, 0, 0,
                              "%s: the answer is not the module's",
                              domain == SEMO_DOMAIN_SET_KEY_DONE ? "set-key" : "disable");
    return SEMO_OK;
}

/* An order under the module key; the domain of its answer is the next one. */
struct order {
    enum semo_domain domain;
    enum semo_entry entry;
    unsigned connection, io, kind;
};

static enum semo_status give_order(struct semo_link *l, unsigned node, const char *node_name,
                                   const char *who, struct semo_state_module *m,
                                   const struct order *o, const uint8_t *secret,
                                   struct semo_error *e)
{
    /* domain u8 | 0 u8 | the request: its head is the associated data's rest */
    uint8_t message[2 + SEMO_SET_KEY_LEN] = {(uint8_t)o->domain, 0}, random[RANDOM_LEN];
    uint8_t *request = message + 2, *cipher = request + SEMO_SET_KEY_HEAD_LEN;
    struct semo_cursor c = semo_cursor_over(request, SEMO_SET_KEY_HEAD_LEN);
    unsigned len;
    semo_random_fill(random, sizeof random);
    semo_node_hash(node_name, request);
    semo_cursor_put(&c, request, SEMO_NODE_HASH_LEN);
    semo_cursor_put_u64(&c, m->epoch);
    semo_cursor_put_u16(&c, (uint16_t)o->connection);
    semo_cursor_put_u8(&c, (uint8_t)o->io);
    semo_cursor_put_u8(&c, (uint8_t)o->kind);
    semo_cursor_put_u32(&c, ++m->serial); /* used up even when it never arrives */
    semo_cursor_put(&c, random, sizeof random);
    semo_link_log_seal(l, m->key, message, 2 + SEMO_SET_KEY_HEAD_LEN);
    if (c.bad || c.left != 0 ||
        semo_crypto_wrap(m->key, message, 2 + SEMO_SET_KEY_HEAD_LEN, secret, SEMO_KEY_LEN, cipher,
                         cipher + SEMO_KEY_LEN) != SEMO_OK)
        abort();
    enum semo_status status =
        semo_link_call(l, node, who, m->id, o->entry, request, SEMO_SET_KEY_LEN, &len, e);
    if (status == SEMO_OK)
        status = check_done(m, who, (uint8_t)(o->domain + 1), random, l->answer + 1, len, e);
    if (status == SEMO_OK)
        m->connections = (unsigned)(l->answer[1] | l->answer[2] << 8);
    return status;
}

enum semo_status semo_set_key(struct semo_link *l, unsigned node, const char *node_name,
                              const char *who, struct semo_state_module *m, unsigned connection,
                              unsigned io, unsigned kind, const uint8_t *key, struct semo_error *e)
{
    const struct order o = {SEMO_DOMAIN_SET_KEY, SEMO_ENTRY_SET_KEY, connection, io, kind};
    return give_order(l, node, node_name, who, m, &o, key, e);
}

enum semo_status semo_disable_module(struct semo_link *l, unsigned node, const char *node_name,
                                     const char *who, struct semo_state_module *m,
                                     struct semo_error *e)
{
    static const uint8_t nothing[SEMO_KEY_LEN];
    const struct order o = {SEMO_DOMAIN_DISABLE, SEMO_ENTRY_DISABLE, 0, 0, 0};
    return give_order(l, node, node_name, who, m, &o, nothing, e);
}
