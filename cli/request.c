/* SPDX-License-Identifier: Apache-2.0 */
/* semo request: what a handler answers, or that an acknowledged event has arrived. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "host/file.h"

static enum semo_status show(const struct semo_options *o, const uint8_t *reply, unsigned len,
                             struct semo_error *e)
{
    char *hex = semo_session_to_hex(reply, len);
    json_object_set_new(semo_reply(), "reply", json_string(hex));
    if (!o->out)
        puts(hex);
    free(hex);
    return o->out ? semo_file_write(o->out, reply, len, 0644, e) : SEMO_OK;
}

static enum semo_status request(struct semo_session *s, const struct semo_options *o,
                                struct semo_error *e)
{
    uint8_t body[SEMO_PAYLOAD_MAX], reply[SEMO_PAYLOAD_MAX + 1];
    unsigned len, reply_len = 0, connection;
    enum semo_status status = semo_session_direct(s, o->connection, &connection, e);
    if (status == SEMO_OK)
        status = semo_session_hex(o->argument, body, sizeof body, &len, e);
    if (status == SEMO_OK)
        status = semo_deploy_request(s->deploy, connection, body, len, reply, &reply_len, e);
    if (status != SEMO_OK)
        return status;
    status = semo_state_write_run(s->state, s->d, e); /* an answer is accepted once */
    return status == SEMO_OK ? show(o, reply, reply_len, e) : status;
}

int semo_verb_request(const struct semo_options *o)
{
    return semo_session_run(o, "request", SEMO_SESSION_LOCK | SEMO_SESSION_STEER, request);
}
