/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bytes/cursor.h"

#include <stddef.h>

struct semo_cursor semo_cursor_over(void *bytes, unsigned len)
{
    return (struct semo_cursor){.at = bytes, .left = len, .bad = false};
}

struct semo_cursor semo_cursor_from(const void *bytes, unsigned len)
{
    return semo_cursor_over((void *)(uintptr_t)bytes, len);
}

/* The one place that moves a cursor. */
static uint8_t *advance(struct semo_cursor *c, unsigned len)
{
    uint8_t *start = c->at;
    if (c->bad || len > c->left) {
        c->bad = true;
        return NULL;
    }
    c->at += len;
    c->left -= len;
    return start;
}

uint8_t semo_cursor_u8(struct semo_cursor *c)
{
    const uint8_t *p = advance(c, 1);
    return p ? *p : 0;
}

uint16_t semo_cursor_u16(struct semo_cursor *c)
{
    const uint8_t *p = advance(c, 2);
    return p ? (uint16_t)(p[0] | (uint16_t)p[1] << 8) : 0;
}

uint32_t semo_cursor_u32(struct semo_cursor *c)
{
    const uint8_t *p = advance(c, 4);
    return p ? p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24 : 0;
}

const uint8_t *semo_cursor_take(struct semo_cursor *c, unsigned len)
{
    return advance(c, len);
}

void semo_cursor_put_u8(struct semo_cursor *c, uint8_t v)
{
    semo_cursor_put(c, &v, 1);
}

void semo_cursor_put_u16(struct semo_cursor *c, uint16_t v)
{
    uint8_t bytes[2] = {(uint8_t)v, (uint8_t)(v >> 8)};
    semo_cursor_put(c, bytes, sizeof bytes);
}

void semo_cursor_put_u32(struct semo_cursor *c, uint32_t v)
{
    uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    semo_cursor_put(c, bytes, sizeof bytes);
}

void semo_cursor_put(struct semo_cursor *c, const void *bytes, unsigned len)
{
    const uint8_t *from = bytes;
    uint8_t *to = advance(c, len);
    if (!to)
        return;
    for (unsigned i = 0; i < len; i++)
        to[i] = from[i];
}

#ifndef __MSP430__
/* A field is read whole or not at all, as in the narrower ones. */
uint64_t semo_cursor_u64(struct semo_cursor *c)
{
    const uint8_t *p = advance(c, 8);
    uint64_t v = 0;
    for (int i = 7; p && i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

void semo_cursor_put_u64(struct semo_cursor *c, uint64_t v)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    semo_cursor_put(c, bytes, sizeof bytes);
}
#endif
