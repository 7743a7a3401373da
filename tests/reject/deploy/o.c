/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_CLOCK(O);
SM_OUTPUT(O, plain);
SM_OUTPUT_UNTIL(O, stamped);

SM_INPUT(O, in, data, len)
{
    plain(data, len);
    stamped(data, len, 5);
}
