/* SPDX-License-Identifier: Apache-2.0 */
// expect :5:1: static_assert failed "DECLARE_MMIO_SM: only programs have it; semo cc builds them"
#include <sancus/sm_support.h>

DECLARE_MMIO_SM(mod, 0x90, 0x98, 0x1234);
