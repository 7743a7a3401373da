/* SPDX-License-Identifier: Apache-2.0 */
// expect :15:9: in: a call through a pointer; call the function by its name
#include <semo/module.h>

static void SM_FUNC(mod) nothing(void)
{
}
static void (*SM_DATA(mod) action)(void);

SM_INPUT(mod, in, data, len)
{
    (void)data;
    action = nothing;
    if (len)
        action();
}
