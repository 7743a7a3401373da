/* SPDX-License-Identifier: Apache-2.0 */
/* The semo command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/reply.h"
#include "cli/verbs.h"
#include "cli/watch.h"

#define VERSION "semo 0.1"

static const struct semo_verb verbs[] = {
    {"init", "", "make an operator key", "operator-key json", "semo init", semo_verb_init},
    {"new", "FOLDER", "make a small application to begin with", "json", "semo new hello",
     semo_verb_new},
    {"provision", "DESCRIPTOR...", "deliver new emulated nodes: keys, owners of actuators",
     SEMO_COMMON " again", "semo provision hello/descriptor.json", semo_verb_provision},
    {"import-key", "DESCRIPTOR...", "read a node's vendor key (32 hex digits) from standard input",
     SEMO_COMMON " node", "semo import-key hello/descriptor.json --node board <key",
     semo_verb_import_key},
    {"vendor-key", "NODE VENDOR", "derive the key of a vendor from a node's chip, for its deployer",
     "state out json", "semo vendor-key board 4660 --out key", semo_verb_vendor_key},
    {"build", "DESCRIPTOR...", "compile, measure and check every module",
     SEMO_COMMON " compat security stack vendor-key", "semo build hello/descriptor.json",
     semo_verb_build},
    {"up", "DESCRIPTOR...", "start emulated nodes, deploy, attest, connect and run",
     SEMO_COMMON " data timezone speed script trace seal-log seed weak event-manager tcp headless"
                 " han only-nodes realtime emulate listen",
     "semo up hello/descriptor.json --only-nodes", semo_verb_up},
    {"deploy", "DESCRIPTOR...", "load, attest and connect what is not there yet",
     SEMO_COMMON SEMO_NODES, "semo deploy hello/descriptor.json", semo_verb_deploy},
    {"attest", "DESCRIPTOR...", "challenge every module again", SEMO_COMMON SEMO_NODES,
     "semo attest hello/descriptor.json", semo_verb_attest},
    {"connect", "DESCRIPTOR...", "attest, then new keys for every connection",
     SEMO_COMMON SEMO_NODES, "semo connect hello/descriptor.json", semo_verb_connect},
    {"offer", "DESCRIPTOR...",
     "key our end of a shared connection, give the offer to its other owner",
     SEMO_COMMON SEMO_NODES " connection number out",
     "semo offer apps/car-park/lot.json --state lot --connection avl-place1 --out offer",
     semo_verb_offer},
    {"accept", "DESCRIPTOR...", "key our end of a shared connection by an offer on standard input",
     SEMO_COMMON SEMO_NODES " connection",
     "semo accept apps/car-park/avl.json --connection place1 --nodes lot <offer", semo_verb_accept},
    {"call", "DESCRIPTOR...", "call a stranger-callable entry; nothing of it is authentic",
     SEMO_COMMON SEMO_NODES " module entry arg out",
     "semo call apps/button-led/descriptor.json --module WEB --entry refresh", semo_verb_call},
    {"output", "DESCRIPTOR...", "send an event over a direct connection, print what comes back",
     SEMO_COMMON SEMO_NODES " connection arg run",
     "semo output hello/descriptor.json --connection press --arg 01", semo_verb_output},
    {"request", "DESCRIPTOR...", "ask over a direct connection, print what its handler answers",
     SEMO_COMMON SEMO_NODES " connection arg out",
     "semo request apps/button-led/descriptor.json --connection presses", semo_verb_request},
    {"disable", "DESCRIPTOR...", "end one module, which confirms it",
     SEMO_COMMON SEMO_NODES " module", "semo disable hello/descriptor.json --module COUNTER",
     semo_verb_disable},
    {"reset", "DESCRIPTOR...", "end every module, then reset the nodes that nobody else uses",
     SEMO_COMMON SEMO_NODES, "semo reset hello/descriptor.json", semo_verb_reset},
    {"status", "DESCRIPTOR...", "nodes, modules and connections, step by step", SEMO_COMMON,
     "semo status hello/descriptor.json --json", semo_verb_status},
    {"logs", "DESCRIPTOR...", "what happened to nodes and modules, what the deployer did",
     SEMO_COMMON " node follow", "semo logs hello/descriptor.json --node board", semo_verb_logs},
    {"tcb", "DESCRIPTOR...", "what has to be trusted, in lines and bytes", SEMO_COMMON,
     "semo tcb hello/descriptor.json", semo_verb_tcb},
    {"lint", "DESCRIPTOR...",
     "check devices, memory, information flow and what a stranger can cause", SEMO_COMMON,
     "semo lint hello/descriptor.json", semo_verb_lint},
    {"graph", "DESCRIPTOR...", "draw nodes, modules and connections as SVG", "out json",
     "semo graph hello/descriptor.json --out hello.svg", semo_verb_graph},
    {"cc", "FILE.c...", "build a program in the style of the published Sancus tool chain",
     "security stack vendor-key json ...", "semo cc -o hello.elf tests/compat/hello.c",
     semo_verb_cc},
    {"down", "DESCRIPTOR...", "end the nodes that semo up --only-nodes left running", SEMO_COMMON,
     "semo down hello/descriptor.json", semo_verb_down},
};

#define VERBS (sizeof verbs / sizeof verbs[0])

static void print_overview(FILE *to)
{
    fprintf(to, "usage: semo VERB [options] [DESCRIPTOR...]\n\n");
    for (size_t i = 0; i < VERBS; i++)
        fprintf(to, "  %-11s %s\n", verbs[i].name, verbs[i].summary);
    fprintf(to,
            "\nsemo VERB --help tells more; hello in its examples is what the next line makes.\n"
            "example: semo new hello\n");
}

static void print_help(const struct semo_verb *v, FILE *to)
{
    fprintf(to, "usage: semo %s [options] %s\n%s\n\n", v->name, v->arguments, v->summary);
    semo_options_print_help(to, v->options);
    fprintf(to, "  %-26s this text\n  %-26s the version\n", "--help", "--version");
    fprintf(
        to,
        "\nexample: %s\nexit codes: 0 done, 1 refused or failed, 2 bad usage or input, 3 missing "
        "permission or resource, 4 time-out\n",
        v->example);
}

/* v: NULL for all of them. */
static int tell_help(const struct semo_verb *v)
{
    char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    if (!to)
        abort();
    if (v)
        print_help(v, to);
    else
        print_overview(to);
    if (fclose(to) != 0)
        abort();
    fputs(text, stdout);
    json_object_set_new(semo_reply(), "help", json_string(text));
    free(text);
    return SEMO_EXIT_DONE;
}

static int tell_version(void)
{
    puts(VERSION);
    json_object_set_new(semo_reply(), "version", json_string(VERSION));
    return SEMO_EXIT_DONE;
}

static int fail_usage(const char *verb, struct semo_error *e)
{
    e->code = SEMO_EXIT_USAGE;
    return semo_reply_error(verb, e);
}

static int run_verb(const struct semo_verb *v, int argc, char **argv)
{
    struct semo_options o = {.files = NULL};
    struct semo_error e = {{0}, SEMO_EXIT_USAGE};
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return tell_help(v);
        if (strcmp(argv[i], "--version") == 0)
            return tell_version();
    }
    if (semo_options_read(argc, argv, v->options, &o, &e) != SEMO_OK)
        return fail_usage(v->name, &e);
    if ((o.file_count > 0) == (v->arguments[0] != 0)) {
        semo_watch_begin(v->name);
        int code = v->run(&o);
        semo_watch_end();
        return code;
    }
    snprintf(e.text, sizeof e.text,
             v->arguments[0] ? "name %s; see --help"
                             : "takes no files; see "
                               "--help",
             v->arguments);
    return fail_usage(v->name, &e);
}

static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0 || strncmp(argv[i], "--json=", 7) == 0)
            return true;
    return false;
}

static const struct semo_verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(name, verbs[i].name) == 0)
            return &verbs[i];
    return NULL;
}

static int dispatch(int argc, char **argv)
{
    struct semo_error e = {{0}, SEMO_EXIT_USAGE};
    if (argc < 2) {
        print_overview(stderr);
        return SEMO_EXIT_USAGE;
    }
    const bool help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0;
    if (help && (argc < 3 || argv[2][0] == '-'))
        return tell_help(NULL);
    if (strcmp(argv[1], "--version") == 0)
        return tell_version();
    const char *name = argv[1 + help];
    const struct semo_verb *verb = find_verb(name);
    if (verb)
        return help ? tell_help(verb) : run_verb(verb, argc - 1, argv + 1);
    snprintf(e.text, sizeof e.text, "%.60s: no such command; semo --help lists them", name);
    return fail_usage("", &e);
}

int main(int argc, char **argv)
{
    semo_reply_open(wants_json(argc, argv));
    return semo_reply_close(dispatch(argc, argv));
}
