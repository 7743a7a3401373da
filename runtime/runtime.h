/* SPDX-License-Identifier: Apache-2.0 */
/* The part of every module that is not its author's: entries, keys, attestation, events. Portable
 * C without 64-bit types; this header is the seam to a target (runtime/mcu, runtime/linux).
 *
 * A call reaches the target, which copies the payload to semo_frame, calls semo_runtime_call and
 * copies semo_answer out last. Nothing of the caller's is referred to in between. */
#ifndef SEMO_RUNTIME_H
#define SEMO_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/module.h>
#include <semo/status.h>
#include "lib/channel/policy.h"

/* --- for the target --- */

/* entry: enum semo_entry or a user entry; len: bytes of payload in semo_frame, checked by the
 * target to be <= semo_frame_end - semo_frame; room: bytes that the caller takes as an answer.
 * Afterwards semo_answer holds the answer (len 0 unless SEMO_OK), never longer than room. */
enum semo_status semo_runtime_call(unsigned entry, unsigned len, unsigned room);

struct semo_answer {
    const uint8_t *at; /* even address, private memory */
    unsigned len;
    unsigned ends; /* the module disables itself once the answer is out */
};
extern struct semo_answer semo_answer;

/* --- from the target --- */

/* Draws this run's epoch to an even address, little endian; all zero: no source of freshness. */
void semo_epoch_draw(uint8_t epoch[8]);
#ifdef SEMO_VALUES /* variables have initial values: the first draw sets them (values.c) */
#define semo_epoch_draw semo_values_draw
#endif
void semo_values_draw(uint8_t epoch[8]);
/* Cycles since the chip's reset / 65,536: nobody sets them back. */
uint32_t semo_units(void);
extern uint16_t semo_turn; /* how often those 32 bits had come round, at the last semo_units() */
/* and semo_crypto_wrap, _unwrap, _mac of lib/channel/channel.h, memcpy and memset. */

/* --- from the linker script: sizes are per module, symbols semo_config_* of semo build --- */

/* The call frame. Two bytes before it, semo_frame_prefix, belong to the runtime: there it puts the
 * domain, so that the associated data of a payload is contiguous. Even addresses. */
extern uint8_t semo_frame_prefix[], semo_frame[], semo_frame_end[];
extern struct semo_channel semo_connections[], semo_connections_end[];
extern uint8_t semo_opens[], semo_opens_end[]; /* struct semo_open, semo_opens_len bytes each */
extern uint8_t semo_opens_len[];               /* its address is the number */
extern uint8_t semo_queue[], semo_queue_end[];
extern const struct semo_input_record semo_inputs[], semo_inputs_end[];
extern const struct semo_output_record semo_outputs[], semo_outputs_end[];
extern const struct semo_entry_record semo_entries[], semo_entries_end[];
extern const struct semo_clock_record semo_clock[], semo_clock_end[];

/* --- between the runtime's own files --- */

/* Where the module or its connections have any, 1: with policies and requests (reply.c); 2: with
 * events that expire (expiry.c), too. */
#ifndef SEMO_POLICIES
#define SEMO_POLICIES 0
#endif

/* runtime.c. NULL: none. */
struct semo_channel *semo_find(uint16_t connection, unsigned direction);
/* Seals into the queue; *frame (may be NULL): connection | sealed event. */
enum semo_status semo_send(struct semo_channel *c, unsigned flags, const void *data, unsigned len,
                           uint8_t **frame);

/* reply.c */
enum semo_status semo_reply_input(struct semo_channel *c, const uint8_t *sealed, unsigned len,
                                  uint8_t *body);
enum semo_status semo_reply_output(struct semo_channel *c, const void *data, unsigned len);
void semo_reply_tick(void);                      /* a tick */
void semo_reply_rekeyed(struct semo_channel *c); /* nobody will answer what is open */

/* queue.c: a ring of frames: len u16 | connection u16 | sealed. */
uint8_t *semo_queue_reserve(unsigned len); /* len even, > 0; NULL: no room, counted */
void semo_queue_commit(void);              /* the frame reserved last may be taken */
/* NULL: nothing waits (*len 0), or the oldest frame (*len bytes) is longer than room and stays. */
const uint8_t *semo_queue_take(unsigned room, unsigned *len);

/* print.c. Puts the next line that was printed into the queue, which is empty. False: none waits.
 */
#ifndef SEMO_PRINTS
#define SEMO_PRINTS 0 /* 1 where the author calls anything of it */
#endif
#define SEMO_PRINT_ROOM 512 /* characters that one call may print */
bool semo_print_flush(void);

/* expiry.c */
#define SEMO_UNTIL_LEN 4
extern uint8_t semo_until[SEMO_UNTIL_LEN];
enum semo_status semo_expiry_judge(const uint8_t *until); /* of an event that was opened */

#endif
