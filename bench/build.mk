# SPDX-License-Identifier: Apache-2.0
BENCHES += bench/meter.sh
