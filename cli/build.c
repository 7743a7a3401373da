/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include "cli/session.h"
#include "cli/verbs.h"

int semo_verb_build(const struct semo_options *o)
{
    struct semo_session s;
    struct semo_error e = {{0}, 0};
    enum semo_status status = semo_session_open(&s, o, true, &e);
    if (status == SEMO_OK && o->json)
        s.deploy->progress = NULL;
    if (status == SEMO_OK)
        status = semo_deploy_build(s.deploy, &e);
    if (status == SEMO_OK && o->json) {
        char *text = semo_state_status(s.state, s.d);
        puts(text);
        free(text);
    }
    return semo_session_close(&s, "build", status, &e);
}
