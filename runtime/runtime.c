/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch, keys, attestation, events (lib/wire/wire.h, design section 5). */
#include <stddef.h>
#include "runtime/runtime.h"

/* Shapes of lib/wire/wire.h as offsets in the payload. */
enum {
    KEY_EPOCH = 8,
    KEY_CONNECTION = 16,
    KEY_IO = 18,
    KEY_KIND = 19,
    KEY_SERIAL = 20,
    KEY_RANDOM = 24
};
enum { KEY_CIPHER = SEMO_SET_KEY_HEAD_LEN, KEY_TAG = KEY_CIPHER + SEMO_KEY_LEN };
enum { EPOCH_LEN = 8, SERIAL_LEN = 4 };

struct semo_answer semo_answer;

static bool fresh;                           /* epoch is drawn and not 0 */
static _Alignas(2) uint8_t epoch[EPOCH_LEN]; /* of this run of the module */
static uint8_t node[SEMO_NODE_HASH_LEN];     /* that the last attestation named */
static uint8_t serial[SERIAL_LEN];           /* of the last key accepted, little endian */

/* Bits of a set-key's kind that this module was built for. */
#define KINDS                                                                                      \
    (SEMO_KIND(1, SEMO_POLICIES ? 3 : 0, SEMO_HAS_AES) |                                           \
     (SEMO_POLICIES > 1 ? SEMO_KIND_EXPIRES : 0))

/* Apart from the event path, whose frame and cycles they would share. */
#define RARE __attribute__((noinline))

void *memcpy(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);

static uint8_t *payload(unsigned offset)
{
    return semo_frame_prefix + 2 + offset;
}

/* Every target is little endian, like the wire; at an even address. */
#define WORD(at) (*(uint16_t __attribute__((may_alias)) *)(void *)(at))

static enum semo_status answer(const uint8_t *at, unsigned len)
{
    semo_answer.at = at;
    semo_answer.len = len;
    return SEMO_OK;
}

/* Neither compares secrets: constant time is not needed. */
static RARE bool same(const uint8_t *a, const uint8_t *b, unsigned len)
{
    while (len--)
        if (a[len] != b[len])
            return false;
    return true;
}

static RARE bool serial_is_newer(const uint8_t *s)
{
    unsigned i = SERIAL_LEN;
    while (i--)
        if (s[i] != serial[i])
            return s[i] > serial[i];
    return false;
}

static RARE void draw_epoch(void)
{
    static const uint8_t none[EPOCH_LEN];
    semo_epoch_draw(epoch);
    fresh = !same(epoch, none, EPOCH_LEN);
}

RARE struct semo_channel *semo_find(uint16_t connection, unsigned direction)
{
    struct semo_channel *c;
    for (c = semo_connections; c < semo_connections_end; c++)
        if (c->connection == connection && (c->kind & 1) == direction)
            return c;
    return NULL;
}

static RARE void put_connections(uint8_t *at)
{
    uint16_t count = 0;
    const struct semo_channel *c;
    for (c = semo_connections; c < semo_connections_end; c++)
        count += c->connection != 0;
    WORD(at) = count;
}

/* MAC under the module's key over `len` bytes from `message` on, whose first two become the domain;
 * the tag follows the message. */
static enum semo_status authenticate(uint8_t *message, unsigned len, uint8_t domain)
{
    message[0] = domain;
    message[1] = 0;
    return semo_crypto_mac(NULL, message, len, message + len);
}

static RARE enum semo_status attest(unsigned len, unsigned room)
{
    uint8_t *facts = payload(SEMO_ATTEST_LEN);
    enum semo_status status;
    if (len != SEMO_ATTEST_LEN)
        return SEMO_MALFORMED;
    if (room < SEMO_ATTEST_ANSWER_LEN)
        return SEMO_LENGTH;
    memcpy(node, payload(0), SEMO_NODE_HASH_LEN);
    memcpy(facts, epoch, EPOCH_LEN);
    memcpy(facts + EPOCH_LEN, serial, SERIAL_LEN);
    put_connections(facts + EPOCH_LEN + SERIAL_LEN);
    status = authenticate(semo_frame_prefix, SEMO_ATTEST_AD_LEN, SEMO_DOMAIN_ATTEST);
    return status != SEMO_OK ? status : answer(facts, SEMO_ATTEST_ANSWER_LEN);
}

/* Set-key and disable: authentic, for this run of this module here, and not said before. */
static RARE enum semo_status authorise(uint8_t domain, unsigned len, unsigned room)
{
    enum semo_status status;
    if (len != SEMO_SET_KEY_LEN)
        return SEMO_MALFORMED;
    if (room < SEMO_SET_KEY_ANSWER_LEN)
        return SEMO_LENGTH;
    semo_frame_prefix[0] = domain;
    semo_frame_prefix[1] = 0;
    status =
        semo_crypto_unwrap(NULL, semo_frame_prefix, 2 + SEMO_SET_KEY_HEAD_LEN, payload(KEY_CIPHER),
                           SEMO_KEY_LEN, payload(KEY_TAG), payload(KEY_CIPHER));
    if (status != SEMO_OK)
        return status;
    if (!same(payload(0), node, SEMO_NODE_HASH_LEN))
        return SEMO_UNKNOWN;
    return same(payload(KEY_EPOCH), epoch, EPOCH_LEN) && serial_is_newer(payload(KEY_SERIAL))
               ? SEMO_OK
               : SEMO_STALE;
}

/* The slot that a set-key means: the connection's own, which is keyed anew, or a free one. */
static RARE enum semo_status choose_slot(struct semo_channel **slot)
{
    uint16_t connection = WORD(payload(KEY_CONNECTION));
    uint8_t io = *payload(KEY_IO), kind = *payload(KEY_KIND), direction = kind & 1;
    bool output = (direction == SEMO_SENDER) != (connection >= SEMO_BACK);
    if ((connection & ~SEMO_BACK) == 0 || kind >= 2 * SEMO_KIND_EXPIRES)
        return SEMO_MALFORMED;
    if (kind & ~KINDS || (!SEMO_POLICIES && connection >= SEMO_BACK))
        return SEMO_UNSUPPORTED;
    if (output ? semo_outputs + io >= semo_outputs_end : semo_inputs + io >= semo_inputs_end)
        return SEMO_UNKNOWN;
    *slot = semo_find(connection, direction);
    if (*slot)
        return (*slot)->io == io && (*slot)->kind == kind ? SEMO_OK : SEMO_MALFORMED;
    *slot = semo_find(0, 0);
    return *slot ? SEMO_OK : SEMO_FULL;
}

static RARE void fill_slot(struct semo_channel *c)
{
    memset(c, 0, sizeof *c);
    c->connection = WORD(payload(KEY_CONNECTION));
    c->io = *payload(KEY_IO);
    c->kind = *payload(KEY_KIND);
    memcpy(c->key, payload(KEY_CIPHER), SEMO_KEY_LEN);
}

/* domain | 0 | random | serial | connections | tag, built around the random value where it lies. */
static RARE enum semo_status confirm(uint8_t domain)
{
    uint8_t *message = payload(KEY_RANDOM - 2), *connections = payload(KEY_CIPHER + SERIAL_LEN);
    enum semo_status status;
    memcpy(serial, payload(KEY_SERIAL), SERIAL_LEN);
    memcpy(payload(KEY_CIPHER), serial, SERIAL_LEN);
    put_connections(connections);
    status = authenticate(message, (unsigned)(connections + 2 - message), domain);
    return status != SEMO_OK ? status : answer(connections, SEMO_SET_KEY_ANSWER_LEN);
}

static RARE enum semo_status set_key(unsigned len, unsigned room)
{
    struct semo_channel *slot;
    enum semo_status status = authorise(SEMO_DOMAIN_SET_KEY, len, room);
    if (status == SEMO_OK)
        status = choose_slot(&slot);
    if (status != SEMO_OK)
        return status;
    fill_slot(slot);
    if (SEMO_POLICIES)
        semo_reply_rekeyed(slot);
    return confirm(SEMO_DOMAIN_SET_KEY_DONE);
}

static RARE enum semo_status disable(unsigned len, unsigned room)
{
    enum semo_status status = authorise(SEMO_DOMAIN_DISABLE, len, room);
    if (status == SEMO_OK)
        status = confirm(SEMO_DOMAIN_DISABLE_DONE);
    semo_answer.ends = status == SEMO_OK;
    return status;
}

static enum semo_status handle_input(unsigned len)
{
    uint8_t *sealed = payload(2), *body = payload(2 + SEMO_EVENT_AD_LEN);
    uint16_t connection = WORD(payload(0));
    const struct semo_input_record *input;
    struct semo_channel *c;
    enum semo_status status;
    unsigned body_len;
    if (len < 2)
        return SEMO_MALFORMED;
    c = connection ? semo_find(connection, SEMO_RECEIVER) : NULL;
    if (!c)
        return fresh ? SEMO_UNKNOWN : SEMO_UNFRESH;
    if (SEMO_POLICIES && (c->kind & ~SEMO_KIND(1, 0, 1) || connection >= SEMO_BACK))
        return semo_reply_input(c, sealed, len - 2, body);
    input = &semo_inputs[c->io];
    status = semo_channel_open(c, sealed, len - 2, body, input->max, &body_len);
    if (status == SEMO_OK)
        input->call.handle(body, body_len);
    return status;
}

static enum semo_status take(unsigned room)
{
    unsigned len;
    const uint8_t *frame = semo_queue_take(room, &len);
    if (!frame)
        return len ? SEMO_LENGTH : SEMO_EMPTY;
    return answer(frame, len);
}

/* Strangers call these: what earlier calls left in the frame is not for them. */
static RARE enum semo_status call_user(unsigned number, unsigned len, unsigned room)
{
    const struct semo_entry_record *e = semo_entries + number;
    unsigned n;
    if (number > UINT8_MAX || e >= semo_entries_end)
        return SEMO_UNKNOWN;
    if (e->max >= SEMO_SAMPLE_OF(0)) {
        e->call.sample();
        return SEMO_OK;
    }
    if (len > e->max)
        return SEMO_LENGTH;
    memset(payload(len), 0, e->max - len);
    n = e->call.entry(payload(0), len);
    if (n > e->max || n > room)
        return SEMO_LENGTH;
    return answer(payload(0), n);
}

enum semo_status semo_runtime_call(unsigned entry, unsigned len, unsigned room)
{
    semo_answer.len = semo_answer.ends = 0;
    if (!fresh)
        draw_epoch();
    if (entry == SEMO_ENTRY_TAKE)
        return take(room);
    if (entry == SEMO_ENTRY_INPUT)
        return handle_input(len);
    if (entry >= SEMO_ENTRY_USER)
        return call_user(entry - SEMO_ENTRY_USER, len, room);
    if (SEMO_POLICIES && entry == SEMO_ENTRY_TICK) {
        semo_reply_tick();
        return SEMO_OK;
    }
    if (entry > SEMO_ENTRY_DISABLE)
        return SEMO_UNKNOWN;
    if (!fresh)
        return SEMO_UNFRESH;
    if (entry == SEMO_ENTRY_ATTEST)
        return attest(len, room);
    return entry == SEMO_ENTRY_SET_KEY ? set_key(len, room) : disable(len, room);
}

enum semo_status semo_send(struct semo_channel *c, unsigned flags, const void *data, unsigned len,
                           uint8_t **frame)
{
    uint8_t *at = semo_queue_reserve(2 + SEMO_SEALED_LEN(len));
    enum semo_status status;
    if (!at)
        return SEMO_FULL;
    WORD(at) = c->connection;
    if (frame)
        *frame = at;
    status = semo_channel_seal(c, flags, data, len, at + 2);
    if (status == SEMO_OK)
        semo_queue_commit();
    return status;
}

enum semo_status semo_output(const struct semo_output_record *output, const void *data,
                             unsigned len)
{
    uint8_t io = (uint8_t)(output - semo_outputs);
    enum semo_status result = SEMO_OK, status;
    struct semo_channel *c;
    if (len > output->max)
        return SEMO_LENGTH;
    for (c = semo_connections; c < semo_connections_end; c++) {
        if (c->connection == 0 || c->io != io || (c->kind & 1) != SEMO_SENDER ||
            c->connection >= SEMO_BACK)
            continue;
        if (SEMO_POLICIES && c->kind & ~SEMO_KIND(1, SEMO_STRICT, 1))
            status = semo_reply_output(c, data, len);
        else
            status = semo_send(c, 0, data, len, NULL);
        if (status != SEMO_OK)
            result = status;
    }
    return result;
}
