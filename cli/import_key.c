/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include "cli/reply.h"
#include "cli/secret.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "cli/watch.h"

#define KEY_DIGITS 32

/* From standard input, never from the command line, which every user of the machine can read. */
bool semo_secret_read(char *line, int room, const char *prompt)
{
    struct termios saved, silent;
    semo_watch_end();
    bool terminal = tcgetattr(STDIN_FILENO, &saved) == 0;
    if (terminal) {
        silent = saved;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        fprintf(stderr, "%s (not shown): ", prompt);
    }
    bool done = fgets(line, room, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
        fputc('\n', stderr);
    }
    if (done)
        line[strcspn(line, "\r\n")] = 0;
    return done;
}

static enum semo_status import(struct semo_session *s, const struct semo_options *o,
                               struct semo_error *e)
{
    const char *name = o->node;
    char line[KEY_DIGITS + 3] = "";
    struct semo_error hidden; /* its text would repeat the key */
    unsigned len = 0;
    int node = semo_descriptor_node(s->d, name ? name : "");
    if (node < 0)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: no node of this name; give one by --node",
                              name ? name : "--node");
    struct semo_state_node *n = &s->state->nodes[node];
    uint8_t key[KEY_DIGITS / 2];
    if (!semo_secret_read(line, sizeof line, "vendor key, 32 hexadecimal digits") ||
        strlen(line) != KEY_DIGITS ||
        semo_session_hex(line, key, sizeof key, &len, &hidden) != SEMO_OK)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, "standard input", 1, 1,
                              "not a key; write 32 hexadecimal digits and a newline");
    if (semo_key_is_published(key, s->d->nodes[node].vendor))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, "standard input", 1, 1,
                              "a published key, which protects nothing; use another");
    memcpy(n->vendor_key, key, sizeof key);
    n->imported = true;
    OPENSSL_cleanse(line, sizeof line);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(&hidden, sizeof hidden);
    json_object_set_new(semo_reply(), "node", json_string(name));
    return semo_state_write_nodes(s->state, s->d, e);
}

int semo_verb_import_key(const struct semo_options *o)
{
    return semo_session_run(o, "import-key", SEMO_SESSION_LOCK | SEMO_SESSION_MAKE, import);
}
