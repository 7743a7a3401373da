/* SPDX-License-Identifier: Apache-2.0 */
// expect :11:9: log_line: a function outside the module; define it in one of the module's sources
#include <semo/module.h>

extern void log_line(const char *text);

SM_INPUT(mod, in, data, len)
{
    (void)data;
    if (len > 1)
        log_line("long");
}
