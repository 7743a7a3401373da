/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEMO_COMPAT_SYS_TYPES_H
#define SEMO_COMPAT_SYS_TYPES_H

#include <stddef.h>

typedef unsigned char u_char;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef int ssize_t;

#endif
