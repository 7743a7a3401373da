#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the grid operator orders, happens at the relay, is confirmed by its feedback contact, and is
# seen by the Central System, the meter, the display and the log. To the watt-second.
. tests/meter/tap.sh

rows 1 3
cat >"$work/script" <<'S'
5 state
20.25 disable   # between two ticks
30 state
31 log 0
32 consumption
90.5 enable
100 log 0
101 log 1
102 log 2
S
up --data "$work/data.csv" --script "$work/script" --trace "$work/trace" --headless
is "the run ends well" $code 0
is "the contact moves twice, for two orders" "$(grep -c ' pin ' "$work/trace")" 2
has "the supply is on before" out "central: supply enabled (asked #1)"
has "disable: the relay opens" out "relay of node1: contact open at 20."
has "disable: the Central System has the acknowledgement" out "central: disable #2: done, supply disabled"
has "disable: and the state" out "central: supply disabled (asked #3)"
ok "disable: the display shows off and no power" grep -Eq '^display: .* 16:24:2[0-9] UTC +0 W .* supply off$' "$work/out"
has "disable: the log has the entry, with its time in UTC" out "log: entry 0 of 1: 2006-12-16 16:24:20 UTC #2 disable done"
has "enable: the relay closes" out "relay of node1: contact closed at 90."
has "enable: the Central System has the acknowledgement" out "central: enable #6: done, supply enabled"
ok "enable: the display shows on and power" grep -Eq '^display: .* [1-9][0-9]* W .* supply on$' "$work/out"
has "enable: the log has the entry" out "log: entry 0 of 2: 2006-12-16 16:25:30 UTC #6 enable done"
has "the older entry stays" out "log: entry 1 of 2: 2006-12-16 16:24:20 UTC #2 disable done"
has "there is no third" out "log: no entry 2 (2 entries)"
wanted=$(expected)
is "the register is what was drawn, exactly" "$(grep '^register ' "$work/out")" \
    "register $wanted, the house drew $wanted: equal"

cat >"$work/script" <<'S'
10 stick
20 disable
20.05 enable    # the first is still open
30 log 0
31 state
40 unstick      # the armature had gone: the contact follows
50 state
51 log 0
60 enable
70 log 0
S
up --data "$work/data.csv" --script "$work/script" --trace "$work/trace" --headless
is "stuck contact: the run ends well" $code 0
has "stuck contact: the order has failed" out "central: disable #1: failed, supply enabled"
has "a second order while one is open is told busy" out "central: enable #2: busy"
has "stuck contact: the log says failed" out "#1 disable failed"
has "stuck contact: the supply is what the feedback contact says" out "central: supply enabled (asked #4)"
is "stuck contact: it moves only when it comes loose, and for the order after" "$(grep -c ' pin ' "$work/trace")" 2
has "come loose: the supply is known to be off" out "central: supply disabled (asked #5)"
has "come loose: the log has a movement without an order" out "#0 moved done"
has "and the next order is obeyed" out "central: enable #7: done, supply enabled"
wanted=$(expected)
is "the register is what was drawn, exactly, again" "$(grep '^register ' "$work/out")" \
    "register $wanted, the house drew $wanted: equal"

echo '20 disable' >"$work/script"
up --data "$work/data.csv" --script "$work/script" --json
is "left open: exit 0" $code 0
is "left open: supply off" "$(field supply)" '"off"'
rm "$work/script"
up --data "$work/data.csv" --json
is "the relay latches: the next life begins with it open" "$(field supply)" '"off"'
is "and counts nothing" "$(field import_wh) $(field remainder_ws) $(field expected_wh) $(field expected_ws)" "0 0 0 0"

printf '5 enable\n5.001 quit\n' >"$work/script"
up --data "$work/data.csv" --script "$work/script" --headless
is "an order without an answer is a failure" $code 1
has "and is named" err "operator: order #1 has had no answer"

mkdir -m 777 "$work/open"
$semo build "$app" --state "$work/open" --operator-key "$key" >"$work/out" 2>"$work/err"
is "a state folder that others may write to is refused" "$? $(cat "$work/err")" \
    "3 semo build: $work/open: others may write to it; chmod go-w, or choose another path"
finish
