/* SPDX-License-Identifier: Apache-2.0 */
/* Unix stream sockets at paths of any length: sockaddr_un holds 107 bytes, a state folder deep in a
 * home may be longer, so the last component is reached through its folder's descriptor. */
#ifndef SEMO_SOCKET_H
#define SEMO_SOCKET_H

/* Close-on-exec descriptor, or -1 with errno. */
int semo_socket_connect(const char *path);
/* Not blocking, mode 0600. The path must be free. */
int semo_socket_listen(const char *path, int backlog);

#endif
