/* SPDX-License-Identifier: Apache-2.0 */
// expect :9:5: 'sancus_enable' is unavailable: only programs have it; semo cc builds them
#include <sancus/reactive.h>

DECLARE_SM(mod, 0x1234);

int main(void)
{
    sancus_enable(&mod);
    return 0;
}
