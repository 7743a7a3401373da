/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include "cli/session.h"
#include "cli/verbs.h"

static enum semo_status build(struct semo_session *s, const struct semo_options *o,
                              struct semo_error *e)
{
    if (o->json)
        s->deploy->progress = NULL;
    enum semo_status status = semo_deploy_build(s->deploy, e);
    if (status == SEMO_OK && o->json) {
        char *text = semo_state_status(s->state, s->d);
        puts(text);
        free(text);
    }
    return status;
}

int semo_verb_build(const struct semo_options *o)
{
    return semo_session_run(o, "build", SEMO_SESSION_LOCK, build);
}
