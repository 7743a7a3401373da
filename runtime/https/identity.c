/* SPDX-License-Identifier: Apache-2.0 */
/* The key of this life of the module, and the certificate that says so. */
#include "lib/wire/wire.h"
#include "runtime/https/https.h"
#include "runtime/runtime.h"

enum { SEED_RANDOM = 16, POINT_LEN = 65, SERIAL_LEN = 8, CANARY_LEN = 8 };

static struct semo_identity identity;
static uint8_t secret[BR_EC_KBUF_PRIV_MAX_SIZE], point[BR_EC_KBUF_PUB_MAX_SIZE];
static uint8_t der[SEMO_HTTPS_CERTIFICATE_MAX];

/* ---- the certificate: all but number, point and signature is fixed ---- */

#define SEQUENCE(len) 0x30, len
#define ECDSA_SHA256  SEQUENCE(10), 0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2
#define LOCALHOST     'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'
#define NAME          SEQUENCE(20), 0x31, 18, SEQUENCE(16), 0x06, 3, 0x55, 4, 3, 0x0C, 9, LOCALHOST
#define DAY(y, m, d)                                                                               \
    0x17, 13, y / 10 + '0', y % 10 + '0', m / 10 + '0', m % 10 + '0', d / 10 + '0', d % 10 + '0',  \
        '0', '0', '0', '0', '0', '0', 'Z'
enum { TO_BE_SIGNED = 226, SIGNATURE_MAX = 72 };

static const uint8_t to_serial[] = {SEQUENCE(0x81), TO_BE_SIGNED, 0xA0, 3, 0x02, 1, 2,
                                    0x02,           SERIAL_LEN};
/* The module knows no date: valid from 2026 to 2049, the last year of that format. */
static const uint8_t to_point[] = {ECDSA_SHA256,
                                   NAME,
                                   SEQUENCE(30),
                                   DAY(26, 1, 1),
                                   DAY(49, 12, 31),
                                   NAME,
                                   SEQUENCE(89),
                                   SEQUENCE(19),
                                   0x06,
                                   7,
                                   0x2A,
                                   0x86,
                                   0x48,
                                   0xCE,
                                   0x3D,
                                   2,
                                   1, /* key on a curve: */
                                   0x06,
                                   8,
                                   0x2A,
                                   0x86,
                                   0x48,
                                   0xCE,
                                   0x3D,
                                   3,
                                   1,
                                   7,
                                   0x03,
                                   POINT_LEN + 1,
                                   0}; /* P-256 */
/* Another name of it: localhost, 127.0.0.1. */
static const uint8_t to_end[] = {
    0xA3, 30, SEQUENCE(28), SEQUENCE(26), 0x06, 3,   0x55, 0x1D, 0x11, 0x04, 19, SEQUENCE(17),
    0x82, 9,  LOCALHOST,    0x87,         4,    127, 0,    0,    1};
static const uint8_t algorithm[] = {ECDSA_SHA256};

static uint8_t *put(uint8_t *at, const void *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static uint8_t *put_to_be_signed(uint8_t *at)
{
    uint8_t serial[SERIAL_LEN];
    br_hmac_drbg_generate(&identity.random, serial, sizeof serial);
    serial[0] = (serial[0] & 0x3F) | 0x40; /* positive, and of that length */
    at = put(at, to_serial, sizeof to_serial);
    at = put(at, serial, sizeof serial);
    at = put(at, to_point, sizeof to_point);
    at = put(at, point, POINT_LEN);
    return put(at, to_end, sizeof to_end);
}

static size_t sign(const uint8_t *bytes, size_t len, uint8_t *signature)
{
    uint8_t digest[br_sha256_SIZE];
    br_sha256_context hash;
    br_sha256_init(&hash);
    br_sha256_update(&hash, bytes, len);
    br_sha256_out(&hash, digest);
    return br_ecdsa_i31_sign_asn1(identity.curve, &br_sha256_vtable, digest, &identity.key,
                                  signature);
}

static void certify(void)
{
    uint8_t *body = der + 4, *at = put_to_be_signed(body), signature[SIGNATURE_MAX];
    size_t len = sign(body, (size_t)(at - body), signature);
    at = put(at, algorithm, sizeof algorithm);
    at = put(at, (const uint8_t[]){0x03, (uint8_t)(len + 1), 0}, 3);
    at = put(at, signature, len);
    len = (size_t)(at - body);
    put(der, (const uint8_t[]){SEQUENCE(0x82), (uint8_t)(len >> 8), (uint8_t)len}, 4);
    identity.certificate = (br_x509_certificate){der, 4 + len};
}

/* ---- the key ---- */

/* Unpredictable for who knows only one of the two: what the kernel drew for this process, and what
 * the module's own key makes of an epoch that no other life has. */
static void seed(void)
{
    _Alignas(2) uint8_t message[2 + 8] = {SEMO_DOMAIN_HTTPS, 0};
    uint8_t seeds[SEED_RANDOM + SEMO_TAG_LEN];
    put(seeds, semo_ground_random(), SEED_RANDOM);
    semo_epoch_draw(message + 2);
    if (semo_crypto_mac(NULL, message, sizeof message, seeds + SEED_RANDOM) != SEMO_OK)
        __builtin_trap();
    br_hmac_drbg_init(&identity.random, &br_sha256_vtable, seeds, sizeof seeds);
    memset(seeds, 0, sizeof seeds);
}

static void make(void)
{
    uint8_t canary[CANARY_LEN];
    seed();
    br_hmac_drbg_generate(&identity.random, canary, sizeof canary);
    semo_ground_protect(canary);
    identity.curve = &br_ec_p256_m31;
    br_ec_keygen(&identity.random.vtable, identity.curve, &identity.key, secret, BR_EC_secp256r1);
    br_ec_compute_pub(identity.curve, NULL, point, &identity.key);
    certify();
}

struct semo_identity *semo_identity_get(void)
{
    if (!identity.curve)
        make();
    return &identity;
}

unsigned semo_https_certificate(uint8_t *at)
{
    const struct semo_identity *i = semo_identity_get();
    memcpy(at, i->certificate.data, i->certificate.data_len);
    return (unsigned)i->certificate.data_len;
}
