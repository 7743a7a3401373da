/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "node/host/daemon.h"

static const char help[] =
    "semo-node --config FILE [--ready FD]\n"
    "Runs the nodes of one application: emulated microcontrollers, Linux nodes behind their\n"
    "monitors, and the network between them, under one virtual clock. semo up starts it and "
    "steers\n"
    "it through a socket (host/control.h).\n"
    "\n"
    "  --config FILE  JSON: {\"socket\": PATH, \"trace\": PATH, \"seal_log\": PATH, \"seed\": N,\n"
    "                 \"tcp\": true, \"nodes\": [{\"name\": \"node1\", \"type\": \"mcu\", "
    "\"chip\": PATH,\n"
    "                 \"latency_cycles\": 20000}]}; the rest is in semo-node(8)\n"
    "  --ready FD     one byte is written there as soon as clients can connect\n"
    "  --help, --version\n"
    "\n"
    "Example: semo-node --config alpha.json (made in semo-node(8))\n";

static int usage(const char *what)
{
    fprintf(stderr, "semo-node: %s; try: semo-node --config FILE\n", what);
    return SEMO_EXIT_USAGE;
}

/* False: not understood. */
static bool read_options(int argc, char **argv, const char **config, int *ready)
{
    int i = 1;
    for (; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--config") == 0)
            *config = argv[i + 1];
        else if (strcmp(argv[i], "--ready") == 0)
            *ready = atoi(argv[i + 1]);
        else
            return false;
    return i == argc;
}

static void tell_ready(int fd)
{
    if (fd < 0)
        return;
    if (write(fd, "\n", 1) == 1)
        close(fd);
}

/* One for each connection; what the system allows may be more than what it gives at first. */
static void allow_many_descriptors(void)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0)
        return;
    l.rlim_cur = l.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &l);
}

int main(int argc, char **argv)
{
    static struct semo_daemon daemon;
    struct semo_error e = {.code = SEMO_EXIT_FAILED};
    const char *config = NULL;
    int ready = -1;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(help, stdout) < 0;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("semo-node 0.1") < 0;
    if (!read_options(argc, argv, &config, &ready))
        return usage("option not understood");
    if (!config)
        return usage("no configuration given");
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    enum semo_status status = semo_daemon_open(&daemon, config, &e);
    if (daemon.config.alone)
        prctl(PR_SET_PDEATHSIG, 0);
    if (status == SEMO_OK) {
        tell_ready(ready);
        semo_daemon_run(&daemon);
    } else {
        fprintf(stderr, "semo-node: %s\n", e.text);
    }
    semo_daemon_close(&daemon);
    return status == SEMO_OK ? SEMO_EXIT_DONE : (int)e.code;
}
