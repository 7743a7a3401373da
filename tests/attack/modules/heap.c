/* SPDX-License-Identifier: Apache-2.0 */
/* A module that trusts an allocator outside. */
#include <semo/module.h>

void *malloc(unsigned len);
SM_OUTPUT(heap, out);

SM_INPUT(heap, in, data, len)
{
    uint8_t *room = malloc(len);
    unsigned i;
    for (i = 0; i < len; i++)
        room[i] = data[i];
    (void)out(room, len);
}
