/* SPDX-License-Identifier: Apache-2.0 */
/* Private data with values of its own from the beginning. They are measured with the text and
 * copied before anything else, at the module's first call. Linked only into modules that have any.
 */
#include <stddef.h>
#include "runtime/runtime.h"

#undef semo_epoch_draw
void semo_epoch_draw(uint8_t epoch[8]);
void *memcpy(void *to, const void *from, size_t len);

extern const uint8_t semo_values[];
extern uint8_t semo_values_start[], semo_values_end[];

void semo_values_draw(uint8_t epoch[8])
{
    static bool set;
    if (!set)
        memcpy(semo_values_start, semo_values, (size_t)(semo_values_end - semo_values_start));
    set = true;
    semo_epoch_draw(epoch);
}
