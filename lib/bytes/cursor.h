/* SPDX-License-Identifier: Apache-2.0 */
/* The one cursor for everything that crosses a trust boundary. Bounds are kept inside: after the
 * first access past the end `bad` is set, reads give 0, writes do nothing, and stay so. */
#ifndef SEMO_CURSOR_H
#define SEMO_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

struct semo_cursor {
    uint8_t *at;   /* next byte */
    unsigned left; /* bytes from `at` to the end */
    bool bad;
};

struct semo_cursor semo_cursor_over(void *bytes, unsigned len);
struct semo_cursor semo_cursor_from(const void *bytes, unsigned len); /* for reading only */
uint8_t semo_cursor_u8(struct semo_cursor *c);
uint16_t semo_cursor_u16(struct semo_cursor *c);
uint32_t semo_cursor_u32(struct semo_cursor *c);
const uint8_t *semo_cursor_take(struct semo_cursor *c, unsigned len); /* NULL when bad */
void semo_cursor_put_u8(struct semo_cursor *c, uint8_t v);
void semo_cursor_put_u16(struct semo_cursor *c, uint16_t v);
void semo_cursor_put_u32(struct semo_cursor *c, uint32_t v);
void semo_cursor_put(struct semo_cursor *c, const void *bytes, unsigned len);
#ifndef __MSP430__ /* no 64-bit types in modules (reference sancus-toolchain 2.2) */
uint64_t semo_cursor_u64(struct semo_cursor *c);
void semo_cursor_put_u64(struct semo_cursor *c, uint64_t v);
#endif

#endif
