/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"
#include "deploy/retire.h"

static enum semo_status disable(struct semo_session *s, const struct semo_options *o,
                                struct semo_error *e)
{
    int module = semo_descriptor_module(s->d, o->module ? o->module : "");
    if (module < 0)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: no module of this name; give one by --module",
                              o->module ? o->module : "--module");
    enum semo_status status = semo_deploy_retire(s->deploy, (unsigned)module, e);
    semo_session_print_state(s);
    return status;
}

int semo_verb_disable(const struct semo_options *o)
{
    return semo_session_run(o, "disable", SEMO_SESSION_LOCK | SEMO_SESSION_STEER, disable);
}
