/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"

static enum semo_status provision(struct semo_session *s, const struct semo_options *o,
                                  struct semo_error *e)
{
    (void)o;
    semo_state_forget_run(s->state);
    return semo_deploy_provision(s->deploy, e);
}

int semo_verb_provision(const struct semo_options *o)
{
    return semo_session_run(o, "provision", SEMO_SESSION_LOCK, provision);
}
