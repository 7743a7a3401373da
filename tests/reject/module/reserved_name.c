/* SPDX-License-Identifier: Apache-2.0 */
// expect :5: semo_queue_commit: names that begin with semo_ belong to the runtime
#include <semo/module.h>

void semo_queue_commit(void)
{
}

SM_INPUT(mod, in, data, len)
{
    (void)data;
    (void)len;
}
