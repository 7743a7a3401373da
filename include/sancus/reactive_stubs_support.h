/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of reactive modules are made by semo cc; nothing more is needed to write one. */
#ifndef SANCUS_REACTIVE_STUBS_SUPPORT_H
#define SANCUS_REACTIVE_STUBS_SUPPORT_H

#include <sancus/reactive.h>

#endif
