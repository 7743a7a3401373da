#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A module on an emulated Sancus node streams 64-byte events to a Linux module; virtual time, from the
# trace of the link.
set -eu
state=build/bench/stream
semo=build/bin/semo
file=bench/stream/stream.json
options="--state $state/state --operator-key $state/operator.key"
rm -rf $state && mkdir -p $state
$semo init --operator-key $state/operator.key >/dev/null
mkfifo $state/ready
# shellcheck disable=SC2086 # several words
$semo up $file $options --only-nodes --trace $state/trace >$state/ready 2>&1 &
up=$!
exec 3<$state/ready
while read -r line <&3; do case $line in nodes*) break ;; esac; done
# shellcheck disable=SC2086
{
    $semo deploy $file $options >/dev/null
    $semo output $file $options --connection go --arg 00 --run 3000 >/dev/null
    heard=$($semo request $file $options --connection count)
    $semo down $file $options
}
wait $up
awk -v heard=$((16#$heard)) '$2 == "frame" && $3 == "a" && $4 == "b" { if (!n++) first = $1; last = $1; len = length($5) / 2 }
    END {
        seconds = (last - first) / 20e6
        rate = (n - 1) * 64 / seconds / 1024
        raw = (n - 1) * (len + 1) * 1736 / (last - first)
        printf "%-58s %10.2f %-5s %10s  %s\n", "streaming from a Sancus node (published about 1)", rate, "KiB/s", 1, (rate >= 1 ? "within" : "BELOW")
        printf "%-58s %10.0f %-5s\n", "   share of the link, 115,200 baud", 100 * raw, "%"
        if (n != heard) { printf "%d sent, %d opened\n", n, heard; exit 1 }
    }' $state/trace
