/* SPDX-License-Identifier: Apache-2.0 */
/* The loader: tells what is free, writes text where no module and none of this image is, enables.
 */
#include "node/mcu/firmware.h"

extern uint8_t semo_start[]; /* free program memory ends where this image begins */
#define TEXT_END ((uint16_t)(uintptr_t)semo_start)

#define KIND_MCU   0
#define FLAG_FRESH 2

#define IN  (&semo_table.in)
#define OUT (&semo_table.out)

enum semo_status semo_loader_info(void)
{
    semo_cursor_put_u8(OUT, SEMO_VERSION);
    semo_cursor_put_u8(OUT, KIND_MCU);
    semo_cursor_put_u16(OUT, semo_table.bits);
    semo_cursor_put_u8(OUT, SEMO_MODULES);
    semo_cursor_put_u8(OUT, semo_module_sweep());
    semo_cursor_put_u8(OUT, semo_table.fresh ? FLAG_FRESH : 0);
    semo_cursor_put_u16(OUT, SEMO_PROGRAM_START + semo_table.text);
    semo_cursor_put_u16(OUT, TEXT_END);
    semo_cursor_put_u16(OUT, SEMO_DATA_START + semo_table.data);
    semo_cursor_put_u16(OUT, SEMO_RAM_START);
    semo_cursor_put_u16(OUT, SEMO_FRAME_MAX);
    return SEMO_OK;
}

/* Addresses are u32 on the wire; what does not fit becomes 0, which is nobody's memory. */
static uint16_t address(void)
{
    const uint16_t low = semo_cursor_u16(IN);
    return semo_cursor_u16(IN) ? 0 : low;
}

/* range: start, end. */
static bool inside(const uint16_t range[2], uint16_t low, uint16_t high)
{
    return low <= range[0] && range[0] <= range[1] && range[1] <= high;
}

static bool in_text(const uint16_t range[2])
{
    return inside(range, SEMO_PROGRAM_START, TEXT_END);
}

static bool in_data(const uint16_t range[2])
{
    return inside(range, SEMO_DATA_START, SEMO_RAM_START) ||
           inside(range, SEMO_WINDOW_START, SEMO_WINDOW_LIMIT);
}

static bool taken(const uint16_t range[2])
{
    for (uint16_t at = range[0] & ~1u; at < range[1]; at += 2)
        if (semo_module_at(at))
            return true;
    return false;
}

enum semo_status semo_loader_write(void)
{
    uint16_t range[2];
    range[0] = address();
    range[1] = range[0] + IN->left;
    if (!in_text(range) || taken(range))
        return SEMO_PLACE;
    const uint8_t *from = IN->at;
    IN->at = (uint8_t *)(uintptr_t)range[0];
    semo_cursor_put(IN, from, IN->left);
    return SEMO_OK;
}

/* The machine judges overlaps and owners. Here is only what this image needs to stay alive. */
enum semo_status semo_loader_enable(void)
{
    uint16_t of[7]; /* vendor, text, data; nonce, where the tag is */
    of[0] = semo_cursor_u16(IN);
    for (uint16_t *p = of + 1; p < of + 5; p++)
        *p = address();
    of[5] = IN->left ? semo_cursor_u16(IN) : 0;
    of[6] = (uint16_t)(uintptr_t)IN->at | 1;
    if (IN->left && !of[5])
        return SEMO_MALFORMED;
    if (!in_text(of + 1) || !in_data(of + 3))
        return SEMO_PLACE;
    (void)semo_module_sweep();
    struct semo_module *m = semo_module_free();
    if (!m)
        return SEMO_FULL;
    const uint16_t id = semo_module_enable(of, m);
    if (!id)
        return of[5] ? SEMO_REFUSED : SEMO_PLACE;
    of[2] -= SEMO_PROGRAM_START;
    if (semo_table.text < of[2])
        semo_table.text = of[2];
    of[4] -= SEMO_DATA_START;
    if (semo_table.data < of[4] && of[4] <= SEMO_RAM_START - SEMO_DATA_START)
        semo_table.data = of[4];
    semo_cursor_put_u16(OUT, id);
    return SEMO_OK;
}
