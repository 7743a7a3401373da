/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of a monitor's sockets that believe nobody: requests of a module to its crypto unit,
 * and the event manager of a Linux node, with tables that the one before it may have filled with
 * anything, and modules and a network that say anything. Input: which u8 | the rest. */
#include <sys/mman.h>
#include "monitor/core/service.h"
#include "node/host/em.h"
#include "tests/fuzz/fuzz.h"

static struct semo_em_table table;
struct semo_em_table *semo_em_table = &table;
bool semo_em_weak, semo_em_landlock;
static struct semo_cursor world; /* what modules and the monitor answer */

/* ---- crypto ---- */

static void watch(void *context, const uint8_t *key, const uint8_t *ad, unsigned ad_len)
{
    unsigned *sealed = context;
    FUZZ_MUST(key[0] + ad[0] + ad[ad_len - 1] >= 0);
    *sealed += ad_len;
}

static void ask_crypto(struct semo_cursor *in)
{
    static const uint8_t node_key[SEMO_KEY_LEN] = {1};
    static const uint8_t image[2] = {1, 2};
    static bool ready;
    struct semo_identity identity;
    FUZZ_MUST(ready = ready || semo_service_init());
    unsigned sealed = 0, len;
    semo_identity_derive(node_key, 1, image, sizeof image, &identity);
    uint8_t *message = fuzz_take(in, SEMO_MONITOR_MESSAGE_MAX, &len);
    message = realloc(message, len + SEMO_TAG_LEN);
    struct semo_cursor c = semo_cursor_over(message, len);
    enum semo_status status = semo_service_crypto(&identity, &c, watch, &sealed);
    FUZZ_MUST(status == SEMO_MALFORMED ||
              (status == SEMO_OK && c.left > 0 && c.at + c.left <= message + len + SEMO_TAG_LEN));
    FUZZ_MUST(sealed <= len);
    free(message);
}

/* ---- what the event manager has around it ---- */

void semo_link_send(const uint8_t *frame, unsigned len)
{
    FUZZ_MUST(len && len <= SEMO_FRAME_MAX);
    for (unsigned i = 0; i < len; i++)
        FUZZ_MUST(frame[i] <= 0xFF);
}

/* Calls that were sent, until their results are asked for. */
static unsigned under_way;

void semo_gate_call(const uint8_t *message, unsigned len)
{
    FUZZ_MUST(len >= 2 && len < SEMO_MONITOR_MESSAGE_MAX);
    for (unsigned i = 0; i < len; i++)
        FUZZ_MUST(message[i] <= 0xFF);
    FUZZ_MUST(++under_way <= SEMO_EM_CALLS_AHEAD);
}

/* Of any length and content, but small statuses and true lengths are more frequent. */
unsigned semo_gate_result(uint8_t *result, unsigned room)
{
    FUZZ_MUST(under_way-- > 0);
    unsigned len = semo_cursor_u8(&world);
    if (len == 0xFF)
        len = semo_cursor_u16(&world) % room;
    result[0] = semo_cursor_u8(&world) % 16;
    if (world.bad || len > world.left)
        len = world.left;
    const uint8_t *bytes = semo_cursor_take(&world, len);
    if (bytes)
        memcpy(result + 1, bytes, len);
    return bytes ? 1 + len : 1;
}

enum semo_status semo_module_enable(uint16_t vendor, int file, const struct semo_cursor *seal,
                                    uint16_t *module)
{
    (void)vendor;
    FUZZ_MUST(file >= 0);
    *module = semo_cursor_u16(&world);
    return *module ? SEMO_OK : SEMO_FULL;
}

static void give(const uint8_t *bytes, unsigned len)
{
    uint8_t *frame = malloc(SEMO_FRAME_MAX + 1);
    memcpy(frame, bytes, len);
    semo_em_frame(frame, len);
    free(frame);
}

/* A program that was begun is ended, so that the next input finds none. */
static void forget_program(void)
{
    uint8_t enable[21] = {SEMO_FRAME_ENABLE, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    memset(&table, 0, sizeof table);
    world = semo_cursor_from("\0", 2);
    semo_em_frame(enable, sizeof enable);
    semo_em_turn();
}

/* Two lengths, the tables, frames each with its length u8; what is left answers. */
static void manage(struct semo_cursor *in)
{
    unsigned frames = semo_cursor_u8(in) % 8;
    memset(&table, 0, sizeof table);
    for (unsigned i = semo_cursor_u8(in) % 64; i; i--) {
        unsigned at = semo_cursor_u16(in) % sizeof table;
        ((uint8_t *)&table)[at] = semo_cursor_u8(in);
    }
    const uint8_t *frame[8] = {NULL};
    unsigned len[8] = {0};
    for (unsigned i = 0; i < frames; i++) {
        len[i] = semo_cursor_u8(in) * 5u;
        len[i] = len[i] < in->left ? len[i] : in->left;
        frame[i] = semo_cursor_take(in, len[i]);
    }
    world = *in;
    semo_em_start();
    for (unsigned i = 0; i < frames; i++)
        if (frame[i])
            give(frame[i], len[i] <= SEMO_FRAME_MAX ? len[i] : SEMO_FRAME_MAX);
    semo_em_turn();
    forget_program();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct semo_cursor in = semo_cursor_from(input, (unsigned)len);
    if (semo_cursor_u8(&in) & 1)
        ask_crypto(&in);
    else
        manage(&in);
    return 0;
}
