/* SPDX-License-Identifier: Apache-2.0 */
/* A module for the tests: says what it hears. */
#include <semo/module.h>

SM_OUTPUT(Echo, heard);

SM_INPUT(Echo, hear, data, len)
{
    heard(data, len);
}

SM_ENTRY(Echo, twice, data, len)
{
    for (unsigned i = 0; i < len; i++)
        data[i] = (uint8_t)(2 * data[i]);
    return len;
}
