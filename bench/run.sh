#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints every benchmark table. Figures are for reading; no bench fails for being slow.
set -eu
for bench in "$@"; do
    echo "== ${bench##*/}"
    "$bench"
    echo
done
