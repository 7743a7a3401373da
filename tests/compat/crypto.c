/* SPDX-License-Identifier: Apache-2.0 */
/* A module seals with its own key; main, who has the key, and the module open. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

DECLARE_SM(vault, 0x1234);

static uint16_t cipher[4], tag[SANCUS_TAG_SIZE / 2], text[4], mac[SANCUS_TAG_SIZE / 2];
static uint16_t nonce = 0xABCD;

int SM_ENTRY(vault) vault_seal(void)
{
    uint16_t secret[4] = {1, 2, 3, 4};
    return sancus_wrap(&nonce, sizeof nonce, secret, sizeof secret, cipher, tag);
}

int SM_ENTRY(vault) vault_open(void)
{
    return sancus_unwrap(&nonce, sizeof nonce, cipher, sizeof cipher, tag, text);
}

int SM_ENTRY(vault) vault_tag(void *to)
{
    if (!sancus_is_outside_sm(vault, to, SANCUS_TAG_SIZE))
        return -1;
    return sancus_tag("challenge!", 10, to);
}

int SM_ENTRY(vault) vault_untag(void)
{
    return sancus_untag("challenge!", 10, mac) + 2 * sancus_untag("challenge?", 10, mac);
}

int main()
{
    static const uint16_t key[SANCUS_KEY_SIZE / 2] = {0x0102, 0x0304, 0x0506, 0x0708};
    msp430_io_init();
    printf("not enabled: %d\n", vault_seal());
    sancus_enable(&vault);
    printf("sealed %d opened %d\n", vault_seal(), vault_open());
    printf("text %u %u %u %u\n", text[0], text[1], text[2], text[3]);
    cipher[0] ^= 1;
    printf("changed: %d\n", vault_open());
    printf("inside: %d, tag: %d, untag: %d\n", vault_tag(vault.secret_start), vault_tag(mac),
           vault_untag());
    for (unsigned i = 0; i < 4; i++)
        text[i] = i + 1;
    printf("with key %d", sancus_wrap_with_key(key, &nonce, 2, text, 8, cipher, tag));
    puts("");
    dump_buf((char *)cipher, sizeof cipher, "cipher");
    dump_buf((char *)tag, sizeof tag, "tag");
    memset(text, 0, sizeof text);
    printf("opened %d\n", sancus_unwrap_with_key(key, &nonce, 2, cipher, 8, tag, text));
    printf("mac with key %d", sancus_tag_with_key(key, text, 8, tag));
    printf(" %d", sancus_untag_with_key(key, text, 8, tag));
    text[1]++;
    printf(" %d\n", sancus_untag_with_key(key, text, 8, tag));
    return 0;
}
