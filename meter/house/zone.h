/* SPDX-License-Identifier: Apache-2.0 */
/* Local time to UTC by the system's time zone data. */
#ifndef SEMO_ZONE_H
#define SEMO_ZONE_H

#include <stdbool.h>
#include <stdint.h>

/* Lends the process's TZ to `zone` until semo_zone_leave. False: the system has no such zone. */
struct semo_zone {
    char *before; /* the TZ to give back, NULL = none */
};
bool semo_zone_enter(struct semo_zone *z, const char *zone);
void semo_zone_leave(struct semo_zone *z);
/* local: the seconds since 1970-01-01 that the clock on the wall would count. Writes the moments at
 * which it shows that, in order: none in an hour that is skipped, two in one that comes twice. */
unsigned semo_zone_moments(int64_t local, int64_t moment[2]);

#endif
