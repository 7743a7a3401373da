/* SPDX-License-Identifier: Apache-2.0 */
/* What a module knows of the time (design section 5): an answer of the clock driver that it asked
 * for itself, and cycles that it counted since. Without 64-bit types. */
#ifndef SEMO_CHANNEL_TIME_H
#define SEMO_CHANNEL_TIME_H

#include <semo/status.h>
#include <stdbool.h>
#include <stdint.h>

/* Time is counted in units of 65,536 cycles; rounded so that it never seems shorter than it was. */
#define SEMO_TIME_UNITS_PER_S 305
#define SEMO_TIME_TRIP_S      10  /* an answer that took longer is refused */
#define SEMO_TIME_OLD_S       60  /* then it is time to ask again */
#define SEMO_TIME_AGE_S       300 /* then it is not known any more */

struct semo_time { /* all zero: unknown */
    uint32_t utc;  /* second that the driver said, at some moment from asked to heard; 0 = none */
    uint32_t asked, heard; /* units */
};

/* SEMO_TIMEOUT: the trip was too long; nothing changes. */
enum semo_status semo_time_set(struct semo_time *t, uint32_t utc, uint32_t asked,
                               uint32_t heard) SEMO_MUST_CHECK;
bool semo_time_is_old(const struct semo_time *t, uint32_t now);
/* *utc: it is not earlier than that. SEMO_UNFRESH: unknown. */
enum semo_status semo_time_earliest(const struct semo_time *t, uint32_t now,
                                    uint32_t *utc) SEMO_MUST_CHECK;
/* SEMO_OK: the second `until` is surely not over; SEMO_EXPIRED: it may be; SEMO_UNFRESH: unknown.
 */
enum semo_status semo_time_judge(const struct semo_time *t, uint32_t now,
                                 uint32_t until) SEMO_MUST_CHECK;

#endif
