/* SPDX-License-Identifier: Apache-2.0 */
/* Frames on a serial line, RFC 1055. */
#ifndef SEMO_SLIP_H
#define SEMO_SLIP_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/wire/wire.h"

#define SEMO_SLIP_MAX (2 * SEMO_FRAME_MAX + 2)

/* END, every byte of the frame, END; out has room for 2 * len + 2. Returns how much of it is used.
 */
unsigned semo_slip_encode(const uint8_t *frame, unsigned len, uint8_t *out);

struct semo_slip { /* the receiving end of a line; all zero = nothing heard yet */
    uint16_t len;
    bool escaped, ended;
    bool broken; /* too long or a wrong escape: everything until END is dropped */
    uint8_t frame[SEMO_FRAME_MAX];
};

enum semo_slip_result { SEMO_SLIP_MORE, SEMO_SLIP_FRAME, SEMO_SLIP_BROKEN };

/* FRAME: s->frame has s->len bytes until the next call. BROKEN: the END of a malformed frame. */
enum semo_slip_result semo_slip_take(struct semo_slip *s, uint8_t byte);

#endif
