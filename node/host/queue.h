/* SPDX-License-Identifier: Apache-2.0 */
/* What will happen at a cycle: a heap in the order time, sender's name, order of arrival. */
#ifndef SEMO_QUEUE_H
#define SEMO_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include "machine/devices/devices.h"

/* The bytes of one frame, shared by those who will see them. */
struct semo_packet {
    unsigned references;
    uint16_t len;
    uint8_t bytes[];
};

struct semo_packet *semo_packet_new(const uint8_t *bytes, unsigned len); /* one reference */
struct semo_packet *semo_packet_share(struct semo_packet *p);
void semo_packet_drop(struct semo_packet *p); /* NULL is fine */

enum semo_item_kind {
    SEMO_ITEM_FRAME,   /* packet, to, client */
    SEMO_ITEM_SUPPLY,  /* supply */
    SEMO_ITEM_CONTACT, /* closed */
    SEMO_ITEM_HAN,     /* packet */
    SEMO_ITEM_TIMER,   /* timer, to */
    SEMO_ITEM_PRESS,   /* to: the button; closed */
    SEMO_ITEM_SHOW,    /* packet: lamps, characters */
    SEMO_ITEM_PRINT    /* packet: text of a module */
};

struct semo_timer {
    uint16_t module, entry;
    uint32_t period_ms;
};

struct semo_item {
    uint64_t time;
    uint64_t serial; /* set by push */
    enum semo_item_kind kind;
    uint8_t rank;     /* of the sender: place of its name; clients last */
    uint8_t from, to; /* node index, SEMO_CONTROL_CLIENT */
    bool closed;
    uint32_t client; /* 0 = none */
    struct semo_packet *packet;
    union {
        struct semo_supply supply;
        struct semo_timer timer;
    };
};

struct semo_queue { /* all zero but `limit` = empty */
    struct semo_item *items;
    uint32_t count, room, limit;
    uint64_t serial;
};

/* Takes over item->packet. False, and nothing is taken over: `limit` reached. */
bool semo_queue_push(struct semo_queue *q, const struct semo_item *item);
struct semo_item semo_queue_pop(struct semo_queue *q); /* count > 0 */
/* Drops what comes from node `from` after that time. */
void semo_queue_forget(struct semo_queue *q, unsigned from, uint64_t after);
/* Takes out every item that `is` says so of; drops their packets. Returns how many. */
unsigned semo_queue_remove(struct semo_queue *q,
                           bool (*is)(const void *context, const struct semo_item *item),
                           const void *context);
void semo_queue_free(struct semo_queue *q);

static inline uint64_t semo_queue_time(const struct semo_queue *q)
{
    return q->count ? q->items[0].time : UINT64_MAX;
}

#endif
