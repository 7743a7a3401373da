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
    "usage: semo-web STATE MODULE [PORT]\n"
    "\n"
    "Carries bytes between browsers on this machine and the web server inside a module, whose\n"
    "first entry takes them. Prints where. It sees TLS records and needs no trust.\n"
    "\n"
    "STATE is the state folder of the application.\n"
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
    unsigned port = 0;
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return SEMO_EXIT_DONE;
    }
    if (argc < 3 || argc > 4) {
        fputs(usage, stderr);
        return SEMO_EXIT_USAGE;
    }
    if (argc == 4 && !read_number(argv[3], UINT16_MAX, &port)) {
        fprintf(stderr, "semo-web: %.80s: not a port\n", argv[3]);
        return SEMO_EXIT_USAGE;
    }
    return start(&(struct web_target){argv[1], argv[2]}, port);
}
