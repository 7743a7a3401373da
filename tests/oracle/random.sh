#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The core beside the oracle on random programs: 10^6 instructions of a seed that each commit has for
# itself (SEMO_SEED sets another), so that what one machine saw every machine sees.
SEMO_SEED=${SEMO_SEED:-$((0x$(git rev-parse --short=7 HEAD 2>/dev/null || date +%s)))}
export SEMO_SEED
exec build/tests/test_oracle
