/* SPDX-License-Identifier: Apache-2.0 */
/* An offer as a line of text, which people copy. The last word is a check value: it recognises
 * what was copied wrong, and keeps nobody from anything. */
#include <stdio.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include "deploy/offer.h"
#include "host/file.h"

#define TITLE    "semo-offer"
#define KEYS_LEN (2 * SEMO_KEY_LEN)

static const char *const policies[] = {"newest", "strict", "acknowledged", "request"};

static void to_hex(const uint8_t *bytes, unsigned len, char *hex)
{
    for (unsigned i = 0; i < len; i++)
        sprintf(hex + (size_t)2 * i, "%02x", bytes[i]);
}

static void check_value(const char *text, size_t len, char value[SEMO_OFFER_CHECK_LEN + 1])
{
    uint8_t digest[32];
    if (EVP_Digest(text, len, digest, NULL, EVP_sha256(), NULL) != 1)
        abort();
    to_hex(digest, SEMO_OFFER_CHECK_LEN / 2, value);
}

char *semo_offer_kind(unsigned kind)
{
    return semo_format("%s %s%s", policies[SEMO_KIND_POLICY(kind)],
                       kind & SEMO_KIND_AES ? "aes" : "spongent",
                       kind & SEMO_KIND_EXPIRES ? " expires" : " lasts");
}

char *semo_offer_write(const struct semo_offer *o)
{
    char keys[2 * KEYS_LEN + 1], value[SEMO_OFFER_CHECK_LEN + 1];
    char *kind = semo_offer_kind(o->kind);
    to_hex(o->keys[0], KEYS_LEN, keys);
    char *text = semo_format(TITLE " %s %u %s %s %s", o->sends ? "sends" : "receives", o->number,
                             o->node, kind, keys);
    check_value(text, strlen(text), value);
    char *line = semo_format("%s %s", text, value);
    OPENSSL_cleanse(keys, sizeof keys);
    OPENSSL_cleanse(text, strlen(text));
    free(text);
    free(kind);
    return line;
}

/* ---- read ---- */

static bool choose(const char *word, const char *no, const char *yes, bool *chosen)
{
    *chosen = strcmp(word, yes) == 0;
    return *chosen || strcmp(word, no) == 0;
}

static bool read_keys(const char *hex, struct semo_offer *o)
{
    uint8_t *keys = o->keys[0];
    for (unsigned i = 0; i < KEYS_LEN; i++)
        if (sscanf(hex + (size_t)2 * i, "%2hhx", &keys[i]) != 1)
            return false;
    return strspn(hex, "0123456789abcdef") == (size_t)2 * KEYS_LEN;
}

static bool read_kind(const char *policy, const char *suite, const char *end, unsigned *kind)
{
    bool aes, expires;
    unsigned p = 0;
    while (p < 4 && strcmp(policy, policies[p]) != 0)
        p++;
    if (p == 4 || !choose(suite, "spongent", "aes", &aes) ||
        !choose(end, "lasts", "expires", &expires))
        return false;
    *kind = SEMO_KIND(0U, p, aes) | (expires ? SEMO_KIND_EXPIRES : 0U);
    return true;
}

static bool read_fields(const char *line, struct semo_offer *o)
{
    char way[9], policy[13], suite[9], end[8], keys[2 * KEYS_LEN + 1];
    bool good = sscanf(line, TITLE " %8s %5u %31s %12s %8s %7s %64s", way, &o->number, o->node,
                       policy, suite, end, keys) == 7 &&
                o->number > 0 && o->number < SEMO_BACK &&
                choose(way, "receives", "sends", &o->sends) &&
                read_kind(policy, suite, end, &o->kind) && read_keys(keys, o);
    OPENSSL_cleanse(keys, sizeof keys);
    return good;
}

enum semo_status semo_offer_read(const char *line, struct semo_offer *o, struct semo_error *e)
{
    const char *last = strrchr(line, ' ');
    char value[SEMO_OFFER_CHECK_LEN + 1];
    memset(o, 0, sizeof *o);
    if (strncmp(line, TITLE " ", sizeof TITLE) != 0)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, "standard input", 1, 1,
                              "not an offer; give the line that semo offer made");
    check_value(line, (size_t)(last - line), value);
    if (strcmp(value, last + 1) == 0 && read_fields(line, o))
        return SEMO_OK;
    OPENSSL_cleanse(o, sizeof *o);
    return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_USAGE, "standard input", 1, 1,
                          "an offer that was changed or cut off on its way: its check value is "
                          "wrong; copy the whole line again");
}
