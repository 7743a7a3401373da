/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/compat.h"
#include "cli/session.h"
#include "cli/verbs.h"

static enum semo_status build(struct semo_session *s, const struct semo_options *o,
                              struct semo_error *e)
{
    (void)o;
    enum semo_status status = semo_deploy_build(s->deploy, e);
    if (status == SEMO_OK)
        semo_session_print_state(s);
    return status;
}

int semo_verb_build(const struct semo_options *o)
{
    if (o->compat)
        return semo_build_compat(o);
    return semo_session_run(o, "build", SEMO_SESSION_LOCK | SEMO_SESSION_MAKE, build);
}
