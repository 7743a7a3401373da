#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The meter as a whole: CPU time over all processes, sizes and trusted lines, each beside its budget.
set -eu
state=build/bench/meter
semo=build/bin/semo
options="--state $state/state --operator-key $state/operator.key"
rm -rf $state && mkdir -p $state
$semo init --operator-key $state/operator.key >/dev/null
# shellcheck disable=SC2086 # several words
$semo build meter/descriptor.json $options >$state/build # the objects are there from here on

cpu() { # cpu COMMAND...: user + system seconds of it and everything it waited for
    local TIMEFORMAT='%U %S'
    { time "$@" >$state/out 2>$state/err; } 2>&1 | awk '{ print $1 + $2 }'
}
median() {
    sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
row() { # row NAME VALUE UNIT BUDGET
    awk -v n="$1" -v v="$2" -v u="$3" -v b="$4" 'BEGIN {
        printf "%-58s %10s %-5s %10s  %s\n", n, v, u, b, b == "-" ? "" : v + 0 <= b + 0 ? "within" : "OVER" }'
}

printf '%-58s %10s %-5s %10s\n' "" "measured" "" "budget"
echo "0 quit" >$state/quit
# shellcheck disable=SC2086
deploy=$(for _ in 1 2 3; do
    cpu $semo up meter/descriptor.json $options --script $state/quit --speed max --headless
done | median)
row "seven modules from objects to connected, CPU" "$deploy" s 2
row "   the same, virtual time" \
    "$(sed -n 's/.*connected after \([0-9.]*\) s of virtual time/\1/p' $state/out)" s -
# shellcheck disable=SC2086
row "the whole data file at speed max, CPU" \
    "$(cpu $semo up meter/descriptor.json $options --data meter/data/household-1min.csv --speed max --headless)" s 60
grep '^register' $state/out

# shellcheck disable=SC2086
$semo tcb meter/descriptor.json $options >$state/tcb
lines() { awk -v p="$1" '$0 ~ p { s += substr($0, 62, 7) } END { print s }' $state/tcb; }
row "event manager and loader, lines (published 598 + 906)" "$(lines '^event manager and loader, micro')" lines 1504
row "   bytes" "$(awk '/^event manager and loader, micro/ { print substr($0, 70, 9) + 0 }' $state/tcb)" bytes 3689
row "ESME, HASM_LS, HAN_GW, CS, lines (published 291)" "$(lines '^(module|driver) (ESME|HASM_LS|HAN_GW|CS) ')" lines 450
for driver in CLOCK METERING RELAY; do
    row "driver $driver" "$(lines "^driver $driver ")" lines 120
done
row "runtime and channel in a module (published 622)" \
    "$(($(lines '^runtime, all') + $(lines '^runtime, micro') + $(lines '^channel ')))" lines 622
row "   compiler helpers besides, where called" "$(lines '^compiler helpers')" lines -
row "   requests, policies, expiry besides, where used" "$(lines '^requests, policies')" lines -
row "   the same in a Linux module (in Rust: 635 + 601)" \
    "$(($(lines '^runtime, all') + $(lines '^runtime, Linux') + $(lines '^channel ')))" lines 622
bytes() { awk -v n="$1" '$1 == "build" && $2 == n { print $3 }' $state/build; }
own() { awk -v p="^(module|driver) $1 " '$0 ~ p { print substr($0, 70, 9) + 0 }' $state/tcb; }
row "module ESME whole, text (published 2573)" "$(bytes ESME)" bytes -
row "   of that the runtime" "$(($(bytes ESME) - $(own ESME)))" bytes -
row "module HASM_LS whole, text (published 2377)" "$(bytes HASM_LS)" bytes -
row "   of that the runtime" "$(($(bytes HASM_LS) - $(own HASM_LS)))" bytes -
