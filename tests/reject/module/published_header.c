/* SPDX-License-Identifier: Apache-2.0 */
// expect :4:10: 'math.h' file not found; of the C library modules have stdio.h, stdlib.h, string.h, stdint.h, stddef.h, stdbool.h
#include <sancus/reactive.h>
#include <math.h>
