/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"
#include "deploy/retire.h"

static enum semo_status reset(struct semo_session *s, const struct semo_options *o,
                              struct semo_error *e)
{
    (void)o;
    enum semo_status status = semo_deploy_reset(s->deploy, e);
    semo_session_print_state(s);
    return status;
}

int semo_verb_reset(const struct semo_options *o)
{
    return semo_session_run(o, "reset", SEMO_SESSION_LOCK | SEMO_SESSION_STEER, reset);
}
