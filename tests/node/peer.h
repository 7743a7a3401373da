/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware on a machine, and the other end of its link: a peer that speaks SLIP. */
#ifndef SEMO_PEER_H
#define SEMO_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/machine.h>
#include <semo/map.h>
#include "lib/wire/wire.h"
#include "machine/devices/devices.h"

#define PEER_FRAMES 64
#define MS          (SEMO_CLOCK_HZ / 1000)

struct peer_frame {
    uint8_t bytes[SEMO_FRAME_MAX];
    unsigned len;
};

struct peer {
    struct semo_machine *machine;
    struct semo_device *link, *clock;
    uint8_t line[2 * SEMO_FRAME_MAX + 2]; /* arriving, still coded */
    unsigned line_len;
    struct peer_frame frames[PEER_FRAMES]; /* arrived, oldest first */
    unsigned count;
    bool deaf_to_events;
    uint64_t epoch;
    uint16_t tag;
};

/* A node with link, random, epoch, event and clock devices, started; image: build/mcu/NAME.elf. */
struct peer *peer_new(const char *name, enum semo_profile profile, unsigned security);
void peer_free(struct peer *p);
void peer_load(struct peer *p, const char *name);
void peer_run(struct peer *p, uint64_t cycles);
/* As semo-node does it: another text in the same place when the processor sleeps, a warm start. */
void peer_take_over(struct peer *p, const char *name);

/* Tells the hostile image how many attacks it may make, 0 = without end. */
void peer_attack(struct peer *p, unsigned budget, unsigned seed);

/* Bytes from `low` on that the firmware's stack, which cold start leaves zero, never reached. */
unsigned peer_stack_room(struct peer *p, uint16_t low);

void peer_send_raw(struct peer *p, const void *bytes, unsigned len); /* as they are */
void peer_send(struct peer *p, const void *frame, unsigned len);     /* SLIP coded */
/* The oldest frame that arrived, or that arrives within a second; false: none. */
bool peer_take(struct peer *p, struct peer_frame *frame);
/* Sends a request and takes its answer; body: what follows the status. Fails without answer. */
enum semo_status peer_ask(struct peer *p, enum semo_frame type, const void *body, unsigned len,
                          struct peer_frame *answer);
uint32_t peer_counter(struct peer *p, enum semo_counter which);

struct peer_info {
    unsigned security, slots, modules, flags, text_start, text_end, data_start, data_end;
};
struct peer_info peer_info(struct peer *p);
/* Places of a module, of its vendor 1234; seal: nonce and tag of an encrypted text, or NULL. */
enum semo_status peer_enable_sealed(struct peer *p, const uint32_t range[4], const uint8_t *seal,
                                    uint16_t *module);
enum semo_status peer_write(struct peer *p, uint32_t at, const void *bytes, unsigned len);
enum semo_status peer_enable(struct peer *p, const uint32_t range[4], uint16_t *module);
enum semo_status peer_call(struct peer *p, unsigned module, unsigned entry, const void *payload,
                           unsigned len, struct peer_frame *answer);
enum semo_status peer_route(struct peer *p, unsigned connection, unsigned module);

#endif
