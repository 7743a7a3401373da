#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# semo up with a board on a line: a pseudo-terminal, at its far end the real firmware. Half of the
# application runs on the board, half on a chip emulated here.
. tests/deploy/tap.sh
chips=
trap 'kill $chips 2>/dev/null; rm -rf "$work"' EXIT
holder=$work/holder
echo '{"name": "holder", "nodes": [{"type": "sancus", "name": "board", "vendor_id": 4661}], "modules": []}' >"$work/holder.json"
"$semo" provision "$work/holder.json" --state "$holder" >/dev/null
cat >"$work/chips.json" <<CONFIG
{"socket": "$work/chips.sock", "realtime": true, "listen": {"host": "127.0.0.1", "port": 0},
 "nodes": [{"name": "board", "type": "mcu", "chip": "$holder/board.chip"}]}
CONFIG
mkfifo "$work/line"
build/bin/semo-node --config "$work/chips.json" --ready 3 3>"$work/line" &
chips=$!
read -r _ <"$work/line"
build/tests/board "$work/chips.sock" >"$work/line" &
read -r line <"$work/line"

sed "s|\"name\": \"b\"|&, \"serial\": \"$line\"|; s|ping/|$PWD/tests/deploy/ping/|" tests/deploy/ping.json >"$work/app.json"
app=$work/app.json
printf '0 output start 4041\n0.5 output start 5051\n1 reset b\n1.5 output start 6061\n2 quit\n' >"$work/script"
up() { # up ARGUMENTS...
    "$semo" up "$app" --script "$work/script" "$@" >"$work/out" 2>"$work/err"
}
up
is "a board has no virtual time" "$? $(cat "$work/err")" \
    "2 semo up: b: is at $line: add --realtime, or run it on this machine with --emulate"
up --realtime
is "its vendor key is its holder's" "$? $(tail -1 "$work/err")" \
    "1 semo up: b: no vendor key; its holder has it from semo vendor-key b 4661, give it to semo import-key"
"$semo" vendor-key board 4661 --state "$holder" | "$semo" import-key "$app" --node b
up --realtime
is "up" $? 0
is "both are attested, all are connected" "$(grep -c ^attest "$work/out") $(grep -c ^connect "$work/out")" "2 4"
is "there, over the line, and back; not after a reset of the board" \
    "$(sed -n 's/.* event result //p' "$work/out" | tr '\n' ' ')" "4142 5152 "
"$semo" status "$app" >"$work/out"
is "status: where the board is" "$(grep -c "^node  *b  *sancus, at $line\$" "$work/out")" 1
echo '1 press b 0' >"$work/script"
up --realtime
is "nobody here has its buttons" "$? $(sed 's/.*script:/script:/' "$work/err")" "2 script:1:9: b 0: this node has no buttons here"
echo '1 quit' >"$work/script"
up --emulate --state "$work/emulated"
is "all of it emulated" $? 0
kill $chips
wait $chips
echo '1 quit' >"$work/script"
up --realtime
is "nothing is plugged in" $? 3
finish
