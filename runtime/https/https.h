/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the web server that a module may have (include/semo/https.h): BearSSL
 * speaks TLS and computes; here are keys, sessions and HTTP. */
#ifndef SEMO_RUNTIME_HTTPS_H
#define SEMO_RUNTIME_HTTPS_H

#if !__has_include(<bearssl.h>)
#error "no bearssl.h here: install libbearssl-dev"
#endif
#include <bearssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <semo/https.h>

/* ---- identity.c: key and certificate, made when they are first needed ---- */

struct semo_identity {
    br_hmac_drbg_context random;
    const br_ec_impl *curve;
    br_ec_private_key key;
    br_x509_certificate certificate;
};
struct semo_identity *semo_identity_get(void);

/* ---- request.c: what a browser says ---- */

struct semo_request {
    char line[SEMO_HTTPS_PATH_MAX + 16]; /* the first one */
    unsigned len;
    bool in_headers, line_begins, whole;
};
void semo_request_read(struct semo_request *r, const uint8_t *bytes, size_t len);
/* Of a whole one: 200 and its path, or the status that refuses it. */
unsigned semo_request_judge(struct semo_request *r, const char **path);

/* ---- ground.c ---- */

/* 16 random bytes that the kernel gave this process. */
const uint8_t *semo_ground_random(void);
/* Of the stack protector; only while none of the library's functions is under way. */
void semo_ground_protect(const uint8_t canary[8]);

#endif
