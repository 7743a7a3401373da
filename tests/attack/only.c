/* SPDX-License-Identifier: Apache-2.0 */
/* Linked into test programs: SEMO_TEST=NAME runs the tests of that name only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

static __attribute__((constructor)) void choose(void)
{
    const char *name = getenv("SEMO_TEST");
    if (name && *name)
        cmocka_set_test_filter(name);
}
