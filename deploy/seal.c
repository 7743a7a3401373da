/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <openssl/evp.h>
#include "deploy/seal.h"
#include "host/file.h"
#include "host/random.h"

#define MAGIC      "semo-sealed-2\n"
#define MAGIC_LEN  14
#define KIND_LEN   12 /* of the magic, without its version */
#define ID_LEN     8
#define NONCE_LEN  12
#define TAG_LEN    16
#define KEY_ID     MAGIC_LEN
#define OWNER_ID   (KEY_ID + ID_LEN)
#define HEAD_LEN   (OWNER_ID + ID_LEN)
#define SEALED_MAX (4 * 1024 * 1024)

/* ---- the operator key ---- */

char *semo_operator_path(void)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/')
        return semo_format("%s/semo/operator.key", config);
    return semo_format("%s/.config/semo/operator.key", home ? home : "");
}

enum semo_status semo_operator_load(const char *path, struct semo_operator *o, struct semo_error *e)
{
    struct stat info;
    uint8_t *bytes;
    size_t len;
    enum semo_status status = semo_file_read(path, 4096, &bytes, &len, e);
    if (status != SEMO_OK)
        return status;
    if (stat(path, &info) != 0 || (info.st_mode & 077) != 0)
        status = semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, path, 0, 0,
                                "others may read this key; chmod 600 it");
    else if (len != sizeof o->key)
        status = semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, path, 0, 0,
                                "not an operator key, which has %zu bytes; name the right file",
                                sizeof o->key);
    else
        memcpy(o->key, bytes, sizeof o->key);
    OPENSSL_cleanse(bytes, len);
    free(bytes);
    return status;
}

enum semo_status semo_operator_create(const char *path, struct semo_operator *o,
                                      struct semo_error *e)
{
    struct semo_operator fresh;
    char *folder = semo_format("%s", path), *slash = strrchr(folder, '/');
    enum semo_status status = SEMO_OK;
    if (slash && slash != folder) {
        *slash = 0;
        status = semo_file_make_folder(folder, 0700, e);
    }
    free(folder);
    if (status != SEMO_OK)
        return status;
    char *draft = semo_format("%s.%ld", path, (long)getpid());
    semo_random_fill_unseeded(fresh.key, sizeof fresh.key);
    status = semo_file_write(draft, fresh.key, sizeof fresh.key, 0600, e);
    /* link, not rename: it refuses to replace the key of somebody who was faster */
    if (status == SEMO_OK && link(draft, path) != 0)
        status = semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, path, 0, 0,
                                "cannot create it: %s", strerror(errno));
    unlink(draft);
    free(draft);
    if (status == SEMO_OK)
        *o = fresh;
    OPENSSL_cleanse(&fresh, sizeof fresh);
    return status;
}

/* ---- sealed files ---- */

static void put_id(const void *material, size_t len, uint8_t *id)
{
    uint8_t digest[32];
    if (EVP_Digest(material, len, digest, NULL, EVP_sha256(), NULL) != 1)
        abort();
    memcpy(id, digest, ID_LEN);
}

static void make_head(const struct semo_operator *o, const char *app, const char *purpose,
                      uint8_t *head)
{
    uint8_t material[sizeof o->key + 6] = "key id";
    char *owner = semo_format("owner id %s %s", app, purpose);
    memcpy(material + 6, o->key, sizeof o->key);
    memcpy(head, MAGIC, MAGIC_LEN);
    put_id(material, sizeof material, head + KEY_ID);
    put_id(owner, strlen(owner), head + OWNER_ID);
    OPENSSL_cleanse(material, sizeof material);
    free(owner);
}

/* One pass of AES-256-GCM over text (len bytes), in the direction of `seal`. */
static bool run_gcm(const struct semo_operator *o, bool seal, const uint8_t *head, const char *app,
                    const char *purpose, const uint8_t *nonce, const uint8_t *text, size_t len,
                    uint8_t *out, uint8_t *tag)
{
    int n, control = seal ? EVP_CTRL_AEAD_GET_TAG : EVP_CTRL_AEAD_SET_TAG;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool done =
        c && EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, o->key, nonce, seal) == 1 &&
        EVP_CipherUpdate(c, NULL, &n, head, HEAD_LEN) == 1 &&
        EVP_CipherUpdate(c, NULL, &n, (const uint8_t *)app, (int)strlen(app) + 1) == 1 &&
        EVP_CipherUpdate(c, NULL, &n, (const uint8_t *)purpose, (int)strlen(purpose)) == 1 &&
        EVP_CipherUpdate(c, out, &n, text, (int)len) == 1;
    if (done && !seal)
        done = EVP_CIPHER_CTX_ctrl(c, control, TAG_LEN, tag) == 1;
    done = done && EVP_CipherFinal_ex(c, out + len, &n) == 1;
    if (done && seal)
        done = EVP_CIPHER_CTX_ctrl(c, control, TAG_LEN, tag) == 1;
    EVP_CIPHER_CTX_free(c);
    return done;
}

enum semo_status semo_seal_write(const struct semo_operator *o, const char *path, const char *app,
                                 const char *purpose, const void *bytes, size_t len,
                                 struct semo_error *e)
{
    size_t total = HEAD_LEN + NONCE_LEN + len + TAG_LEN;
    uint8_t *file = semo_allocate(total, 1), *nonce = file + HEAD_LEN, *text = nonce + NONCE_LEN;
    make_head(o, app, purpose, file);
    semo_random_fill_unseeded(nonce, NONCE_LEN); /* the operator key outlives every seeded run */
    if (len > SEALED_MAX ||
        !run_gcm(o, true, file, app, purpose, nonce, bytes, len, text, text + len))
        abort();
    enum semo_status status = semo_file_write(path, file, total, 0600, e);
    free(file);
    return status;
}

static enum semo_status check_head(const uint8_t *head, const char *path, const uint8_t *file,
                                   size_t total, struct semo_error *e)
{
    const char *why = NULL;
    if (total < KIND_LEN || memcmp(file, MAGIC, KIND_LEN) != 0)
        why = "no sealed file; restore it or use a new --state";
    else if (total < MAGIC_LEN || memcmp(file, MAGIC, MAGIC_LEN) != 0)
        why = "sealed by another version of semo; use that one, or a new --state";
    else if (total < HEAD_LEN + NONCE_LEN + TAG_LEN)
        why = "truncated; restore it or use a new --state";
    else if (memcmp(file + KEY_ID, head + KEY_ID, ID_LEN) != 0)
        why = "sealed under another operator key; name that one by --operator-key";
    else if (memcmp(file + OWNER_ID, head + OWNER_ID, ID_LEN) != 0)
        why = "of another application, or another file under this name; name the right --state";
    if (!why)
        return SEMO_OK;
    return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, path, 0, 0, "%s", why);
}

enum semo_status semo_seal_read(const struct semo_operator *o, const char *path, const char *app,
                                const char *purpose, uint8_t **bytes, size_t *len,
                                struct semo_error *e)
{
    uint8_t *file;
    size_t total;
    enum semo_status status = semo_file_read(path, SEALED_MAX, &file, &total, e);
    if (status != SEMO_OK)
        return status;
    uint8_t head[HEAD_LEN];
    make_head(o, app, purpose, head);
    status = check_head(head, path, file, total, e);
    if (status != SEMO_OK) {
        free(file);
        return status;
    }
    size_t text_len = total - HEAD_LEN - NONCE_LEN - TAG_LEN;
    uint8_t *text = file + HEAD_LEN + NONCE_LEN, *out = semo_allocate(text_len + 1, 1);
    if (run_gcm(o, false, file, app, purpose, file + HEAD_LEN, text, text_len, out,
                text + text_len)) {
        out[text_len] = 0;
        *bytes = out;
        *len = text_len;
    } else {
        free(out);
        status = semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, path, 0, 0,
                                "damaged; restore it or use a new --state");
    }
    free(file);
    return status;
}
