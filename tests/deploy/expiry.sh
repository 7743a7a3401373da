#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Orders that expire, from a Linux module to one on a microcontroller, by the clock that both asked.
. tests/deploy/tap.sh
file=tests/deploy/expiry.json
say() { # say SECONDS MS: what SAY's output answered
    $semo output $file --connection say --arg "$(printf '%02x' "$1")aabb" --run "$2" | cut -d' ' -f3
}
count() {
    $semo request $file --connection count
}

$semo init >/dev/null
nodes_up $file
$semo deploy $file >"$work/out" 2>&1
is "deployed" $? 0
is "who does not know the time sends nothing: UNFRESH" "$(say 30 2000) $(count)" "0b 00"
is "then it does; who does not know it refuses, asks, and takes the repeat" "$(say 30 2000) $(count)" "00 01"
is "an order in time" "$(say 30 2000) $(count)" "00 02"
is "an order too late, repeated eight times" "$(say 0 4000) $(count)" "00 02"
is "an order in time again" "$(say 30 2000) $(count)" "00 03"
$semo down $file
wait $up
finish
