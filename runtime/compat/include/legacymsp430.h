/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEMO_COMPAT_LEGACYMSP430_H
#define SEMO_COMPAT_LEGACYMSP430_H

#include <msp430.h>

#define interrupt(vector) void __attribute__((interrupt(vector)))

#endif
