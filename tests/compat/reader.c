/* SPDX-License-Identifier: Apache-2.0 */
/* A sensor that only its reader may ask; what it reads leaves encrypted for its vendor. */
#include <stdint.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

typedef uint16_t nonce_t;
typedef uint32_t reading_t;
struct reply {
    uint8_t cipher[sizeof(reading_t)];
    uint8_t tag[SANCUS_TAG_SIZE];
};

DECLARE_SM(reader, 0x1234);
DECLARE_EXCLUSIVE_MMIO_SM(sensor, 0x0190, 0x0198, 1, 0x1234);

SM_MMIO_ENTRY(sensor) reading_t sensor_value(void)
{
    asm("mov.b #1, &0x0190\n\t"
        "mov &0x0190, r12\n\t"
        "mov &0x0192, r13");
}

reading_t SM_DATA(reader) last_reading;

SM_FUNC(reader) static reading_t smooth(reading_t now)
{
    last_reading = last_reading ? (3 * last_reading + now) / 4 : now;
    return last_reading;
}

SM_ENTRY(reader) int reader_get(nonce_t nonce, struct reply *reply)
{
    if (!sancus_is_outside_sm(reader, reply, sizeof(*reply)))
        return -1;
    reading_t reading = smooth(sensor_value());
    return sancus_wrap(&nonce, sizeof(nonce), &reading, sizeof(reading), reply->cipher, reply->tag);
}

SM_ENTRY(reader) int reader_open(nonce_t nonce, struct reply *reply)
{
    reading_t reading = 0;
    if (!sancus_is_outside_sm(reader, reply, sizeof(*reply)))
        return -1;
    if (!sancus_unwrap(&nonce, sizeof nonce, reply->cipher, sizeof reply->cipher, reply->tag,
                       &reading))
        return 0;
    return reading == last_reading ? 1 : 2;
}

int main()
{
    struct reply reply;
    msp430_io_init();
    asm("eint");
    puts("\n---------------\n");
    sancus_enable(&reader);
    sancus_enable(&sensor);
    ASSERT(reader.id == 1 && sensor.id == 2);
    pr_info1("get: %d\n", reader_get(7, &reply));
    pr_info1("open: %d\n", reader_open(7, &reply));
    pr_info1("other nonce: %d\n", reader_open(8, &reply));
    reply.tag[3] ^= 0x10;
    pr_info1("other tag: %d\n", reader_open(7, &reply));
    pr_info1("into the module: %d\n", reader_get(7, (struct reply *)&last_reading));
    pr_info1("over the end: %d\n", reader_get(7, (struct reply *)0xfffc));
    pr_info("done");
    EXIT();
}
