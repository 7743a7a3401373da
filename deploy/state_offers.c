/* SPDX-License-Identifier: Apache-2.0 */
/* offers.sealed: which offers were accepted, whatever became of them since. The keys of one that is
 * accepted again would begin anew at their first number: what was said before could be said again.
 * It outlives the nodes. */
#include <string.h>
#include <openssl/evp.h>
#include "deploy/state_parts.h"

#define MARK_LEN 16

static json_t *mark_of(const struct semo_offer *o)
{
    uint8_t digest[32];
    if (EVP_Digest(o->keys, sizeof o->keys, digest, NULL, EVP_sha256(), NULL) != 1)
        return NULL;
    return semo_state_hex(digest, MARK_LEN);
}

static bool has(const json_t *marks, const json_t *mark)
{
    for (size_t i = 0; i < json_array_size(marks); i++)
        if (json_equal(json_array_get(marks, i), mark))
            return true;
    return false;
}

/* *marks: an array of its own. */
static enum semo_status read_marks(const struct semo_state *s, json_t **marks, struct semo_error *e)
{
    json_t *root;
    enum semo_status status = semo_state_read_sealed(s, "offers", &root, e);
    *marks = status == SEMO_OK ? json_deep_copy(json_object_get(root, "accepted")) : NULL;
    if (status == SEMO_OK)
        json_decref(root);
    if (!*marks)
        *marks = json_array();
    return status == SEMO_MISSING ? SEMO_OK : status;
}

enum semo_status semo_state_use_offer(const struct semo_state *s, const struct semo_offer *o,
                                      struct semo_error *e)
{
    json_t *marks, *mark = mark_of(o);
    enum semo_status status = read_marks(s, &marks, e);
    bool known = has(marks, mark);
    json_array_append_new(marks, mark);
    if (status == SEMO_OK && !known)
        return semo_state_write_sealed(s, "offers", json_pack("{s:o}", "accepted", marks), e);
    json_decref(marks);
    if (status != SEMO_OK)
        return status;
    return semo_error_set(e, SEMO_STALE, SEMO_EXIT_FAILED, "standard input", 1, 1,
                          "an offer that was accepted before; keys are used once, have it offered "
                          "again");
}
