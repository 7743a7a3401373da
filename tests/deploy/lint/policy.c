/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(POLICY, command_out);

SM_INPUT(POLICY, panel_in, data, len)
{
    command_out(data, len);
}
