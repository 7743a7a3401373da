/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/options.h"

enum kind { TEXT, FLAG, LIST };

#define TEXT_AT(member) TEXT, offsetof(struct semo_options, member)
#define FLAG_AT(member) FLAG, offsetof(struct semo_options, member)

static const struct option_row {
    const char *name, *value, *help;
    enum kind kind;
    size_t at;
} table[] = {
    {"state", "DIR", "state folder ($XDG_STATE_HOME/semo/<application>)", TEXT_AT(state)},
    {"operator-key", "FILE", "operator key ($XDG_CONFIG_HOME/semo/operator.key)",
     TEXT_AT(operator_key)},
    {"json", NULL, "machine readable output", FLAG_AT(json)},
    {"data", "FILE", "what the house draws: CSV", TEXT_AT(data)},
    {"timezone", "NAME", "of local times in the data (Europe/Paris)", TEXT_AT(timezone)},
    {"speed", "N|max", "virtual seconds a second (max)", TEXT_AT(speed)},
    {"script", "FILE", "lines: seconds after the start of the data, action", TEXT_AT(script)},
    {"trace", "FILE", "write every frame and pin change", TEXT_AT(trace)},
    {"seal-log", "FILE", "write what was sealed under what (tests)", TEXT_AT(seal_log)},
    {"seed", "N", "reproducible and INSECURE; new state only", TEXT_AT(seed)},
    {"weak", NULL, "run a Linux node also where namespaces are refused", FLAG_AT(weak)},
    {"event-manager", "NODE=FILE", "another event manager: an image or a program", LIST, 0},
    {"tcp", NULL, "let strangers reach the nodes on loopback ports (see status)", FLAG_AT(tcp)},
    {"headless", NULL, "no screen, plain lines", FLAG_AT(headless)},
    {"han", "pty|PATH", "offer the HAN port as pseudo-terminal or socket", TEXT_AT(han)},
    {"realtime", NULL, "by this machine's clock: needed for nodes elsewhere; cannot be repeated",
     FLAG_AT(realtime)},
    {"emulate", NULL, "start every node on this machine, whatever its address says",
     FLAG_AT(emulate)},
    {"listen", "ADDRESS", "where nodes hear strangers (127.0.0.1)", TEXT_AT(listen)},
    {"only-nodes", NULL, "start the nodes, deploy nothing; stays in the foreground until semo down",
     FLAG_AT(only_nodes)},
    {"again", NULL, "deliver new ones although there are some", FLAG_AT(again)},
    {"follow", NULL, "go on with what happens from now on", FLAG_AT(follow)},
    {"nodes", "DIR|SOCKET", "nodes that somebody else runs: the state folder, or the socket",
     TEXT_AT(nodes)},
    {"node", "NAME", "the node", TEXT_AT(node)},
    {"module", "NAME", "the module", TEXT_AT(module)},
    {"entry", "NAME", "the entry, or its number", TEXT_AT(entry)},
    {"connection", "NAME", "the connection: a direct one, or of offer and accept a shared one",
     TEXT_AT(connection)},
    {"number", "N", "the connection's number on the wire (one that nobody uses)", TEXT_AT(number)},
    {"arg", "HEX", "the payload (empty)", TEXT_AT(argument)},
    {"out", "FILE", "write it there", TEXT_AT(out)},
    {"compat", NULL, "a program of the published Sancus tool chain: a folder or a descriptor",
     FLAG_AT(compat)},
    {"security", "BITS", "of keys and tags: 64 (default) or 128", TEXT_AT(security)},
    {"vendor-key", "HEX", "encrypts modules that are loaded confidentially", TEXT_AT(vendor_key)},
    {"stack", "BYTES", "of each module (512)", TEXT_AT(stack)},
    {"run", "MS", "virtual time to let pass afterwards (1000)", TEXT_AT(run_ms)},
};

#define ROWS (sizeof table / sizeof table[0])

static bool is_allowed(const char *allowed, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = strstr(allowed, name); at; at = strstr(at + 1, name))
        if ((at == allowed || at[-1] == ' ') && (at[len] == ' ' || at[len] == 0))
            return true;
    return false;
}

static const struct option_row *find(const char *name, size_t len, const char *allowed)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(table[i].name) == len && strncmp(table[i].name, name, len) == 0 &&
            is_allowed(allowed, table[i].name))
            return &table[i];
    return NULL;
}

static enum semo_status fail(struct semo_error *e, const char *word, const char *text)
{
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0, "%.100s: %s", word, text);
}

static enum semo_status take(struct semo_options *o, const struct option_row *row,
                             const char *value, struct semo_error *e)
{
    if (row->kind == FLAG)
        *(bool *)((char *)o + row->at) = true;
    else if (row->kind == TEXT)
        *(const char **)(void *)((char *)o + row->at) = value;
    else if (o->event_manager_count == SEMO_OPTIONS_LIST_MAX)
        return fail(e, row->name, "given too often; there are at most 32 nodes");
    else
        o->event_managers[o->event_manager_count++] = value;
    return SEMO_OK;
}

enum semo_status semo_options_read(int argc, char **argv, const char *allowed,
                                   struct semo_options *o, struct semo_error *e)
{
    bool only_files = false;
    o->files = argv; /* what is left over moves to the front */
    for (int i = 1; i < argc; i++) {
        char *word = argv[i], *equals = strchr(word, '=');
        if (only_files || strncmp(word, "--", 2) != 0) {
            o->files[o->file_count++] = word;
            continue;
        }
        only_files = word[2] == 0;
        if (only_files)
            continue;
        size_t len = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
        const struct option_row *row = find(word + 2, len, allowed);
        if (!row && is_allowed(allowed, "...")) { /* the verb knows what it is */
            o->files[o->file_count++] = word;
            continue;
        }
        if (!row)
            return fail(e, word, "not an option of this command; see --help");
        const char *value = equals ? equals + 1 : NULL;
        if (row->kind == FLAG && value)
            return fail(e, word, "this option takes no value; leave it out");
        if (row->kind != FLAG && !value && i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0)
            value = argv[++i];
        if (row->kind != FLAG && (!value || (!*value && strcmp(row->name, "arg") != 0)))
            return fail(e, word, "this option needs a value; see --help");
        if (take(o, row, value, e) != SEMO_OK)
            return SEMO_INPUT;
    }
    return SEMO_OK;
}

void semo_options_print_help(FILE *to, const char *allowed)
{
    for (size_t i = 0; i < ROWS; i++) {
        char left[40];
        if (!is_allowed(allowed, table[i].name))
            continue;
        snprintf(left, sizeof left, "--%s%s%s", table[i].name, table[i].value ? " " : "",
                 table[i].value ? table[i].value : "");
        fprintf(to, "  %-26s %s\n", left, table[i].help);
    }
}

bool semo_options_number(const char *text, uint64_t max, uint64_t *value)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || n > max)
        return false;
    *value = n;
    return true;
}
