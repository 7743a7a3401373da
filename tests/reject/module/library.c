/* SPDX-License-Identifier: Apache-2.0 */
// expect :8:12: semo_https_carry: of a library; the module needs "ldflags": "-lbearssl"
#include <semo/https.h>
#include <semo/module.h>

SM_ENTRY_MAX(mod, carry, data, len, SEMO_HTTPS_CALL_MAX)
{
    return semo_https_carry(data, len);
}
