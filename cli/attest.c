/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"

static bool has_shared(const struct semo_descriptor *d, int module)
{
    for (unsigned i = 0; i < d->connection_count; i++)
        if (d->connections[i].shared &&
            (d->connections[i].from == module || d->connections[i].to == module))
            return true;
    return false;
}

static enum semo_status attest(struct semo_session *s, const struct semo_options *o,
                               struct semo_error *e)
{
    (void)o;
    enum semo_status status = semo_deploy_attest(s->deploy, e);
    semo_session_print_state(s);
    for (unsigned i = 0; i < s->d->module_count && status == SEMO_OK; i++)
        if (s->state->modules[i].reborn)
            status = semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, s->d->modules[i].name, 0, 0,
                                    "epoch changed: it was loaded anew, and knows no keys; run "
                                    "semo connect%s",
                                    has_shared(s->d, (int)i) ? ", then semo offer or semo accept "
                                                               "for what is shared"
                                                             : "");
    return status;
}

int semo_verb_attest(const struct semo_options *o)
{
    return semo_session_run(o, "attest", SEMO_SESSION_LOCK | SEMO_SESSION_JOIN, attest);
}
