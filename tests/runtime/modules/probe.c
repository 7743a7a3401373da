/* SPDX-License-Identifier: Apache-2.0 */
/* What the runtime's tests drive: inputs, outputs, entries and a sample of every shape. */
#include <semo/module.h>

SM_OUTPUT(probe, out);
SM_OUTPUT_MAX(probe, narrow, 4);
SM_QUEUE(probe, 120);

static SM_DATA(probe) uint8_t secret[32];
static SM_DATA(probe) uint16_t received, last_status;

/* Keeps secrets in registers and on the stack for a while. */
static __attribute__((noinline)) uint16_t SM_FUNC(probe) mix(const uint8_t *s)
{
    uint16_t a = 1;
    uint32_t b = 7;
    uint8_t i;
    for (i = 0; i < 32; i++) {
        a = (uint16_t)(a * 31 + s[i]);
        b = b * 17 + a;
    }
    return (uint16_t)(a ^ b);
}

SM_INPUT(probe, echo, data, len)
{
    received++;
    last_status = out(data, len);
}

SM_INPUT_MAX(probe, keep, data, len, 32)
{
    unsigned i;
    for (i = 0; i < len; i++)
        secret[i] = data[i];
}

SM_INPUT_MAX(probe, sink, data, len, 2)
{
    (void)data;
    received += len == 2;
}

/* Answers whether it computed; not what. */
SM_ENTRY(probe, compute, data, len)
{
    (void)len;
    data[0] = mix(secret) != 0x1234;
    return 1;
}

/* Its answer is longer than what it was given: what it did not write must not be old data. */
SM_ENTRY(probe, show, data, len)
{
    (void)data;
    (void)len;
    return 64;
}

SM_ENTRY(probe, count, data, len)
{
    (void)len;
    data[0] = (uint8_t)received;
    data[1] = (uint8_t)last_status;
    data[2] = (uint8_t)semo_queue_dropped();
    return 3;
}

SM_ENTRY(probe, overlong, data, len)
{
    (void)data;
    (void)len;
    return 65;
}

SM_ENTRY_MAX(probe, small, data, len, 3)
{
    data[2] = (uint8_t)len;
    return len == 1 ? 4 : 3;
}

SM_SAMPLE(probe, tick, SEMO_WINDOW_CLOCK)
{
    static const uint8_t mark[2] = {0xBE, 0xEF};
    last_status = out(mark, sizeof mark);
}
