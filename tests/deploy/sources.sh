#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Module sources in the published style run as they are, and what they print is seen.
. tests/deploy/tap.sh
cp -r tests/deploy/sources "$work/sources"
house=$work/sources/house.json
cat >"$work/script" <<'END'
1 call kitchen measure
2 call kitchen 8 05
3 call kitchen measure 0102
4.5 call fan report
5 call door ask
5.5 call door 9
6 output warm 010203
7 output warm 0001
8 call fan chatter
9 call attic measure
55 quit
END
"$semo" up $house --emulate --headless --script "$work/script" --state "$work/up" >"$work/out" 2>"$work/err"
is "exit code" $? 0
is "a key that everybody knows is not used" "$(grep -c 'vendor_key: warning: not used: a published key' "$work/err")" 1
prints() { # prints MODULE: its lines, without times
    sed -n "s/^ *[0-9.]* print [a-z]* $1: //p" "$work/out"
}
is "an entry with and without data, by name and number" "$(prints kitchen | tr '\n' ';')" \
    "19.0 C, -5;19.5 C, +5;2 bytes are too many;"
is "on Linux, and by a periodic event" "$(prints attic | tr '\n' ';')" "19.0 C, -5;18.5 C, -5;"
is "widths, flags and bases" "$(prints fan | sed -n '1,2p;$p' | tr '\n' ';')" " 190|190 |00be|190; 195|195 |00c3|192; 185|185 |00b9|203;"
ok "a line in pieces, a value of each kind, and a line without an end" \
    test "$(prints fan | grep -A2 '^[0-9A-F]* [0-9A-F]* [0-9A-F]* [0-9A-F]* $' | tr '\n' ';')" = \
    "C3 BE 0 0 ;value%   -2|2a|-385|007|  ab|-00012|+5  |  =|;ends here;"
is "an entry in Semo's own way beside them" "$(sed -n 's/.* answer door.[a-z]* //p' "$work/out" | tr '\n' ';')" "02;;"
is "what an entry returns is not an answer" "$(sed -n 's/.* answer fan.chatter //p' "$work/out")" ""
is "the outputs of both" "$(sed -n 's/.* event blown //p' "$work/out" | tr '\n' ' ')" "0200 0300 0400 0300 0200 "
is "a wrong length is said" "$(prints fan | grep -c '^fan: fan wants two bytes$')" 1
is "past the room for a call the rest is lost" "$(prints fan | sed -n '/^0\.123/,/than/p' | sed -n '1p;$p' | tr '\n' ';')" \
    "0.123456789;(more was printed than there is room for);"
ok "and that is said once" test "$(prints fan | grep -c 'than there is room')" = 1
prints fan | grep '\.123456789$' >"$work/lines"
ok "lines come whole and in order" sh -c 'seq 0 "$(($(wc -l <"$1") - 1))" | sed s/$/.123456789/ | cmp -s - "$1"' - "$work/lines"

"$semo" logs $house --state "$work/up" >"$work/logs" 2>/dev/null
is "semo logs finds every line" "$(grep -c ' print [a-z]*: ' "$work/logs")" "$(grep -c ' print ' "$work/out")"
"$semo" logs $house --node box --state "$work/up" >"$work/logs" 2>/dev/null
is "of one node" "$(grep -c ' print attic: ' "$work/logs")" "$(prints attic | wc -l)"

# one command after the other
"$semo" build --compat $house >"$work/out" 2>"$work/err"
is "build --compat makes what has a chip" "$? $(grep '^built ' "$work/out" | tr '\n' ';')" "0 built kitchen.elf;built fan.elf;"
sed -i 's/"ip_address": "[0-9.]*"/"emulated": true/' $house
nodes_up $house 2>/dev/null
"$semo" deploy $house >/dev/null 2>"$work/err"
"$semo" call $house --module kitchen --entry measure >"$work/out" 2>"$work/err"
is "semo call shows what was printed meanwhile" "$? $(grep '^print' "$work/err" | sort | tr '\n' ';')" \
    "0 print board fan:  190|190 |00be|190;print board kitchen: 19.0 C, -5;"
is "and nothing of it as the answer" "$(cat "$work/out")" ""
"$semo" call $house --module fan --entry 9 --json >"$work/out" 2>/dev/null
ok "by number, in JSON" grep -q '"text": "fan: ends here"' "$work/out"
"$semo" call $house --module fan --entry 12 >"$work/out" 2>"$work/err"
is "no such number" "$? $(tail -1 "$work/err")" "2 semo call: 12: no entry of this name or number in fan; give one by --entry"
"$semo" down $house >/dev/null 2>&1
printf '1 call kitchen measure\n2 call kitchen cook\n' >"$work/script"
"$semo" up $house --headless --script "$work/script" >/dev/null 2>"$work/err"
is "a script with an entry that is not there starts nothing" "$? $(tail -1 "$work/err")" \
    "2 semo up: $work/script:2:8: kitchen cook: no entry of this name or number"
finish
