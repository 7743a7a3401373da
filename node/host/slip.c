/* SPDX-License-Identifier: Apache-2.0 */
#include "node/host/slip.h"

enum { END = 0xC0, ESCAPE = 0xDB, ESCAPED_END = 0xDC, ESCAPED_ESCAPE = 0xDD };

unsigned semo_slip_encode(const uint8_t *frame, unsigned len, uint8_t *out)
{
    uint8_t *at = out;
    *at++ = END; /* whatever noise came before ends here */
    for (unsigned i = 0; i < len; i++) {
        bool special = frame[i] == END || frame[i] == ESCAPE;
        if (special)
            *at++ = ESCAPE;
        *at++ = !special ? frame[i] : frame[i] == END ? ESCAPED_END : ESCAPED_ESCAPE;
    }
    *at++ = END;
    return (unsigned)(at - out);
}

static enum semo_slip_result finish(struct semo_slip *s)
{
    bool broken = s->broken || s->escaped;
    s->broken = s->escaped = false;
    if (broken)
        s->len = 0;
    return broken ? SEMO_SLIP_BROKEN : s->len ? SEMO_SLIP_FRAME : SEMO_SLIP_MORE;
}

static void keep(struct semo_slip *s, uint8_t byte)
{
    if (s->len == sizeof s->frame)
        s->broken = true;
    else
        s->frame[s->len++] = byte;
}

enum semo_slip_result semo_slip_take(struct semo_slip *s, uint8_t byte)
{
    if (s->ended) {
        s->ended = false;
        s->len = 0;
    }
    if (byte == END) {
        s->ended = true;
        return finish(s);
    }
    if (s->escaped) {
        s->escaped = false;
        if (byte != ESCAPED_END && byte != ESCAPED_ESCAPE)
            s->broken = true;
        keep(s, byte == ESCAPED_END ? END : ESCAPE);
    } else if (byte == ESCAPE) {
        s->escaped = true;
    } else {
        keep(s, byte);
    }
    return SEMO_SLIP_MORE;
}
