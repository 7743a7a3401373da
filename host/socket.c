/* SPDX-License-Identifier: Apache-2.0 */
#include "host/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

bool semo_address_parse(const char *host, unsigned port, struct semo_address *a)
{
    memset(a, 0, sizeof *a);
    a->len = sizeof a->in;
    a->in.sin_family = AF_INET;
    a->in.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &a->in.sin_addr) == 1)
        return true;
    a->len = sizeof a->in6;
    a->in6.sin6_family = AF_INET6;
    a->in6.sin6_port = htons((uint16_t)port);
    return inet_pton(AF_INET6, host, &a->in6.sin6_addr) == 1;
}

/* The folder's descriptor, to be closed after use, or -1. */
static int address_of(const char *path, struct sockaddr_un *address)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char folder[4096];
    if ((size_t)(name - path) >= sizeof folder) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(folder, path, (size_t)(name - path));
    strcpy(folder + (name - path), ".");
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (fd >= 0 && snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", fd,
                            name) >= (int)sizeof address->sun_path) {
        close(fd);
        errno = ENAMETOOLONG;
        return -1;
    }
    return fd;
}

static void close_quietly(int fd)
{
    int kept = errno;
    if (fd >= 0)
        close(fd);
    errno = kept;
}

int semo_socket_connect(const char *path)
{
    struct sockaddr_un address;
    int folder = address_of(path, &address);
    int fd = folder < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close_quietly(fd);
        fd = -1;
    }
    close_quietly(folder);
    return fd;
}

int semo_socket_listen(const char *path, int backlog)
{
    struct sockaddr_un address;
    int folder = address_of(path, &address);
    int fd = folder < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    mode_t mask = umask(0077);
    if (fd >= 0 &&
        (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, backlog) != 0)) {
        close_quietly(fd);
        fd = -1;
    }
    umask(mask);
    close_quietly(folder);
    return fd;
}
