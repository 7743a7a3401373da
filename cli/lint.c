/* SPDX-License-Identifier: Apache-2.0 */
/* semo lint: checks a descriptor and its sources; nothing is started, provisioned or deployed. */
#include <stdio.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "deploy/lint.h"

static void warn(void *context, const struct semo_tree *at, const char *text)
{
    printf("%s:%u:%u: warning: %s: %s\n", at->file, at->line, at->column, at->text, text);
    json_array_append_new(context, json_pack("{s:s,s:i,s:i,s:s,s:s}", "file", at->file, "line",
                                             (int)at->line, "column", (int)at->column, "word",
                                             at->text, "warning", text));
}

static enum semo_status lint(struct semo_session *s, const struct semo_options *o,
                             struct semo_error *e)
{
    (void)o;
    s->deploy->progress = semo_session_whisper;
    enum semo_status status = semo_deploy_build(s->deploy, e);
    if (status == SEMO_OK)
        status = semo_lint_capacity(s->d, s->deploy->units, e);
    if (status != SEMO_OK)
        return status;
    json_t *found = json_array();
    unsigned count = semo_lint_warn(s->d, s->deploy->units, warn, found);
    printf("%s: %u modules, %u connections, %u flow rules hold, %u warnings\n", s->d->name,
           s->d->module_count, s->d->connection_count, s->d->never_count, count);
    json_object_set_new(semo_reply(), "warnings", found);
    return SEMO_OK;
}

int semo_verb_lint(const struct semo_options *o)
{
    return semo_session_run(o, "lint", semo_session_compiles(o), lint);
}
