/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "host/file.h"

#define PRINT_MS 200 /* of virtual time */

static enum semo_status find_entry(struct semo_session *s, const struct semo_options *o,
                                   int *module, unsigned *entry, struct semo_error *e)
{
    *module = semo_descriptor_module(s->d, o->module ? o->module : "");
    if (*module < 0)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: no module of this name; give one by --module",
                              o->module ? o->module : "--module");
    if (s->state->modules[*module].step < SEMO_STEP_ENABLED)
        return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, o->module, 0, 0,
                              "not loaded; run semo deploy");
    s->deploy->progress = semo_session_whisper;
    enum semo_status status = semo_deploy_build(s->deploy, e);
    if (status != SEMO_OK)
        return status;
    const struct semo_io *io = semo_session_entry(s, (unsigned)*module, o->entry ? o->entry : "");
    if (!io)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: no entry of this name or number in %s; give one by --entry",
                              o->entry ? o->entry : "--entry", o->module);
    *entry = io->index;
    return SEMO_OK;
}

static enum semo_status call(struct semo_session *s, const struct semo_options *o,
                             struct semo_error *e)
{
    uint8_t payload[SEMO_FRAME_MAX];
    const bool never = false;
    unsigned len, entry = 0;
    int module = -1;
    enum semo_status status = semo_session_hex(o->argument, payload, SEMO_PAYLOAD_MAX, &len, e);
    if (status == SEMO_OK)
        status = find_entry(s, o, &module, &entry, e);
    if (status != SEMO_OK)
        return status;
    status = semo_link_call(&s->link, s->d->modules[module].node, o->module,
                            s->state->modules[module].id, entry, payload, len, &len, e);
    if (status != SEMO_OK)
        return status;
    memcpy(payload, s->link.answer + 1, len);
    if (s->deploy->units[module]->prints && !s->link.guest)
        (void)!semo_link_wait(&s->link, &never, PRINT_MS, e); /* lines come behind the answer */
    if (o->out)
        return semo_file_write(o->out, payload, len, 0644, e);
    char *answer = semo_session_to_hex(payload, len);
    puts(answer);
    json_object_set_new(semo_reply(), "answer", json_string(answer));
    free(answer);
    return SEMO_OK;
}

int semo_verb_call(const struct semo_options *o)
{
    return semo_session_run(o, "call", SEMO_SESSION_JOIN, call);
}
