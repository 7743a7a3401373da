/* SPDX-License-Identifier: Apache-2.0 */
/* semo offer | semo accept: a connection between modules of two owners. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include "cli/reply.h"
#include "cli/secret.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "host/file.h"

#define JOINED (SEMO_SESSION_LOCK | SEMO_SESSION_STEER)

static enum semo_status find_shared(const struct semo_session *s, const char *name,
                                    unsigned *connection, struct semo_error *e)
{
    for (unsigned i = 0; name && i < s->d->connection_count; i++)
        if (s->d->connections[i].shared && strcmp(s->d->connections[i].name, name) == 0) {
            *connection = i;
            return SEMO_OK;
        }
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                          "%.60s: no shared connection of this name; give one by --connection",
                          name ? name : "--connection");
}

/* Only an end that is attested now gets a key; how the other modules fare is not the matter. */
static enum semo_status begin(struct semo_session *s, const struct semo_options *o,
                              unsigned *connection, struct semo_error *e)
{
    struct semo_error ignored;
    s->deploy->progress = semo_session_whisper;
    enum semo_status status = find_shared(s, o->connection, connection, e);
    if (status == SEMO_OK)
        status = semo_deploy_build(s->deploy, e);
    if (status == SEMO_OK)
        (void)!semo_deploy_attest(s->deploy, &ignored);
    return status;
}

static enum semo_status offer(struct semo_session *s, const struct semo_options *o,
                              struct semo_error *e)
{
    struct semo_offer made;
    unsigned connection;
    uint64_t number = 0;
    if (o->number && (!semo_options_number(o->number, SEMO_BACK - 1, &number) || number == 0))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: not a connection number; write 1 to %d", o->number,
                              SEMO_BACK - 1);
    enum semo_status status = begin(s, o, &connection, e);
    if (status == SEMO_OK && !o->out && semo_reply_on_terminal())
        return semo_secret_hand_over(NULL, "", "offer", "semo accept", e);
    if (status == SEMO_OK)
        status = semo_deploy_offer(s->deploy, connection, (unsigned)number, &made, e);
    if (status != SEMO_OK)
        return status;
    char *line = semo_offer_write(&made);
    status = semo_secret_hand_over(o->out, line, "offer", "semo accept", e);
    OPENSSL_cleanse(&made, sizeof made);
    OPENSSL_cleanse(line, strlen(line));
    free(line);
    return status;
}

static struct semo_offer read_in; /* what stood on standard input, before the nodes are joined */

static enum semo_status accept_offer(struct semo_session *s, const struct semo_options *o,
                                     struct semo_error *e)
{
    unsigned connection;
    enum semo_status status = begin(s, o, &connection, e);
    if (status == SEMO_OK)
        status = semo_deploy_accept(s->deploy, connection, &read_in, e);
    if (status == SEMO_OK)
        printf("connect  %s\n", o->connection);
    return status;
}

int semo_verb_offer(const struct semo_options *o)
{
    return semo_session_run(o, "offer", JOINED, offer);
}

/* The offer may come from a command that is still at work on the same nodes: it goes first. */
int semo_verb_accept(const struct semo_options *o)
{
    char line[SEMO_OFFER_LINE_MAX] = "";
    struct semo_error e;
    (void)!semo_secret_read(line, sizeof line, "offer"); /* nothing is no offer either */
    enum semo_status status = semo_offer_read(line, &read_in, &e);
    OPENSSL_cleanse(line, sizeof line);
    if (status != SEMO_OK)
        return semo_reply_error("accept", &e);
    int code = semo_session_run(o, "accept", JOINED, accept_offer);
    OPENSSL_cleanse(&read_in, sizeof read_in);
    return code;
}
