/* SPDX-License-Identifier: Apache-2.0 */
/* The honest node with a loader that lies: one bit of what it stores is not what it was sent.
 * Linked with --wrap as the hostile event manager is, for the microcontroller and for Linux. */
#include <semo/status.h>
#include <stdint.h>
#include "tests/attack/lying_loader/lying.h"
#include "lib/bytes/cursor.h"
#include "lib/wire/wire.h"

#define HEAD 7 /* of a WRITE: type u8 | tag u16 | at u32 */
#ifdef __MSP430__
#define WRITES 3 /* which one is changed unless somebody says where */
#define KEPT   __attribute__((section(".attack")))
#else
#define WRITES 2
#define KEPT
#endif

static struct {
    uint16_t writes; /* so far */
    uint16_t at;     /* place of the byte, 0 = not said */
    uint16_t bit;
} lie KEPT;

void __real_semo_em_frame(uint8_t *frame, unsigned len);
void __wrap_semo_em_frame(uint8_t *frame, unsigned len);
void semo_link_send(const uint8_t *frame, unsigned len);

static void flip(uint8_t *frame, unsigned len)
{
    struct semo_cursor c = semo_cursor_from(frame + 3, 2);
    const uint16_t from = semo_cursor_u16(&c), bytes = (uint16_t)(len - HEAD);
    lie.writes++;
    if (lie.at && (uint16_t)(lie.at - from) < bytes)
        frame[HEAD + (uint16_t)(lie.at - from)] ^= (uint8_t)(1 << lie.bit);
    else if (!lie.at && lie.writes == WRITES)
        frame[HEAD + bytes / 2] ^= 4;
}

/* type u8 | tag u16 | at u16 | bit u16 -> type u8 | tag u16 | status u8 */
static void listen(uint8_t *frame)
{
    struct semo_cursor c = semo_cursor_from(frame + 3, 4);
    lie.at = semo_cursor_u16(&c);
    lie.bit = semo_cursor_u16(&c) & 7;
    frame[0] |= SEMO_FRAME_ANSWER;
    frame[3] = SEMO_OK;
    semo_link_send(frame, 4);
}

void __wrap_semo_em_frame(uint8_t *frame, unsigned len)
{
    if (len == HEAD && frame[0] == SEMO_FRAME_LIE) {
        listen(frame);
        return;
    }
    if (len > HEAD && frame[0] == SEMO_FRAME_WRITE)
        flip(frame, len);
    __real_semo_em_frame(frame, len);
}
