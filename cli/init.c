/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <openssl/crypto.h>
#include "cli/reply.h"
#include "cli/verbs.h"
#include "deploy/seal.h"
#include "host/file.h"

int semo_verb_init(const struct semo_options *o)
{
    struct semo_operator operator;
    struct semo_error e = {{0}, 0};
    char *path = o->operator_key ? semo_format("%s", o->operator_key) : semo_operator_path();
    enum semo_status status = semo_operator_create(path, &operator, & e);
    if (status == SEMO_OK) {
        printf("operator key: %s (keep a copy in a safe place; nobody can restore it)\n", path);
        json_object_set_new(semo_reply(), "operator_key", json_string(path));
    }
    OPENSSL_cleanse(&operator, sizeof operator);
    free(path);
    return status == SEMO_OK ? SEMO_EXIT_DONE : semo_reply_error("init", &e);
}
