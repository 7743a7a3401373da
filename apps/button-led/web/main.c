/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/in.h>
#include <semo/status.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "apps/button-led/web/web.h"

#define BACKLOG 64

static const char usage[] =
    "usage: semo-web STATE MODULE [PORT [HOST NODEPORT]]\n"
    "\n"
    "Carries bytes between browsers on this machine and the web server inside a module, whose\n"
    "first entry takes them. Prints where. It sees TLS records and needs no trust.\n"
    "\n"
    "STATE is the state folder of the application. HOST, a numeric address, and NODEPORT are of "
    "the\n"
    "module's node where that was not started by semo up.\n"
    "example: semo-web ~/.local/state/semo/button-led WEB\n"
    "exit codes: 2 bad usage or input, 3 missing permission or resource\n";

static bool read_number(const char *text, unsigned long max, unsigned *n)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *n = (unsigned)value;
    return text[0] >= '0' && text[0] <= '9' && !*end && value <= max;
}

/* On loopback only; the port that it got, 0: none. */
static unsigned listen_at(int fd, unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    return ntohs(at.sin_port);
}

static int bad(const char *word, const char *what)
{
    fprintf(stderr, "semo-web: %.80s: %s\n", word, what);
    return SEMO_EXIT_USAGE;
}

static int start(const struct web_target *target, unsigned port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if ((port = listen_at(fd, port)) == 0) {
        fprintf(stderr, "semo-web: cannot listen there\n");
        return SEMO_EXIT_RESOURCE;
    }
    printf("https://localhost:%u/\n", port);
    fflush(stdout);
    web_readers_serve(fd, target);
    return SEMO_EXIT_DONE;
}

int main(int argc, char **argv)
{
    unsigned port = 0, node_port;
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return SEMO_EXIT_DONE;
    }
    if (argc < 3 || argc > 6 || argc == 5) {
        fputs(usage, stderr);
        return SEMO_EXIT_USAGE;
    }
    struct web_target target = {argv[1], argv[2], {.len = 0}};
    if (argc >= 4 && !read_number(argv[3], UINT16_MAX, &port))
        return bad(argv[3], "not a port");
    if (argc == 6 && (!read_number(argv[5], UINT16_MAX, &node_port) || node_port == 0))
        return bad(argv[5], "not a port");
    if (argc == 6 && !semo_address_parse(argv[4], node_port, &target.node))
        return bad(argv[4], "not a numeric address");
    return start(&target, port);
}
