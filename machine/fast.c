/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/state.h"
bool semo_fast_new(struct semo_machine *m)
{
    (void)m;
    return true;
}
bool semo_fast_run(struct semo_machine *m, uint64_t limit)
{
    (void)m, (void)limit;
    return false;
}
void semo_fast_forget(struct semo_machine *m, uint16_t address)
{
    (void)m, (void)address;
}
void semo_fast_forget_all(struct semo_machine *m)
{
    (void)m;
}
