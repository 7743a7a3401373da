/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(A, a_out);

SM_ENTRY(A, go, data, len)
{
    a_out(data, len);
    return 0;
}
