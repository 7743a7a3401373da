/* SPDX-License-Identifier: Apache-2.0 */
/* One operation a call, so that each helper of the compiler is called: op u8 | 0 | a u32 | b u32 ->
 * u32. */
#include <semo/module.h>

void *memcpy(void *to, const void *from, unsigned len);
void *memset(void *to, int byte, unsigned len);

static uint32_t SM_FUNC(arithmetic) get_u32(const uint8_t *at)
{
    uint16_t low = (uint16_t)(at[0] | (uint16_t)at[1] << 8);
    uint16_t high = (uint16_t)(at[2] | (uint16_t)at[3] << 8);
    return (uint32_t)high << 16 | low;
}

static uint32_t SM_FUNC(arithmetic) compute_16(uint8_t op, uint16_t a, uint16_t b)
{
    switch (op) {
    case 0:
        return (uint16_t)(a * b);
    case 1:
        return a / b;
    case 2:
        return a % b;
    case 3:
        return (uint16_t)((int16_t)a / (int16_t)b);
    default:
        return (uint16_t)((int16_t)a % (int16_t)b);
    }
}

static uint32_t SM_FUNC(arithmetic) compute_32(uint8_t op, const uint32_t *a, const uint32_t *b)
{
    switch (op) {
    case 5:
        return *a * *b;
    case 6:
        return *a / *b;
    case 7:
        return *a % *b;
    case 8:
        return (uint32_t)((int32_t)*a / (int32_t)*b);
    case 9:
        return (uint32_t)((int32_t)*a % (int32_t)*b);
    case 10:
        return *a << (*b & 31);
    case 11:
        return *a >> (*b & 31);
    default:
        return (uint32_t)((int32_t)*a >> (*b & 31));
    }
}

SM_ENTRY(arithmetic, compute, data, len)
{
    uint32_t a = get_u32(data + 2), b = get_u32(data + 6), r;
    uint8_t i;
    if (len != 10)
        return 0;
    r = data[0] < 5 ? compute_16(data[0], (uint16_t)a, (uint16_t)b) : compute_32(data[0], &a, &b);
    for (i = 0; i < 4; i++) {
        data[i] = (uint8_t)r;
        r >>= 8;
    }
    return 4;
}

/* to u8 | from u8 | len u8 | 0 | 60 bytes, in which it copies; from 255: sets to the byte 0xC3. */
SM_ENTRY(arithmetic, move, data, len)
{
    static uint8_t area[128];
    uint8_t to = data[0], from = data[1], n = data[2];
    if (len != 64 || n > 28)
        return 0;
    memset(area, 0, sizeof area);
    memcpy(area, data + 4, 60);
    if (from == 255)
        memset(area + to, 0xC3, n);
    else
        memcpy(area + to, area + from, n);
    memcpy(data, area, 60);
    return 60;
}
