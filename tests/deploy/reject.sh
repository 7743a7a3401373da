#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What only shows when the modules are compiled or the nodes asked: one line, exit 2, nothing loaded.
# tests/reject/deploy/expected.txt: verb, file, line of stderr.
. tests/deploy/tap.sh
reject=tests/reject/deploy
# sizes move with every change of the runtime
sizes() {
    sed 's/needs [0-9]* bytes/needs N bytes/; s/and [0-9]* are free/and N are free/'
}
while IFS='	' read -r verb file line; do
    $semo "$verb" "$reject/$file" >"$work/out" 2>"$work/err"
    is "$file: exit 2" $? 2
    is "$file: its line" "$(sizes <"$work/err")" "semo $verb: $reject/$line"
    ok "$file: nothing loaded" sh -c "! grep -q '^load' '$work/out'"
done <"$reject/expected.txt"
while IFS='	' read -r file line; do
    $semo up tests/deploy/ping.json --script "tests/reject/script/$file" >"$work/out" 2>"$work/err"
    is "$file: exit 2" $? 2
    ok "$file: nothing loaded" sh -c "! grep -q '^load' '$work/out'"
    is "$file: its line" "$(cat "$work/err")" "semo up: tests/reject/script/$file:$line"
done <tests/reject/script/expected.txt
finish
