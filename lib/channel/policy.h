/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of a connection whose policy is not newest (lib/wire/wire.h, enum semo_policy).
 *
 * The receiver reports over the back channel which event it accepted last: after each event that it
 * accepts, and again after each that comes too early or too late. Reports are events: authentic,
 * in order, worth nothing twice. The sender keeps what it has open and compares. */
#ifndef SEMO_CHANNEL_POLICY_H
#define SEMO_CHANNEL_POLICY_H

#include "lib/channel/channel.h"

#define SEMO_REPORT_LEN 8 /* sequence u64, before the reply */
#define SEMO_OPEN_TICKS 8 /* after as many without an answer, an open event is given up */
#define SEMO_TICK_MS    250

struct semo_open {    /* an event that its receiver has not answered; all zero = none */
    uint16_t len;     /* bytes of the frame */
    uint16_t ticks;   /* left */
    uint16_t frame[]; /* connection u16 | sealed event */
};

/* Receiver: a report is an event of the back channel whose body is the `sequence` of the forward
 * channel, 8 bytes as they lie there; for a request the reply follows. Does this outcome
 * of semo_channel_open oblige it to report? (Requests: only their answer.) */
bool semo_policy_wants_report(const struct semo_channel *forward, enum semo_status status);

/* Sender: holds a frame that was sealed just now. */
void semo_policy_hold(struct semo_open *o, const uint8_t *frame, unsigned len);
/* What a report (len bytes, opened from the back channel) says.
 * acknowledged, request: SEMO_OK: of the open event, which is open no more; SEMO_STALE: of another.
 * strict: SEMO_OK: nothing is missing so far; SEMO_GAP: something is: send a RESYNC. o is not used.
 */
enum semo_status semo_policy_hear(const struct semo_channel *forward, struct semo_open *o,
                                  const uint8_t *report, unsigned len) SEMO_MUST_CHECK;
/* A tick passes. SEMO_OK: offer the frame again (a request is not repeated); SEMO_TIMEOUT: given
 * up, open no more; SEMO_EMPTY: nothing is open. */
enum semo_status semo_policy_tick(struct semo_open *o) SEMO_MUST_CHECK;

#endif
