/* SPDX-License-Identifier: Apache-2.0 */
/* semo logs: what happened to nodes and modules, from events.log (host/log.h) of the state folder.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "cli/watch.h"
#include "host/file.h"
#include "host/log.h"
#include "machine/debug/symbols.h"

#define FOLLOW_MS 200
#define WORDS     4 /* UTC, virtual seconds, who, what */

struct reader {
    struct semo_session *s;
    const char *node; /* NULL: all */
    bool deployed;    /* 0: not asked yet; modules are built, and where they run is known */
    bool asked;
};

/* ---- where a program counter was ---- */

static bool look_up_deployment(struct reader *r)
{
    struct semo_error ignored;
    if (!r->asked) {
        r->asked = true;
        r->s->deploy->progress = semo_session_whisper;
        r->deployed = semo_state_read_run(r->s->state, r->s->d, &ignored) == SEMO_OK &&
                      semo_deploy_build(r->s->deploy, &ignored) == SEMO_OK;
    }
    return r->deployed;
}

static int module_at(const struct reader *r, const char *node, unsigned pc)
{
    const struct semo_session *s = r->s;
    for (unsigned i = 0; i < s->d->module_count; i++) {
        const struct semo_layout *l = &s->state->modules[i].layout;
        if (strcmp(s->d->nodes[s->d->modules[i].node].name, node) == 0 && pc >= l->ps && pc < l->pe)
            return (int)i;
    }
    return -1;
}

/* "MODULE: function+4, file.c:12", as far as it is known. */
static void name_place(struct reader *r, const char *node, unsigned pc, char *out, size_t room)
{
    int m = look_up_deployment(r) ? module_at(r, node, pc) : -1;
    struct semo_error ignored;
    uint8_t *elf;
    size_t len;
    char where[200] = "";
    out[0] = 0;
    if (m < 0)
        return;
    const struct semo_layout *l = &r->s->state->modules[m].layout;
    if (semo_toolchain_link_elf(r->s->deploy->units[m], l->ps, l->ss, &elf, &len, &ignored) ==
        SEMO_OK) {
        struct semo_symbols *symbols = semo_symbols_read(elf, len);
        struct semo_position at = semo_symbols_at(symbols, (uint16_t)pc);
        semo_position_print(&at, where, sizeof where);
        semo_symbols_free(symbols);
        free(elf);
    }
    snprintf(out, room, " (%s+0x%x%s%s)", r->s->d->modules[m].name, pc - l->ps,
             where[0] ? ": " : "", where);
}

/* ---- lines ---- */

static void show(struct reader *r, char *line)
{
    char *word[WORDS], place[300] = "", *pc;
    unsigned n = 0, at;
    for (; n < WORDS && line; n++)
        word[n] = n + 1 < WORDS ? strsep(&line, " ") : line;
    if (n < WORDS || (r->node && strcmp(r->node, word[2]) != 0))
        return;
    pc = strncmp(word[3], "violation", 9) == 0 ? strstr(word[3], "pc 0x") : NULL;
    if (pc && sscanf(pc, "pc 0x%x", &at) == 1)
        name_place(r, word[2], at, place, sizeof place);
    printf("%s %12s %-10s %s%s\n", word[0], word[1], word[2], word[3], place);
    char *what = semo_format("%s%s", word[3], place);
    json_array_append_new(json_object_get(semo_reply(), "events"),
                          json_pack("{s:s,s:s,s:s,s:s}", "utc", word[0], "seconds", word[1], "who",
                                    word[2], "what", what));
    free(what);
}

/* What the file has past *seen; whole lines only. */
static enum semo_status show_file(struct reader *r, const char *path, size_t *seen,
                                  struct semo_error *e)
{
    uint8_t *text;
    size_t len;
    enum semo_status status = semo_file_read(path, 2 * SEMO_LOG_MAX, &text, &len, e);
    if (status == SEMO_MISSING)
        return SEMO_OK;
    if (status != SEMO_OK)
        return status;
    if (len < *seen)
        *seen = 0; /* it has begun anew */
    for (char *line = (char *)text + *seen, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        *seen = (size_t)(end + 1 - (char *)text);
        show(r, line);
    }
    free(text);
    fflush(stdout);
    return SEMO_OK;
}

/* What happens to a node that we do not run, its holder knows. */
static void name_elsewhere(const struct semo_session *s, const char *node)
{
    json_t *elsewhere = json_array();
    for (unsigned n = 0; n < s->d->node_count; n++) {
        const struct semo_node_spec *spec = &s->d->nodes[n];
        if (spec->emulated || !spec->host || (node && strcmp(node, spec->name) != 0))
            continue;
        fprintf(stderr,
                "%s: runs at %s, port %u: what happens to it is in the log of the "
                "semo-node there\n",
                spec->name, spec->host, spec->deploy_port);
        json_array_append_new(elsewhere, json_string(spec->name));
    }
    json_object_set_new(semo_reply(), "elsewhere", elsewhere);
}

static enum semo_status logs(struct semo_session *s, const struct semo_options *o,
                             struct semo_error *e)
{
    struct reader r = {.s = s, .node = o->node};
    size_t seen = 0, seen_old = 0;
    if (o->node && semo_descriptor_node(s->d, o->node) < 0)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "%.60s: no node of this name", o->node);
    if (o->follow && o->json)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "--follow: never ends, so there is no document; leave out --json");
    json_object_set_new(semo_reply(), "events", json_array());
    name_elsewhere(s, o->node);
    char *path = semo_state_file(s->state, "events", ".log"), *old = semo_format("%s.1", path);
    enum semo_status status = show_file(&r, old, &seen_old, e);
    if (status == SEMO_OK)
        status = show_file(&r, path, &seen, e);
    if (o->follow)
        semo_watch_end();
    while (status == SEMO_OK && o->follow && !ferror(stdout)) {
        poll(NULL, 0, FOLLOW_MS);
        status = show_file(&r, path, &seen, e);
    }
    free(path);
    free(old);
    return status;
}

int semo_verb_logs(const struct semo_options *o)
{
    return semo_session_run(o, "logs", 0, logs);
}
