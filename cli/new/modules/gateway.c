/* SPDX-License-Identifier: Apache-2.0 */
/* GATEWAY, a Linux process: hands the count on to the deployer. */
#include <semo/module.h>

SM_OUTPUT(GATEWAY, show_out);

SM_INPUT(GATEWAY, count_in, data, len)
{
    if (len == 2)
        show_out(data, len);
}
