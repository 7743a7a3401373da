/* SPDX-License-Identifier: Apache-2.0 */
/* One message from or to a peer that may be the attacker. */
#ifndef SEMO_PACKET_H
#define SEMO_PACKET_H

#include <semo/status.h>
#include <stdint.h>
#include "monitor/protocol.h"

struct semo_packet {
    unsigned len; /* at least 1 */
    int fd;       /* that came with it, -1 = none; the receiver closes it */
    uint8_t bytes[SEMO_MONITOR_MESSAGE_MAX + 64];
};

int64_t semo_now_ns(void); /* of the host */
int64_t semo_now_ms(void);
/* Waits until deadline_ms (-1 = for ever). SEMO_TIMEOUT; SEMO_MISSING: nobody there any more;
 * SEMO_LENGTH: longer than SEMO_MONITOR_MESSAGE_MAX, gone. On failure p->fd is -1. */
enum semo_status semo_packet_receive(int socket, int64_t deadline_ms,
                                     struct semo_packet *p) SEMO_MUST_CHECK;
/* Never waits. SEMO_FULL: the peer does not read what it asked for. */
enum semo_status semo_packet_send(int socket, const uint8_t *bytes, unsigned len) SEMO_MUST_CHECK;

#endif
