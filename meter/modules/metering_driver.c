/* SPDX-License-Identifier: Apache-2.0 */
/* METERING: owns the metering front end and gives one reading for each of its ticks. */
#include <semo/module.h>
#include "commands.h"
#include "messages.h"

#define REG(name) (((volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_METERING, 0)) + (name) / 2)

SM_DRIVER(METERING, SEMO_WINDOW_METERING);
SM_OUTPUT_MAX(METERING, reading, METERING_READING_LEN);

static SM_DATA(METERING) uint16_t told; /* the last tick read */

/* The words of the front end in the order of the message (messages.h). */
static const uint8_t order[METERING_READING_LEN / 2] = {
    SEMO_METERING_ENERGY, /* first: latches the others */
    SEMO_METERING_ENERGY + 2, SEMO_METERING_ENERGY + 4, SEMO_METERING_POWER,
    SEMO_METERING_POWER + 2,  SEMO_METERING_VOLTAGE,    SEMO_METERING_CURRENT,
    SEMO_METERING_FREQUENCY,
};

SM_SAMPLE(METERING, sample, SEMO_WINDOW_METERING)
{
    uint8_t m[METERING_READING_LEN], i;
    for (i = 0; i < sizeof order; i++)
        put_u16(m + 2 * i, *REG(order[i]));
    if (*REG(SEMO_METERING_TICKS) == told)
        return;
    told = *REG(SEMO_METERING_TICKS);
    reading(m, sizeof m);
}
