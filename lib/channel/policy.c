/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/channel/policy.h"

#include <stddef.h>

enum { SEQUENCE = 2 }; /* in a sealed event, behind domain and flags */

void *memcpy(void *to, const void *from, size_t len);

static bool same_sequence(const void *a, const void *b)
{
    const uint8_t *x = a, *y = b;
    for (unsigned i = 0; i < SEMO_REPORT_LEN; i++)
        if (x[i] != y[i])
            return false;
    return true;
}

bool semo_policy_wants_report(const struct semo_channel *forward, enum semo_status status)
{
    unsigned policy = SEMO_KIND_POLICY(forward->kind);
    if (policy == SEMO_ACKNOWLEDGED)
        return status == SEMO_OK || status == SEMO_STALE;
    return policy == SEMO_STRICT && status == SEMO_GAP;
}

void semo_policy_hold(struct semo_open *o, const uint8_t *frame, unsigned len)
{
    o->len = (uint16_t)len;
    o->ticks = SEMO_OPEN_TICKS;
    memcpy(o->frame, frame, len);
}

enum semo_status semo_policy_hear(const struct semo_channel *forward, struct semo_open *o,
                                  const uint8_t *report, unsigned len)
{
    if (len < SEMO_REPORT_LEN)
        return SEMO_MALFORMED;
    if (SEMO_KIND_POLICY(forward->kind) == SEMO_STRICT)
        return same_sequence(report, forward->sequence) ? SEMO_OK : SEMO_GAP;
    if (!o || !o->len || !same_sequence(report, (uint8_t *)o->frame + 2 + SEQUENCE))
        return SEMO_STALE;
    o->len = 0;
    return SEMO_OK;
}

enum semo_status semo_policy_tick(struct semo_open *o)
{
    if (!o->len)
        return SEMO_EMPTY;
    if (o->ticks && --o->ticks)
        return SEMO_OK;
    o->len = 0;
    return SEMO_TIMEOUT;
}
