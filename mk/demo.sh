#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The smart meter on the shipped data. State and keys stay under build/. SPEED= HEADLESS= WEAK= DATA=
set -eu
state=build/demo/state
set -- --state "$state" --operator-key build/demo/operator.key \
    --data "${DATA:-meter/data/household-1min.csv}" --speed "${SPEED:-600}" "$@"
[ -z "${HEADLESS:-}" ] || set -- "$@" --headless
[ -z "${WEAK:-}" ] || set -- "$@" --weak
if [ -e "$state/nodes.lock" ] && ! flock -n "$state/nodes.lock" true; then
    echo "demo: another demo runs in $state; end that one first" >&2
    exit 3
fi
rm -rf "$state" # each demo is a new delivery: chips, keys, modules
mkdir -p build/demo
[ -f build/demo/operator.key ] || build/bin/semo init --operator-key build/demo/operator.key
exec build/bin/semo up meter/descriptor.json "$@"
