/* SPDX-License-Identifier: Apache-2.0 */
/* Used for two modules: the framework puts their names in. */
#include <sancus/reactive.h>
#include <stdio.h>
#include "scale.h"

SM_DATA({name}) uint16_t tenths = 195;
SM_DATA({name}) int16_t step = -LARGEST_STEP;
static const char *const SM_DATA({name}) unit = "C";

SM_OUTPUT({name}, measured);

SM_ENTRY({name}) void measure(uint8_t *data, size_t len)
{
    char unused[2];
    if (len > 1) {
        printf("%u bytes are too many", (unsigned)len);
        return;
    }
    if (len == 1)
        step = (int8_t)data[0];
    tenths += step;
    printf("%d.%d %s, %+d", tenths / 10, tenths % 10, unit, step);
    if (measured((unsigned char *)&tenths, sizeof tenths) != Ok)
        puts("nobody heard");
}
