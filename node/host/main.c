/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include "node/host/daemon.h"

static const char help[] =
    "semo-node --config FILE\n"
    "Runs the nodes of one application: emulated microcontrollers, Linux nodes behind their\n"
    "monitors, and the network between them, under one virtual clock. semo up starts it and "
    "steers\n"
    "it through a socket (host/control.h).\n"
    "\n"
    "  --config FILE  JSON: {\"socket\": PATH, \"trace\": PATH, \"seal_log\": PATH, \"seed\": N,\n"
    "                 \"tcp\": true, \"nodes\": [{\"name\": \"node1\", \"type\": \"mcu\", "
    "\"chip\": PATH,\n"
    "                 \"firmware\": PATH, \"latency_cycles\": 20000}]}\n"
    "  --help, --version\n"
    "\n"
    "Example: semo-node --config build/state/node.json\n";

static int usage(const char *what)
{
    fprintf(stderr, "semo-node: %s; try: semo-node --config FILE\n", what);
    return SEMO_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    static struct semo_daemon daemon;
    struct semo_error e = {.code = SEMO_EXIT_FAILED};
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(help, stdout) < 0;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("semo-node 0.1") < 0;
    if (argc != 3 || strcmp(argv[1], "--config") != 0)
        return usage(argc < 2 ? "no configuration given" : "not understood");
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGPIPE, SIG_IGN);
    enum semo_status status = semo_daemon_open(&daemon, argv[2], &e);
    if (status == SEMO_OK)
        semo_daemon_run(&daemon);
    else
        fprintf(stderr, "semo-node: %s\n", e.text);
    semo_daemon_close(&daemon);
    return status == SEMO_OK ? SEMO_EXIT_DONE : (int)e.code;
}
