/* SPDX-License-Identifier: Apache-2.0 */
/* The connections that carriers brought, each with its TLS engine. Nothing waits: a call takes what
 * it can and gives what there is. */
#include <stddef.h>
#include "runtime/https/https.h"

enum {
    HEAD_MAX = 160,      /* of an answer */
    OUT_LEN = 2048 + 85, /* one record that holds a page */
    SEED_LEN = 32
};

struct session {
    br_ssl_server_context tls;
    uint32_t number; /* of the connection, from 1; 0: free */
    uint32_t used;   /* turn of the last call */
    struct semo_request request;
    const char *path; /* of a whole request that is to be answered */
    bool answered, closing;
    uint8_t in[BR_SSL_BUFSIZE_INPUT], out[OUT_LEN];
};

static struct session sessions[SEMO_HTTPS_CONNECTIONS],
    *const sessions_end = sessions + SEMO_HTTPS_CONNECTIONS, *asked;
static uint32_t last_number, turn;

/* ---- the table ---- */

static struct session *find(uint32_t number)
{
    struct session *s = sessions;
    while (s < sessions_end && s->number != number)
        s++;
    return s < sessions_end ? s : NULL;
}

/* A free one, or the one that was quiet for longest. */
static struct session *choose(void)
{
    struct session *oldest = sessions;
    for (struct session *s = sessions; s < sessions_end; s++)
        if (s->number == 0)
            return s;
        else if (turn - s->used > turn - oldest->used)
            oldest = s;
    return oldest;
}

static void prepare(br_ssl_server_context *tls, struct semo_identity *i)
{
    static const uint16_t suites[] = {BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                                      BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
    br_ssl_engine_context *e = &tls->eng;
    br_ssl_server_zero(tls);
    br_ssl_engine_set_versions(e, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_suites(e, suites, sizeof suites / sizeof *suites);
    br_ssl_engine_add_flags(e, BR_OPT_NO_RENEGOTIATION);
    br_ssl_engine_set_ec(e, i->curve);
    br_ssl_engine_set_hash(e, br_sha256_ID, &br_sha256_vtable);
    br_ssl_engine_set_prf_sha256(e, &br_tls12_sha256_prf);
    br_ssl_engine_set_default_chapol(e);
    br_ssl_engine_set_default_aes_gcm(e);
    br_ssl_server_set_single_ec(tls, &i->certificate, 1, &i->key, BR_KEYTYPE_SIGN, 0, i->curve,
                                br_ecdsa_i31_sign_asn1);
}

static struct session *begin(void)
{
    struct semo_identity *i = semo_identity_get();
    struct session *s = choose();
    uint8_t seed[SEED_LEN];
    memset(s, 0, offsetof(struct session, in));
    prepare(&s->tls, i);
    br_ssl_engine_set_buffers_bidi(&s->tls.eng, s->in, sizeof s->in, s->out, sizeof s->out);
    br_hmac_drbg_generate(&i->random, seed, sizeof seed);
    br_ssl_engine_inject_entropy(&s->tls.eng, seed, sizeof seed);
    if (br_ssl_server_reset(&s->tls) && last_number < UINT32_MAX)
        s->number = ++last_number;
    return s->number ? s : NULL;
}

/* ---- answers ---- */

static void put_text(uint8_t *at, size_t *len, const char *text)
{
    for (; *text; text++)
        at[(*len)++] = (uint8_t)*text;
}

static void put_number(uint8_t *at, size_t *len, unsigned n)
{
    for (unsigned ten = 1000; ten > 0; ten /= 10)
        if (n >= ten || ten == 1)
            at[(*len)++] = (uint8_t)('0' + n / ten % 10);
}

static void respond(struct session *s, const char *status, const uint8_t *page, unsigned page_len)
{
    size_t room, len = 0;
    uint8_t *at = br_ssl_engine_sendapp_buf(&s->tls.eng, &room);
    s->path = NULL;
    s->answered = true;
    if (room < HEAD_MAX + page_len) /* a browser that asked for shorter records: it gets none */
        return;
    put_text(at, &len, "HTTP/1.1 ");
    put_text(at, &len, status);
    put_text(at, &len, "\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ");
    put_number(at, &len, page_len);
    put_text(at, &len, "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
    if (page_len)
        memcpy(at + len, page, page_len);
    br_ssl_engine_sendapp_ack(&s->tls.eng, len + page_len);
    br_ssl_engine_flush(&s->tls.eng, 0);
}

/* Before that, its handshake's last bytes are still to go. */
static bool may_be_answered(struct session *s)
{
    size_t room;
    return br_ssl_engine_sendapp_buf(&s->tls.eng, &room) != NULL;
}

static void judge(struct session *s)
{
    unsigned status;
    if (!s->request.whole || s->path || s->answered || !may_be_answered(s))
        return;
    status = semo_request_judge(&s->request, &s->path);
    if (status != 200)
        respond(s, status == 405 ? "405 Method Not Allowed" : "400 Bad Request", NULL, 0);
}

const char *semo_https_asked(void)
{
    asked = NULL;
    for (struct session *s = sessions; s < sessions_end; s++)
        if (s->number && s->path && (!asked || s->number < asked->number))
            asked = s;
    return asked ? asked->path : NULL;
}

void semo_https_answer(const uint8_t *page, unsigned len)
{
    if (!asked || len > SEMO_HTTPS_PAGE_MAX)
        __builtin_trap();
    respond(asked, len ? "200 OK" : "404 Not Found", page, len);
}

/* ---- bytes ---- */

static void hear(struct session *s)
{
    size_t len;
    const uint8_t *from;
    while ((from = br_ssl_engine_recvapp_buf(&s->tls.eng, &len)) != NULL) {
        semo_request_read(&s->request, from, len);
        br_ssl_engine_recvapp_ack(&s->tls.eng, len);
    }
}

/* How many of them were taken. */
static unsigned take(struct session *s, const uint8_t *bytes, unsigned len)
{
    size_t room;
    uint8_t *to;
    unsigned taken = 0;
    while (taken < len && (to = br_ssl_engine_recvrec_buf(&s->tls.eng, &room)) != NULL) {
        if (room > len - taken)
            room = len - taken;
        memcpy(to, bytes + taken, room);
        br_ssl_engine_recvrec_ack(&s->tls.eng, room);
        taken += (unsigned)room;
        hear(s);
    }
    return taken;
}

/* What waits to go, at most `room` bytes. */
static unsigned drain(struct session *s, uint8_t *at, unsigned room)
{
    size_t len;
    const uint8_t *from;
    unsigned given = 0;
    while (given < room && (from = br_ssl_engine_sendrec_buf(&s->tls.eng, &len)) != NULL) {
        if (len > room - given)
            len = room - given;
        memcpy(at + given, from, len);
        br_ssl_engine_sendrec_ack(&s->tls.eng, len);
        given += (unsigned)len;
    }
    return given;
}

/* The answer, and behind it the word that nothing follows. */
static unsigned give(struct session *s, uint8_t *at, unsigned room)
{
    unsigned given = drain(s, at, room);
    if (!s->answered || s->closing || given == room)
        return given;
    br_ssl_engine_close(&s->tls.eng);
    s->closing = true;
    return given + drain(s, at + given, room - given);
}

static enum semo_https_state state(struct session *s)
{
    unsigned engine = br_ssl_engine_current_state(&s->tls.eng);
    if (engine & BR_SSL_SENDREC)
        return SEMO_HTTPS_MORE;
    if (engine == BR_SSL_CLOSED || s->closing)
        return SEMO_HTTPS_CLOSED;
    return s->request.whole ? SEMO_HTTPS_LATER : SEMO_HTTPS_OPEN;
}

/* ---- calls of the carrier ---- */

static uint32_t get_u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put_head(uint8_t *at, uint32_t number, enum semo_https_state state, unsigned taken)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> 8 * i);
    at[4] = (uint8_t)state;
    at[5] = (uint8_t)taken;
    at[6] = (uint8_t)(taken >> 8);
}

unsigned semo_https_carry(uint8_t *data, unsigned len)
{
    const bool whole = len >= SEMO_HTTPS_CALL_HEAD;
    const uint32_t number = whole ? get_u32(data) : 0;
    struct session *s = !whole ? NULL : number ? find(number) : begin();
    unsigned taken = 0, given = 0;
    if (!s) {
        put_head(data, number, SEMO_HTTPS_CLOSED, 0);
        return SEMO_HTTPS_ANSWER_HEAD;
    }
    s->used = ++turn;
    taken = take(s, data + SEMO_HTTPS_CALL_HEAD, len - SEMO_HTTPS_CALL_HEAD);
    judge(s);
    given = give(s, data + SEMO_HTTPS_ANSWER_HEAD, SEMO_HTTPS_CALL_MAX - SEMO_HTTPS_ANSWER_HEAD);
    put_head(data, s->number, state(s), taken);
    if (data[4] == SEMO_HTTPS_CLOSED)
        s->number = 0;
    return SEMO_HTTPS_ANSWER_HEAD + given;
}
