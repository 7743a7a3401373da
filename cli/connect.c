/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"

/* Only what was attested by this very process gets keys. */
static enum semo_status connect_all(struct semo_session *s, const struct semo_options *o,
                                    struct semo_error *e)
{
    (void)o;
    enum semo_status status = semo_deploy_attest(s->deploy, e);
    if (status == SEMO_OK)
        status = semo_deploy_connect(s->deploy, e);
    semo_session_print_state(s);
    return status;
}

int semo_verb_connect(const struct semo_options *o)
{
    return semo_session_run(o, "connect", SEMO_SESSION_LOCK | SEMO_SESSION_STEER, connect_all);
}
