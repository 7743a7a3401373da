/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/module.h>

SM_OUTPUT(source, part);
SM_OUTPUT(source, done);

SM_INPUT(source, start, data, len)
{
    for (unsigned i = 0; i < 2; i++)
        (void)part(data, len);
    (void)done(data, 0);
}
