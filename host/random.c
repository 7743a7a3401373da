/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <openssl/evp.h>
#include "host/random.h"

static EVP_CIPHER_CTX *stream; /* NULL: the operating system's source */

static void end_process(const char *why)
{
    fprintf(stderr, "semo: no randomness: %s\n", why);
    exit(3); /* SEMO_EXIT_RESOURCE */
}

void semo_random_fill_unseeded(void *out, size_t len)
{
    uint8_t *at = out;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            end_process(strerror(errno));
        at += n;
        len -= (size_t)n;
    }
}

void semo_random_seed(uint64_t seed, const char *purpose)
{
    uint8_t key[32];
    static const uint8_t counter[16];
    char name[128];
    int n = snprintf(name, sizeof name, "semo seed|%s|%016llx", purpose, (unsigned long long)seed);
    if (n < 0 || (size_t)n >= sizeof name ||
        EVP_Digest(name, (size_t)n, key, NULL, EVP_sha256(), NULL) != 1)
        end_process("SHA-256 failed");
    if (!stream)
        stream = EVP_CIPHER_CTX_new();
    if (!stream || EVP_EncryptInit_ex(stream, EVP_aes_256_ctr(), NULL, key, counter) != 1)
        end_process("AES-256 failed");
}

bool semo_random_is_seeded(void)
{
    return stream != NULL;
}

void semo_random_fill(void *out, size_t len)
{
    int n;
    if (!stream) {
        semo_random_fill_unseeded(out, len);
        return;
    }
    memset(out, 0, len);
    if (len > INT_MAX || EVP_EncryptUpdate(stream, out, &n, out, (int)len) != 1)
        end_process("AES-256 failed");
}
