/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"

/* What is as it should be works without the rest; the first error is the one to tell. */
static enum semo_status deploy(struct semo_session *s, const struct semo_options *o,
                               struct semo_error *e)
{
    struct semo_error second = {{0}, SEMO_EXIT_FAILED};
    (void)o;
    s->deploy->keep = true;
    enum semo_status status = semo_deploy_load(s->deploy, e);
    enum semo_status connected = semo_deploy_connect(s->deploy, &second);
    if (status == SEMO_OK && connected != SEMO_OK) {
        status = connected;
        *e = second;
    }
    semo_session_print_state(s);
    return status;
}

int semo_verb_deploy(const struct semo_options *o)
{
    return semo_session_run(o, "deploy", SEMO_SESSION_LOCK | SEMO_SESSION_MAKE | SEMO_SESSION_STEER,
                            deploy);
}
