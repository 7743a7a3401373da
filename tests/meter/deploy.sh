#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The meter from nothing, by single commands and by one; again; and after a reset.
. tests/meter/tap.sh
verb() { # verb NAME ARGUMENTS
    verb=$1
    shift
    $semo "$verb" "$app" --state "$state" --operator-key "$key" "$@" >"$work/out" 2>"$work/err"
    code=$?
}
steps() { # how many modules have reached the step, by status
    $semo status "$app" --state "$state" --operator-key "$key" --json >"$work/status"
    grep -c "\"step\": \"$1\"" "$work/status"
}
epochs() {
    $semo status "$app" --state "$state" --operator-key "$key" --json |
        awk '/"name"/ { name = $2 } /"epoch"/ { print name, $2 }'
}

is "nothing yet" "$(steps waiting)" 7
verb build
is "build: seven modules" "$code $(grep -c '^build ' "$work/out")" "0 7"
is "status: built" "$(steps built)" 7
nodes_up "$app" --state "$state" --operator-key "$key"
is "nodes run: status shows three provisioned" "$(steps built) $(grep -c '"provisioned": true' "$work/status")" "7 4"
verb attest
is "attest before deploy: refused" $code 1
verb connect
is "connect before deploy: refused" $code 1
is "nothing is connected" "$(steps connected)" 0
verb deploy
is "deploy: seven loaded" "$code $(grep -c '^load ' "$work/out")" "0 7"
is "deploy: seven attested" "$(grep -c '^attest ' "$work/out")" 7
ends=$(grep -c '^connect ' "$work/out")
is "status: seven connected" "$(steps connected)" 7
is "status: all connections" "$(grep -c '"connected": true' "$work/status")" "$ends"
is "status: an epoch each" "$(epochs | awk '$2 + 0 > 0' | wc -l)" 7
epochs >"$work/epochs"
verb deploy
is "deploy again: nothing is loaded" "$code $(grep -c '^load ' "$work/out")" "0 0"
epochs >"$work/epochs2"
ok "and nobody's life has begun anew" cmp -s "$work/epochs" "$work/epochs2"
verb attest
is "attest again" "$code $(grep -c '^attest ' "$work/out")" "0 7"
verb connect
is "connect again: new keys" "$code $(grep -c '^connect ' "$work/out")" "0 $ends"
verb output --connection operator --arg 010004
ok "the Central System answers: the supply is on" grep -q ' central 01000400$' "$work/out"
verb output --connection operator --arg 020002
ok "is ordered to switch off, and has" grep -q ' central 0200020001$' "$work/out"
verb output --connection central --arg 00
is "output against the stream: exit 2, one line" "$code $(wc -l <"$work/err")" "2 1"
verb down
wait $up
is "down ends the nodes" $? 0

rows 1 2
cat >"$work/script" <<'S'
5 enable
20 reset node1
40 quit
S
up --script "$work/script" --json
is "one semo up" "$code $(field acknowledged)" "0 1"
is "is all that is needed" "$(steps connected)" 7
epochs >"$work/epochs2"
is "all epochs are new" "$(cat "$work/epochs" "$work/epochs2" | sort -u | wc -l)" 14
up --data "$work/data.csv" --json
is "after a reset of a node: one semo up" "$code $(field import_wh) $(field remainder_ws)" \
    "0 $(field expected_wh) $(field expected_ws)"
epochs >"$work/epochs3"
is "all epochs are new again" "$(cat "$work/epochs" "$work/epochs2" "$work/epochs3" | sort -u | wc -l)" 21
is "nothing was provisioned again" "$(grep -c ^provision "$work/out")" 0

while IFS='	' read -r file line; do
    up --script "tests/reject/meter/$file"
    is "$file: exit 2" $code 2
    is "$file: its line" "$(cat "$work/err")" "semo up: tests/reject/meter/$file:$line"
done <tests/reject/meter/expected.txt
up --data meter/data/none.csv
is "no data file: exit 2, one line" "$code $(wc -l <"$work/err")" "2 1"
up --data "$work/data.csv" --timezone Europe/Atlantis
is "no such time zone: exit 2, one line" "$code $(wc -l <"$work/err")" "2 1"
up --speed 0
is "no such speed: exit 2, one line" "$code $(wc -l <"$work/err")" "2 1"
up --event-manager node9=build/mcu/hostile.elf
is "no such node: exit 2, one line" "$code $(wc -l <"$work/err")" "2 1"
up --han "$work/none/socket" --data "$work/data.csv"
is "no place for the HAN port: exit 3, one line" "$code $(cat "$work/err")" \
    "3 semo up: $work/none/socket: the HAN port cannot be offered there; name a socket in a folder that exists"
finish
