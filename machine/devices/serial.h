/* SPDX-License-Identifier: Apache-2.0 */
/* The two halves of a serial line at 115,200 baud, without a tick for each byte: what a FIFO holds
 * follows from the time. */
#ifndef SEMO_SERIAL_H
#define SEMO_SERIAL_H

#include "machine/devices/make.h"

#define SEMO_BYTE_CYCLES ((uint64_t)SEMO_LINK_BYTE_CYCLES)
#define SEMO_LATER(a, b) ((a) > (b) ? (a) : (b))

/* Transmitter: a FIFO and a shift register. A line that never pauses is known by the cycle at which
 * it falls silent, so each byte is announced with its exact end as soon as it is written. */
#define SEMO_SERIAL_MAX 512
struct semo_serial {
    uint64_t idle_at;
    uint32_t fifo; /* bytes it has room for */
    uint32_t held_count;
    bool hold; /* the peer's flow control */
    uint8_t held[SEMO_SERIAL_MAX];
};

struct semo_serial_peer { /* host side */
    void (*sent)(void *context, uint8_t byte, uint64_t at);
    void *context;
};

void semo_serial_write(struct semo_serial *s, const struct semo_serial_peer *p, uint8_t byte,
                       uint64_t now); /* lost when the FIFO is full */
void semo_serial_hold(struct semo_serial *s, const struct semo_serial_peer *p, bool hold,
                      uint64_t now);
unsigned semo_serial_free(const struct semo_serial *s, uint64_t now);
/* The cycle at which the FIFO is (or was) empty, SEMO_NEVER while the peer holds bytes back. */
uint64_t semo_serial_empty_at(const struct semo_serial *s);

/* Receiver: a FIFO that holds the line back while it is full, and the bytes on their way. */
#define SEMO_LINE_AHEAD   8192
#define SEMO_LINE_BATCHES 128
struct semo_line {
    uint8_t ring[SEMO_LINK_FIFO + SEMO_LINE_AHEAD]; /* the FIFO, then what is on its way */
    uint32_t head, waiting, ahead;                  /* bytes: in the FIFO, on their way */
    struct semo_batch {                             /* bytes without a pause from `start` on */
        uint64_t start;
        uint32_t len;
    } batch[SEMO_LINE_BATCHES];
    uint32_t batch_head, batch_count;
    uint64_t free_at; /* the line carries nothing new before this cycle */
    uint64_t last;    /* arrival or read: idle time counts from here */
};

void semo_line_settle(struct semo_line *l, uint64_t now);  /* before any look at `waiting` */
uint8_t semo_line_take(struct semo_line *l, uint64_t now); /* 0 when nothing waits */
/* How many of the bytes were taken on the way; they start at `start` or when the line is free. */
unsigned semo_line_add(struct semo_line *l, const uint8_t *bytes, unsigned len, uint64_t start);
/* The cycle at which `trigger` bytes wait, or fewer have waited for 4 byte times (as a 16550). */
uint64_t semo_line_due(const struct semo_line *l, uint32_t trigger);

#endif
