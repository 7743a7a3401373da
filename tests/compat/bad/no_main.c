/* SPDX-License-Identifier: Apache-2.0 */
/* expect: undefined symbol: main */
#include <sancus/reactive.h>
#include <sancus/sm_support.h>

DECLARE_SM(foo, 1);
