/* SPDX-License-Identifier: Apache-2.0 */
/* The module of docs/debugging.md: adds numbers up and keeps the sum to itself. */
#include <semo/module.h>

static uint16_t SM_DATA(counter) total;
static uint16_t SM_DATA(counter) calls;

static __attribute__((noinline)) uint16_t SM_FUNC(counter) increase(uint16_t sum, uint16_t value)
{
    uint16_t next = (uint16_t)(sum + value);
    calls++;
    return next;
}

SM_ENTRY(counter, add, data, len)
{
    uint16_t value = len ? data[0] : 0;
    total = increase(total, value);
    data[0] = (uint8_t)total;
    data[1] = (uint8_t)(total >> 8);
    return 2;
}
