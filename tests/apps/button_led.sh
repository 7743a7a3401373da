#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The button and the LED: each press toggles the lamp and is counted once, and nothing else is.
. tests/deploy/tap.sh
app=apps/button-led/descriptor.json
state=$XDG_STATE_HOME/semo/button-led
SEMO_SEED=${SEMO_SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
export SEMO_SEED
echo "# SEMO_SEED=$SEMO_SEED"
up() { # up SCRIPT-LINES ARGUMENT...: output in $work/out, exit code in $code
    printf '%s\n' "$1" >"$work/script"
    shift
    $semo up $app --speed max --script "$work/script" --trace "$work/trace" "$@" >"$work/out" 2>"$work/err"
    code=$?
}
world() { # world COMMAND...: shows in $work/out
    build/tests/world "$state/control.sock" "$work/trace" "$@" >>"$work/out" 2>>"$work/err"
}
lamp() { # what lamp 0 did: 1 on, 0 off
    sed -n 's/.* show room \.......\([.*]\) .*/\1/p' "$work/out" | tr '*.\n' '10,'
}
replies() { # replies CONNECTION: the bodies, in order
    awk -v c="$1" '$2 == "reply" && $3 == c { printf "%s,", $4 }' "$work/out"
}
hex() {
    printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
}
hostile="--event-manager hall=build/mcu/hostile.elf --event-manager room=build/mcu/hostile.elf
    --event-manager server=build/bin/hostile-em"

# A1: counter 0, press, LED on, counter 1
up '0.5 request presses
1 press hall 0
1.005 release hall 0
1.1 press hall 0
2 release hall 0
2.5 request presses
3 press hall 0
3.5 release hall 0
3.6 press hall 1
4 request presses
4.5 request page
5 request certificate
5.1 output announce 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
5.2 request certificate
6 quit'
is "the run ends well" $code 0
is "each press toggles the LED; a bounce and another button do not" "$(lamp)" "1,0,"
is "and is counted" "$(replies presses)" "00000000,01000000,02000000,"
is "the page says it" "$(replies page | grep -c "$(hex 'pressed <b>2</b> times')")" 1
is "the certificate's fingerprint is the one that its owner announced" "$(replies certificate)" \
    ",000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f,"

# the same, with event managers that drop, repeat, reorder, forge, corrupt and misdirect
up "$(for i in 1 2 3 4 5; do printf '%s press hall 0\n%s.5 release hall 0\n' $((i * 10)) $((i * 10)); done)
70 attack off
71 press hall 0
71.5 release hall 0
80 request presses
81 quit" $hostile
is "hostile event managers: the run ends well" $code 0
is "the LED was never toggled without a press" "$(test "$(lamp | tr -dc 01 | wc -c)" -le 6 && echo well)" well
is "it goes on and off in turn" "$(lamp | grep -c '1,1\|0,0')" 0
total=$(replies presses | cut -c1-2)
ok "the count is at most what was pressed ($total)" test $((0x${total:-99})) -le 6
ok "and what acknowledged connections brought ($(lamp))" test $((0x${total:-0})) -ge "$(lamp | tr -dc 01 | wc -c)"

# strangers: every entry of every module, and everything that was ever sent
nodes_up $app --trace "$work/trace"
$semo deploy $app >"$work/all" 2>&1
is "deployed step by step" "$? $(grep -c '^attest' "$work/all")" "0 5"
: >"$work/out" >"$work/err"
world press:hall:0 run:300 release:hall:0 run:1000
is "a press" "$(grep -c ' room 01 ' "$work/out")" 1
world call:2 replay call:2 replay run:3000
sed -n p "$work/err"
is "is not pressed again by strangers" "$(wc -l <"$work/out")" 1
world press:hall:0 run:300 release:hall:0 run:1000
is "but by a press" "$(tail -1 "$work/out" | cut -d' ' -f2,3) $(wc -l <"$work/out")" "room 00 2"
$semo down $app
wait $up
is "down ends the nodes" $? 0
exec 3<&-

# the page in a browser
nodes_up $app --trace "$work/trace"
$semo deploy $app >"$work/all" 2>&1
mkfifo "$work/says"
build/bin/semo-web serve "$state/control.sock" server 3 >"$work/says" &
web=$!
read -r url print <"$work/says"
port=${url##*:}
port=${port%/}
page() { # the number on it
    pin=$($semo request $app --connection certificate) &&
        build/bin/semo-web get "$port" "$pin" 2>"$work/err" | sed 's/.*pressed <b>\(.*\)<.b> times.*/\1/'
}
is "announced by the owner: exit code" "$($semo output $app --connection announce --arg "$print" >/dev/null; echo $?)" 0
is "the certificate, over the direct request" "$($semo request $app --connection certificate)" "$print"
is "the page, read with it, says 0" "$(page)" 0
world press:hall:0 run:300 release:hall:0 run:1000
is "and 1 after a press" "$(page)" 1
is "as the count that COUNTER attests" "$($semo request $app --connection presses)" 01000000
is "and the page that WEB attests" "$($semo request $app --connection page)" \
    "$(build/bin/semo-web get "$port" "$print" | od -An -v -tx1 | tr -d ' \n')"
other=$(echo "$print" | tr 0123456789abcdef 123456789abcdef0)
build/bin/semo-web get "$port" "$other" >"$work/all" 2>"$work/err"
is "another certificate than the announced one: exit code, no page" "$? $(wc -c <"$work/all")" "1 0"
is "one line" "$(cat "$work/err")" "semo-web: another certificate than the one that its owner announced"
$semo down $app
wait $up
exec 3<&-
build/bin/semo-web get "$port" "$print" >"$work/all" 2>"$work/err"
is "without nodes there is no page" "$? $(cat "$work/err")" "1 semo-web: no page: HTTP/1.1 503 Service Unavailable"
kill $web
wait $web 2>/dev/null
for bad in "get 70000 $print" "get 1 abc" "serve x y z"; do
    build/bin/semo-web $bad >"$work/all" 2>"$work/err"
    is "semo-web ${bad%% *} with a bad word: exit code, one line" "$? $(wc -l <"$work/err")" "2 1"
done

# resets in the middle
up '1 press hall 0
1.5 release hall 0
2 reset hall
3 press hall 0
3.5 release hall 0
5 request presses
6 reset room
8 quit'
is "after resets: the run ends well" $code 0
is "a button without its driver is no button" "$(replies presses)" "01000000,"
is "the LED without its driver is dark" "$(lamp)" "1,0,"

# another binary than the owner's; a connection that lets the web toggle the LED
up '1 quit' --event-manager room=build/mcu/lying.elf
is "another binary on room: exit 1" $code 1
ok "it is named" grep -q '^semo up: LED: ' "$work/err"
is "and gets no connection" "$(grep -c '^connect  toggle' "$work/out")" 0
sed 's/"name": "page", .*/"name": "edge", "from_module": "WEB", "from_request": "ask_presses", "to_module": "GATEWAY", "to_input": "pressed_in" },/
    s/"from_request": "ask_presses", "to_module": "GATEWAY"/"from_output": "ask_presses", "to_module": "GATEWAY"/' \
    $app >"$work/edge.json"
cp -r apps/button-led/modules "$work/modules"
$semo lint "$work/edge.json" >"$work/out" 2>"$work/err"
is "an edge from the web to the LED: exit 2" $? 2
ok "the path is named" grep -q 'WEB: must never reach LED' "$work/err"
finish
