/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <semo/map.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "cli/verbs.h"

/* Authentic events for the deployer; anything else on that connection is dropped. */
static void on_event(void *context, uint64_t time, unsigned connection, uint8_t *sealed,
                     unsigned len)
{
    const struct semo_session *s = context;
    uint8_t body[SEMO_PAYLOAD_MAX + 1];
    unsigned body_len;
    int index = semo_state_connection(s->state, connection);
    if (index < 0 ||
        semo_deploy_input(s->deploy, (unsigned)index, sealed, len, body, &body_len) != SEMO_OK)
        return;
    const char *name = s->d->connections[index].name;
    unsigned long long ms = (unsigned long long)(time / (SEMO_CLOCK_HZ / 1000));
    char *hex = semo_session_to_hex(body, body_len);
    printf("%llu %s %s\n", ms, name, hex);
    json_array_append_new(
        json_object_get(semo_reply(), "events"),
        json_pack("{s:I,s:s,s:s}", "ms", (json_int_t)ms, "connection", name, "body", hex));
    free(hex);
}

static enum semo_status output(struct semo_session *s, const struct semo_options *o,
                               struct semo_error *e)
{
    uint8_t body[SEMO_PAYLOAD_MAX];
    const bool never = false;
    uint64_t ms = 1000;
    unsigned len, connection;
    enum semo_status status = semo_session_direct(s, o->connection, &connection, e);
    if (status != SEMO_OK)
        return status;
    if (o->run_ms && !semo_options_number(o->run_ms, 86400000, &ms))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: not a time; write milliseconds", o->run_ms);
    json_object_set_new(semo_reply(), "events", json_array());
    status = semo_session_hex(o->argument, body, sizeof body, &len, e);
    s->link.event = on_event;
    s->link.event_context = s;
    if (status == SEMO_OK)
        status = semo_deploy_output(s->deploy, connection, body, len, e);
    if (status != SEMO_OK || s->link.guest)
        return status;
    status = semo_link_wait(&s->link, &never, (unsigned)ms, e);
    if (status != SEMO_TIMEOUT)
        return status;
    return semo_state_write_run(s->state, s->d, e); /* what was accepted is never accepted again */
}

int semo_verb_output(const struct semo_options *o)
{
    return semo_session_run(o, "output", SEMO_SESSION_LOCK | SEMO_SESSION_JOIN, output);
}
