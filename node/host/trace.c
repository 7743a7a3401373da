/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include "node/host/daemon.h"

#define KEY_LEN  16
#define HASH_LEN 8

static void put_hex(FILE *f, const uint8_t *bytes, unsigned len)
{
    static const char digits[] = "0123456789abcdef";
    for (; len--; bytes++) {
        putc_unlocked(digits[*bytes >> 4], f);
        putc_unlocked(digits[*bytes & 15], f);
    }
}

static const char *name_of(const struct semo_daemon *d, unsigned node)
{
    if (node == SEMO_ROUTE_AWAY)
        return "elsewhere";
    return node < d->world.count ? d->world.nodes[node].config->name : "client";
}

void semo_trace_frame(const struct semo_daemon *d, const struct semo_item *item)
{
    if (!d->trace)
        return;
    fprintf(d->trace, "%" PRIu64 " frame %s %s ", item->time, name_of(d, item->from),
            name_of(d, item->to));
    put_hex(d->trace, item->packet->bytes, item->packet->len);
    putc('\n', d->trace);
}

void semo_trace_pin(const struct semo_daemon *d, const struct semo_item *item)
{
    if (d->trace)
        fprintf(d->trace, "%" PRIu64 " pin %s relay %d\n", item->time, name_of(d, item->from),
                item->closed);
}

void semo_trace_show(const struct semo_daemon *d, const struct semo_item *item)
{
    const uint8_t *face = item->packet->bytes;
    if (!d->trace)
        return;
    fprintf(d->trace, "%" PRIu64 " show %s %02x ", item->time, name_of(d, item->from), face[0]);
    fprintf(d->trace, "%.*s|%.*s\n", SEMO_PANEL_COLUMNS, face + 1, SEMO_PANEL_COLUMNS,
            face + 1 + SEMO_PANEL_COLUMNS);
}

/* Enough of a hash to see that two keys differ, and nothing of the key. */
void semo_trace_seal(const struct semo_daemon *d, uint64_t time, const char *node, unsigned module,
                     const uint8_t *key, const uint8_t *ad, unsigned ad_len)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    if (!d->seal_log)
        return;
    if (EVP_Digest(key, KEY_LEN, hash, NULL, EVP_sha256(), NULL) != 1)
        abort();
    fprintf(d->seal_log, "%" PRIu64 " %s %u ", time, node, module);
    put_hex(d->seal_log, hash, HASH_LEN);
    putc(' ', d->seal_log);
    put_hex(d->seal_log, ad, ad_len);
    putc('\n', d->seal_log);
}
