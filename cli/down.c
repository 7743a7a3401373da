/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"

static enum semo_status down(struct semo_session *s, const struct semo_options *o,
                             struct semo_error *e)
{
    (void)o;
    enum semo_status status = semo_link_open(&s->link, s->socket, e);
    if (status != SEMO_OK)
        return status;
    status = semo_control_quit(s->link.client);
    while (status == SEMO_OK)
        status = semo_control_next(s->link.client, NULL, -1, NULL);
    return SEMO_OK; /* it has closed the socket: it is gone */
}

int semo_verb_down(const struct semo_options *o)
{
    return semo_session_run(o, "down", SEMO_SESSION_LOCK, down);
}
