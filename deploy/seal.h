/* SPDX-License-Identifier: Apache-2.0 */
/* The operator key, and files that only its holder can read or write. A sealed file is
 *     "semo-sealed-2\n" | key id u8[8] | owner id u8[8] | nonce u8[12] | cipher | tag u8[16]
 * by AES-256-GCM; associated data = what stands before the nonce | application | 0 | purpose. The
 * ids are hashes of the operator key, and of application and purpose: for messages, no more. */
#ifndef SEMO_SEAL_H
#define SEMO_SEAL_H

#include <stddef.h>
#include <stdint.h>
#include "host/error.h"

struct semo_operator {
    uint8_t key[32];
};

/* Mode must be 0600 or less. SEMO_MISSING: no such file. */
enum semo_status semo_operator_load(const char *path, struct semo_operator *o,
                                    struct semo_error *e) SEMO_MUST_CHECK;
/* A new random key. Never replaces a file. */
enum semo_status semo_operator_create(const char *path, struct semo_operator *o,
                                      struct semo_error *e) SEMO_MUST_CHECK;
/* malloced: $XDG_CONFIG_HOME/semo/operator.key */
char *semo_operator_path(void);

enum semo_status semo_seal_write(const struct semo_operator *o, const char *path, const char *app,
                                 const char *purpose, const void *bytes, size_t len,
                                 struct semo_error *e) SEMO_MUST_CHECK;
/* *bytes is malloced and ends with a 0 byte. SEMO_MISSING: no such file; SEMO_REFUSED: damaged, or
 * of another key, application or purpose. */
enum semo_status semo_seal_read(const struct semo_operator *o, const char *path, const char *app,
                                const char *purpose, uint8_t **bytes, size_t *len,
                                struct semo_error *e) SEMO_MUST_CHECK;

#endif
