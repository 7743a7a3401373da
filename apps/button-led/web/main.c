/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/in.h>
#include <semo/status.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "apps/button-led/web/web.h"

#define READERS_MAX 16

static const char usage[] =
    "usage: semo-web serve SOCKET NODE MODULE [PORT]\n"
    "       semo-web get PORT FINGERPRINT\n"
    "\n"
    "serve  carries the page of that module to browsers on this machine; prints port and\n"
    "       fingerprint (SHA-256) of a new certificate\n"
    "get    reads the page from a server with that certificate\n"
    "\n"
    "SOCKET is control.sock in the state folder, MODULE the module's number on its node, from 1.\n"
    "example: semo-web serve ~/.local/state/semo/button-led/control.sock server 3\n"
    "exit codes: 0 done, 1 refused or failed, 2 bad usage or input, 3 missing permission or "
    "resource\n";

static bool read_number(const char *text, unsigned long max, unsigned *n)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *n = (unsigned)value;
    return text[0] >= '0' && text[0] <= '9' && !*end && value <= max;
}

static bool read_print(const char *text, uint8_t print[PRINT_LEN])
{
    unsigned byte;
    for (unsigned i = 0; i < PRINT_LEN; i++, text += 2) {
        if (strspn(text, "0123456789abcdefABCDEF") < 2 || sscanf(text, "%2x", &byte) != 1)
            return false;
        print[i] = (uint8_t)byte;
    }
    return !*text;
}

static int bad(const char *word, const char *what)
{
    fprintf(stderr, "semo-web: %.80s: %s\n", word, what);
    return SEMO_EXIT_USAGE;
}

/* On loopback only; the port that it got, 0: none. */
static unsigned listen_at(int fd, unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, READERS_MAX) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    return ntohs(at.sin_port);
}

/* A process for each reader: a slow one holds up nobody else, and no more than so many are there.
 */
static void serve(SSL_CTX *tls, int fd, struct web_source *source)
{
    for (unsigned readers = 0;;) {
        while (readers && waitpid(-1, NULL, readers < READERS_MAX ? WNOHANG : 0) > 0)
            readers--;
        int reader = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        pid_t pid = reader >= 0 ? fork() : -1;
        if (pid == 0) {
            web_tls_serve(tls, reader, web_page_make, source);
            _exit(0);
        }
        readers += pid > 0;
        if (reader >= 0)
            close(reader);
    }
}

static int start(int argc, char **argv)
{
    struct web_source source = {argv[2], argv[3], 0};
    uint8_t print[PRINT_LEN];
    unsigned port = 0;
    if (!read_number(argv[4], UINT16_MAX, &source.module))
        return bad(argv[4], "not the number of a module");
    if (argc == 6 && !read_number(argv[5], UINT16_MAX, &port))
        return bad(argv[5], "not a port");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    SSL_CTX *tls = web_tls_server(print);
    if (!tls || (port = listen_at(fd, port)) == 0) {
        fprintf(stderr, "semo-web: cannot listen there\n");
        return SEMO_EXIT_RESOURCE;
    }
    printf("https://localhost:%u/ ", port);
    for (unsigned i = 0; i < PRINT_LEN; i++)
        printf("%02x", print[i]);
    printf("\n");
    fflush(stdout);
    serve(tls, fd, &source);
    return SEMO_EXIT_DONE;
}

int main(int argc, char **argv)
{
    uint8_t print[PRINT_LEN];
    unsigned port;
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return SEMO_EXIT_DONE;
    }
    if (argc >= 5 && argc <= 6 && strcmp(argv[1], "serve") == 0)
        return start(argc, argv);
    if (argc != 4 || strcmp(argv[1], "get") != 0) {
        fputs(usage, stderr);
        return SEMO_EXIT_USAGE;
    }
    if (!read_number(argv[2], UINT16_MAX, &port))
        return bad(argv[2], "not a port");
    if (!read_print(argv[3], print))
        return bad(argv[3], "not a fingerprint; write 64 hexadecimal digits");
    return web_tls_get(port, print);
}
