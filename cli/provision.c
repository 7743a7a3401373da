/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "cli/verbs.h"

int semo_verb_provision(const struct semo_options *o)
{
    struct semo_session s;
    struct semo_error e = {{0}, 0};
    enum semo_status status = semo_session_open(&s, o, true, &e);
    if (status == SEMO_OK) {
        semo_state_forget_run(s.state);
        status = semo_deploy_provision(s.deploy, &e);
    }
    return semo_session_close(&s, "provision", status, &e);
}
