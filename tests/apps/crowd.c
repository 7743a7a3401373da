/* SPDX-License-Identifier: Apache-2.0 */
/* crowd PORT COUNT: so many connections to a TLS server on this machine that say nothing, the
 * beginning of a hello, or nonsense, and stay until standard input ends. */
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
    const char *bytes;
    size_t len;
} words[] = {
    {"", 0}, {"\x16\x03\x01\x00\xC8\x01\x00\x00\xC4\x03\x03", 11}, {"GET / HTTP/1.1\r\n\r\n", 18}};

int main(int argc, char **argv)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)(argc == 3 ? strtoul(argv[1], NULL, 10) : 0)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned there = 0;
    char end;
    for (unsigned i = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0; i > 0; i--) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        there += connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 &&
                 send(fd, words[i % 3].bytes, words[i % 3].len, MSG_NOSIGNAL) ==
                     (ssize_t)words[i % 3].len;
    }
    printf("%u there\n", there);
    fflush(stdout);
    return read(STDIN_FILENO, &end, 1) < 0;
}
