/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEMO_COMPAT_ALLOCA_H
#define SEMO_COMPAT_ALLOCA_H

#define alloca(size) __builtin_alloca(size)

#endif
