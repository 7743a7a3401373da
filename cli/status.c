/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "host/file.h"

/* What keeps the modules of a Linux node apart, as its event manager says. */
static const char *isolation(const struct semo_state_node *n)
{
    if (!n->asked)
        return "";
    if (n->weak)
        return n->landlock ? "; WEAK: Landlock, no namespaces"
                           : "; WEAK: neither namespaces nor Landlock";
    return n->landlock ? "; namespaces, Landlock" : "; namespaces, no Landlock";
}

static void print_nodes(const struct semo_session *s)
{
    for (unsigned i = 0; i < s->d->node_count; i++) {
        const struct semo_node_spec *spec = &s->d->nodes[i];
        const struct semo_state_node *n = &s->state->nodes[i];
        bool mcu = spec->kind == SEMO_NODE_MCU;
        const char *where = spec->emulated ? NULL : spec->host ? spec->host : spec->serial;
        printf("node       %-10s %s%s%s%s%s%s\n", spec->name,
               mcu ? "sancus" : "process: kernel, root and monitor are trusted",
               mcu && spec->emulated ? " (emulated)" : "", mcu ? "" : isolation(n),
               where ? ", at " : "", where ? where : "",
               n->provisioned || !spec->emulated ? "" : ", not provisioned");
    }
}

static void print_modules(const struct semo_session *s)
{
    for (unsigned i = 0; i < s->d->module_count; i++) {
        const struct semo_state_module *m = &s->state->modules[i];
        printf("module     %-10s %-10s on %s%s%s%s\n", s->d->modules[i].name,
               semo_step_text(m->step), s->d->nodes[s->d->modules[i].node].name,
               m->confidential ? ", confidential" : "", m->failed ? ", FAILED: " : "", m->problem);
    }
    for (unsigned i = 0; i < s->d->connection_count; i++)
        printf("connection %-28s %s\n", s->d->connections[i].name,
               s->state->connections[i].connected ? "connected"
               : s->d->connections[i].shared      ? "waiting for semo offer or semo accept"
                                                  : "waiting");
}

/* The file that the deploying process keeps: it may be at work right now. */
static enum semo_status fill_document(const struct semo_session *s, struct semo_error *e)
{
    uint8_t *text;
    size_t len;
    char *path = semo_state_file(s->state, "status", ".json");
    enum semo_status status = semo_file_read(path, 1024 * 1024, &text, &len, e);
    free(path);
    if (status != SEMO_OK && status != SEMO_MISSING)
        return status;
    /* nothing was done yet, or the file is none: that is a status too */
    if (status == SEMO_MISSING || !semo_reply_merge((const char *)text))
        semo_session_print_state(s);
    if (status == SEMO_OK)
        free(text);
    return SEMO_OK;
}

static enum semo_status print(struct semo_session *s, const struct semo_options *o,
                              struct semo_error *e)
{
    if (o->json)
        return fill_document(s, e);
    enum semo_status status = semo_state_read_run(s->state, s->d, e);
    if (status != SEMO_OK && status != SEMO_MISSING)
        return status;
    print_nodes(s);
    print_modules(s);
    return SEMO_OK;
}

int semo_verb_status(const struct semo_options *o)
{
    return semo_session_run(o, "status", 0, print);
}
