/* SPDX-License-Identifier: Apache-2.0 */
// expect :10: add: a structure passed by value; pass a pointer to it
#include <semo/module.h>

struct pair {
    uint16_t a, b;
};
static SM_DATA(mod) uint16_t sum;

static void SM_FUNC(mod) add(struct pair p)
{
    sum = (uint16_t)(p.a + p.b);
}

SM_INPUT(mod, in, data, len)
{
    struct pair p = {data[0], (uint16_t)len};
    add(p);
}
