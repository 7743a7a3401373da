/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"

int semo_verb_deploy(const struct semo_options *o)
{
    struct semo_session s;
    struct semo_error e = {{0}, 0}, connect_error = {{0}, 0};
    enum semo_status status = semo_session_open(&s, o, true, &e);
    if (status == SEMO_OK)
        status = semo_session_join(&s, &e);
    if (status == SEMO_OK) {
        status = semo_deploy_load(s.deploy, &e);
        /* what is as it should be works without the rest */
        enum semo_status connected = semo_deploy_connect(s.deploy, &connect_error);
        if (status == SEMO_OK && connected != SEMO_OK) {
            status = connected;
            e = connect_error;
        }
    }
    return semo_session_close(&s, "deploy", status, &e);
}
