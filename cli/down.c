/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"

int semo_verb_down(const struct semo_options *o)
{
    struct semo_session s;
    struct semo_error e = {{0}, 0};
    enum semo_status status = semo_session_open(&s, o, true, &e);
    if (status == SEMO_OK)
        status = semo_link_open(&s.link, s.socket, &e);
    if (status == SEMO_OK) {
        status = semo_control_quit(s.link.client);
        while (status == SEMO_OK)
            status = semo_control_next(s.link.client, NULL, -1, NULL);
        status = SEMO_OK; /* it has closed the socket: it is gone */
    }
    return semo_session_close(&s, "down", status, &e);
}
