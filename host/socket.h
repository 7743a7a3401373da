/* SPDX-License-Identifier: Apache-2.0 */
/* Unix stream sockets at paths of any length: sockaddr_un holds 107 bytes, a state folder deep in a
 * home may be longer, so the last component is reached through its folder's descriptor. */
#ifndef SEMO_SOCKET_H
#define SEMO_SOCKET_H

#include <netinet/in.h>
#include <stdbool.h>

struct semo_address {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    };
    socklen_t len;
};
/* False: not a numeric address. */
bool semo_address_parse(const char *host, unsigned port, struct semo_address *a);

/* Close-on-exec descriptor, or -1 with errno. */
int semo_socket_connect(const char *path);
/* Not blocking, mode 0600. The path must be free. */
int semo_socket_listen(const char *path, int backlog);

#endif
