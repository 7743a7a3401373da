/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/channel/time.h"

static bool is_older(const struct semo_time *t, uint32_t now, uint32_t seconds)
{
    return !t->utc || now - t->asked > seconds * SEMO_TIME_UNITS_PER_S;
}

enum semo_status semo_time_set(struct semo_time *t, uint32_t utc, uint32_t asked, uint32_t heard)
{
    if (heard - asked > (uint32_t)SEMO_TIME_TRIP_S * SEMO_TIME_UNITS_PER_S)
        return SEMO_TIMEOUT;
    t->utc = utc;
    t->asked = asked;
    t->heard = heard;
    return SEMO_OK;
}

bool semo_time_is_old(const struct semo_time *t, uint32_t now)
{
    return is_older(t, now, SEMO_TIME_OLD_S);
}

/* A unit more a second, so that what is counted since is rather too little. */
enum semo_status semo_time_earliest(const struct semo_time *t, uint32_t now, uint32_t *utc)
{
    uint32_t left = now - t->heard;
    if (is_older(t, now, SEMO_TIME_AGE_S))
        return SEMO_UNFRESH;
    for (*utc = t->utc; left > SEMO_TIME_UNITS_PER_S; left -= SEMO_TIME_UNITS_PER_S + 1)
        ++*utc;
    return SEMO_OK;
}

/* It is at most utc + 1, the second that was said being over, and what was counted since asking. */
enum semo_status semo_time_judge(const struct semo_time *t, uint32_t now, uint32_t until)
{
    uint32_t left = until - t->utc - 1;
    if (is_older(t, now, SEMO_TIME_AGE_S))
        return SEMO_UNFRESH;
    if (until <= t->utc)
        return SEMO_EXPIRED;
    if (left > SEMO_TIME_AGE_S)
        return SEMO_OK;
    return now - t->asked <= left * SEMO_TIME_UNITS_PER_S ? SEMO_OK : SEMO_EXPIRED;
}
