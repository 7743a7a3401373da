/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/drbg.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include "host/random.h"
#include "lib/bytes/cursor.h"

static void next_block(struct semo_drbg *d)
{
    static const char domain[16] = "semo chip drbg";
    uint8_t input[sizeof domain + 16 + sizeof d->name];
    struct semo_cursor w = semo_cursor_over(input, sizeof input);
    semo_cursor_put(&w, domain, sizeof domain);
    semo_cursor_put_u64(&w, d->seed);
    semo_cursor_put_u64(&w, d->counter++);
    semo_cursor_put(&w, d->name, sizeof d->name);
    if (EVP_Digest(input, sizeof input, d->block, NULL, EVP_sha256(), NULL) != 1)
        abort();
    d->left = sizeof d->block;
}

void semo_drbg_fill(struct semo_drbg *d, void *out, unsigned len)
{
    uint8_t *to = out;
    if (!d->seeded) {
        semo_random_fill_unseeded(out, len);
        return;
    }
    while (len--) {
        if (!d->left)
            next_block(d);
        *to++ = d->block[sizeof d->block - d->left--];
    }
}
