/* SPDX-License-Identifier: Apache-2.0 */
/* Run under memcheck: what counts as a secret is marked undefined, so that a branch or an address
 * that depends on it is an error. Argument: a variant of the permutation, or `control`, which
 * branches on a secret to show that the check can fail. */
#include "lib/channel/channel.h"
#include "lib/crypto/aead.h"
#include "lib/kdf/kdf.h"

#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#define SECRET(x)  (void)VALGRIND_MAKE_MEM_UNDEFINED(&(x), sizeof(x))
#define PUBLISH(x) (void)VALGRIND_MAKE_MEM_DEFINED(&(x), sizeof(x))

static const unsigned securities[] = {64, 80, 112, 128};

static void wrap_and_unwrap(unsigned security)
{
    uint8_t key[16] = {1}, ad[10] = {2}, body[16] = {3}, out[16], tag[16] = {0};
    struct semo_aead a;
    SECRET(key);
    SECRET(ad);
    SECRET(body);
    semo_aead_key(&a, security, key);
    semo_aead_wrap(&a, ad, sizeof ad, body, sizeof body, out, tag);
    PUBLISH(out);
    PUBLISH(tag);
    /* its verdict is public: constant_time.supp allows that one branch */
    enum semo_status status = semo_aead_unwrap(&a, ad, sizeof ad, out, sizeof out, tag, body);
    PUBLISH(status);
    if (status != SEMO_OK)
        puts("unwrap failed");
    semo_aead_mac(&a, ad, sizeof ad, tag);
    semo_aead_forget(&a);
}

static void derive(unsigned security)
{
    const struct semo_layout layout = {1, 2, 3, 4};
    uint8_t node_key[16] = {1}, vendor_key[16], key[16], text[32] = {0};
    SECRET(node_key);
    semo_kdf_vendor(security, node_key, 7, vendor_key);
    semo_kdf_module(security, vendor_key, text, sizeof text, &layout, key);
}

static void seal(void)
{
    struct semo_channel c = {.connection = 1};
    _Alignas(2) uint8_t body[5] = {0}, sealed[SEMO_SEALED_LEN(5)];
    SECRET(c.key);
    SECRET(body);
    if (semo_channel_seal(&c, 0, body, sizeof body, sealed) != SEMO_OK)
        puts("seal failed");
}

static void compare(void)
{
    uint8_t a[16] = {0}, b[16] = {0};
    SECRET(a);
    int equal = semo_bytes_equal(a, b, sizeof a);
    PUBLISH(equal);
    if (!equal)
        puts("compare failed");
}

static int control(void)
{
    volatile uint8_t secret = 1;
    SECRET(secret);
    if (secret)
        puts("branched on a secret");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    if (strcmp(argv[1], "control") == 0)
        return control();
    if (!semo_sponge_force(argv[1]))
        return 3;
    for (unsigned i = 0; i < sizeof securities / sizeof *securities; i++) {
        wrap_and_unwrap(securities[i]);
        derive(securities[i]);
    }
    seal();
    compare();
    return 0;
}
