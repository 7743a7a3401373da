/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>
#include "cli/session.h"
#include "cli/verbs.h"
#include "host/file.h"

static enum semo_status provision(struct semo_session *s, const struct semo_options *o,
                                  struct semo_error *e)
{
    if (s->state->provisioned && !o->again)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, s->state->folder, 0, 0,
                              "provisioned already; --again throws these chips and their keys "
                              "away");
    int guard = -1;
    char *lock = semo_state_file(s->state, "nodes", ".lock"); /* nobody's chips while they run */
    enum semo_status status = semo_file_lock(lock, &guard, e);
    free(lock);
    if (status != SEMO_OK)
        return status;
    status = semo_deploy_provision(s->deploy, e);
    semo_session_print_state(s);
    close(guard);
    return status;
}

int semo_verb_provision(const struct semo_options *o)
{
    return semo_session_run(o, "provision", SEMO_SESSION_LOCK | SEMO_SESSION_MAKE, provision);
}
