/* SPDX-License-Identifier: Apache-2.0 */
/* What an event manager can do to events when it is the attacker's: the same for a microcontroller
 * and a Linux node. Everything follows from the seed, so that a run can be repeated. */
#ifndef SEMO_ATTACK_H
#define SEMO_ATTACK_H

#include <stdint.h>
#include <semo/status.h>
#include "lib/wire/wire.h"

#define SEMO_ATTACK_EVENT_MAX 96 /* longer ones are not kept for a replay */
#define SEMO_ATTACK_KEPT      4  /* a power of two */

/* Frame of the hostile event managers only: tag u16 | attacks u16 (0 = without end) | seed u16
 * -> status. Starts over. */
#define SEMO_FRAME_ATTACK 0x70

struct semo_attack_event {
    uint8_t bytes[SEMO_ATTACK_EVENT_MAX];
    uint16_t len; /* 0 = none */
};

struct semo_attack {
    uint16_t random;
    uint16_t budget; /* attacks to make, 0 = without end */
    uint16_t made;
    uint16_t inbound; /* the next event comes in, else it is on its way out */
    uint16_t next;    /* of kept, to be overwritten */
    struct semo_attack_event kept[SEMO_ATTACK_KEPT]; /* went where they should, some time ago */
    struct semo_attack_event held;                   /* waits for a later one to overtake it */
};

/* Where an honest event manager would pass the event: SEMO_OK = a module here accepted it,
 * SEMO_EMPTY = sent, others = refused. Leaves the bytes as they are. */
typedef enum semo_status semo_attack_pass(uint8_t *event, unsigned len);

void semo_attack_start(struct semo_attack *a, uint16_t budget, uint16_t seed);
/* Passes the event (connection u16 | sealed), or does something else; counts by semo_em_count. A
 * replay counts as accepted only when its original had been delivered: a late delivery is none.
 * What the attacker of one node changes on the way out, that of the next never changes back: that
 * would be a delivery as well. */
void semo_attack_event(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass);

void semo_em_count(enum semo_counter which); /* supplied by the event manager */

#endif
