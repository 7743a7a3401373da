/* SPDX-License-Identifier: Apache-2.0 */
/* semo vendor-key: the holder of a node gives a deployer the key of its vendor id, and no more. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include "cli/reply.h"
#include "cli/secret.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "host/file.h"
#include "lib/kdf/kdf.h"
#include "machine/chip.h"

/* The chip of this name among all applications of this user; malloced. */
static enum semo_status find_chip(const char *node, char **path, struct semo_error *e)
{
    char *name = semo_format("*"), *folder = semo_state_default(name);
    char *pattern = semo_format("%s/%s.chip", folder, node);
    glob_t found;
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    if (count == 1)
        *path = semo_format("%s", found.gl_pathv[0]);
    globfree(&found);
    free(name);
    free(folder);
    free(pattern);
    if (count == 1)
        return SEMO_OK;
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                          "%.60s: %zu applications have a node of this name; name the state folder "
                          "of the right one by --state",
                          node, count);
}

static enum semo_status read_node_key(const struct semo_options *o, uint8_t *key,
                                      struct semo_error *e)
{
    struct semo_chip_state chip;
    char *path = NULL;
    enum semo_status status = SEMO_OK;
    if (strpbrk(o->files[0], "/*?["))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: not the name of a node", o->files[0]);
    if (o->state)
        path = semo_format("%s/%s.chip", o->state, o->files[0]);
    else
        status = find_chip(o->files[0], &path, e);
    if (status == SEMO_OK && semo_chip_peek(path, &chip) != SEMO_OK)
        status = semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, path, 0, 0,
                                "no readable chip; only who has the chip can derive its keys");
    free(path);
    if (status != SEMO_OK)
        return status;
    memcpy(key, chip.node_key, SEMO_KEY_LEN);
    OPENSSL_cleanse(&chip, sizeof chip);
    return SEMO_OK;
}

static enum semo_status read_vendor(const struct semo_options *o, uint64_t *vendor,
                                    struct semo_error *e)
{
    if (o->file_count != 2)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "name a node and a vendor id; see --help");
    if (semo_options_number(o->files[1], UINT16_MAX, vendor) && *vendor > 0)
        return SEMO_OK;
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                          "%.60s: not a vendor id; write 1 to 65535", o->files[1]);
}

static bool is_screen(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool found = fd >= 0 && isatty(fd);
    if (fd >= 0)
        close(fd);
    return found;
}

/* Never on a screen; a file is for its owner only. */
enum semo_status semo_secret_hand_over(const char *path, const char *secret, const char *field,
                                       const char *what, struct semo_error *e)
{
    if (path && !is_screen(path)) {
        char *line = semo_format("%s\n", secret);
        enum semo_status status = semo_file_write(path, line, strlen(line), 0600, e);
        OPENSSL_cleanse(line, strlen(line));
        free(line);
        json_object_set_new(semo_reply(), "file", json_string(path));
        return status;
    }
    if (path || semo_reply_on_terminal())
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "a key is not for a screen; write it to a file by --out, or into a "
                              "pipe to %s",
                              what);
    puts(secret);
    json_object_set_new(semo_reply(), field, json_string(secret));
    return SEMO_OK;
}

int semo_verb_vendor_key(const struct semo_options *o)
{
    struct semo_error e = {{0}, SEMO_EXIT_FAILED};
    uint8_t node_key[SEMO_KEY_LEN], key[SEMO_KEY_LEN];
    uint64_t vendor;
    enum semo_status status = read_vendor(o, &vendor, &e);
    if (status == SEMO_OK)
        status = read_node_key(o, node_key, &e);
    if (status == SEMO_OK) {
        semo_kdf_vendor(SEMO_SECURITY, node_key, (uint16_t)vendor, key);
        char *hex = semo_session_to_hex(key, sizeof key);
        status = semo_secret_hand_over(o->out, hex, "vendor_key", "semo import-key", &e);
        OPENSSL_cleanse(hex, strlen(hex));
        free(hex);
    }
    OPENSSL_cleanse(node_key, sizeof node_key);
    OPENSSL_cleanse(key, sizeof key);
    return status == SEMO_OK ? SEMO_EXIT_DONE : semo_reply_error("vendor-key", &e);
}
