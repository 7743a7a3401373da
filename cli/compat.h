/* SPDX-License-Identifier: Apache-2.0 */
/* semo build --compat: programs in the style of the published tool chain, from folders and files.
 */
#ifndef SEMO_CLI_COMPAT_H
#define SEMO_CLI_COMPAT_H

#include "cli/options.h"

int semo_build_compat(const struct semo_options *o);

#endif
