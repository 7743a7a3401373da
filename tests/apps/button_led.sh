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
6 quit'
is "the run ends well" $code 0
is "each press toggles the LED; a bounce and another button do not" "$(lamp)" "1,0,"
is "and is counted" "$(replies presses)" "00000000,01000000,02000000,"
is "the page says it" "$(replies page | grep -c "$(hex 'pressed <b>2</b> times')")" 1

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

# the page in a browser: TLS ends in WEB
nodes_up $app --trace "$work/trace"
$semo deploy $app >"$work/all" 2>&1
mkfifo "$work/says"
build/bin/semo-web "$state" WEB >"$work/says" &
web=$!
read -r url <"$work/says"
port=${url##*:}
port=${port%/}
pin() { # pin FILE: what the owner tells browsers, over the direct request
    {
        echo "-----BEGIN CERTIFICATE-----"
        $semo request $app --connection certificate | tr a-f A-F | basenc --base16 -d | base64
        echo "-----END CERTIFICATE-----"
    } >"$1"
}
get() { # get FILE ARGUMENT...: the page with that pin only, in $work/page; exit code of curl
    file=$1
    shift
    curl -sS --max-time 20 --cacert "$file" "$@" >"$work/page" 2>"$work/err"
}
number_on_page() {
    get "$work/pin" "$url" && sed 's/.*pressed <b>\(.*\)<.b> times.*/\1/' "$work/page"
}
pin "$work/pin"
is "the page, read with the pinned certificate, says 0" "$(number_on_page)" 0
world press:hall:0 run:300 release:hall:0 run:1000
is "and 1 after a press" "$(number_on_page)" 1
is "as the count that COUNTER attests" "$($semo request $app --connection presses)" 01000000
is "and the page that WEB seals for its owner" "$($semo request $app --connection page)" \
    "$(od -An -v -tx1 <"$work/page" | tr -d ' \n')"
is "another page there is not" "$(get "$work/pin" -o /dev/null -w '%{http_code}' "${url}other"; cat "$work/page")" 404
is "nor is one changed" "$(get "$work/pin" -o /dev/null -w '%{http_code}' -d x=1 "$url"; cat "$work/page")" 405
ok "TLS 1.2 with forward secrecy" grep -q 'ECDHE-ECDSA-\(CHACHA20-POLY1305\|AES128-GCM-SHA256\)' <<END
$(openssl s_client -connect "localhost:$port" </dev/null 2>/dev/null)
END
is "any older one is refused" "$(openssl s_client -tls1_1 -cipher ALL@SECLEVEL=0 -connect "localhost:$port" </dev/null 2>/dev/null |
    grep -c '^New, TLS')" 0

# strangers in the middle, and at the door
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key" -out "$work/other" 2>"$work/err"
get "$work/other" "$url"
is "a certificate that is not the pinned one: no page" "$? $(wc -c <"$work/page")" "60 0"
: >"$work/middle"
openssl s_server -accept 127.0.0.1:0 -cert "$work/other" -key "$work/key" -www >"$work/middle" 2>&1 &
middle=$!
until grep -q '^ACCEPT' "$work/middle" || ! kill -0 $middle; do :; done
get "$work/pin" "https://localhost:$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' "$work/middle")/"
is "who stands in the middle with his own: no page" "$? $(wc -c <"$work/page")" "60 0"
kill $middle
wait $middle 2>/dev/null
mkfifo "$work/crowd"
build/tests/crowd "$port" 150 >"$work/ready" <"$work/crowd" &
crowd=$!
exec 4>"$work/crowd"
read -r line <"$work/ready"
is "150 who say nothing, half a word, or nonsense" "$line" "150 there"
is "do not keep anybody from the page" "$(number_on_page)" 1
exec 4>&-
wait $crowd
is "40 at once: each gets it" "$(
    for i in $(seq 40); do echo "url = $url"; done |
        curl -sS --no-progress-meter -Z --parallel-max 40 --max-time 20 --cacert "$work/pin" -K - 2>"$work/err" | grep -c '<b>1</b>')" 40
world call:20 replay call:20
is "after all that WEB is what it was" "$($semo attest $app >"$work/all" 2>&1; echo $?) $(number_on_page)" "0 1"

# another life, another key
cp "$work/pin" "$work/old"
$semo disable $app --module WEB >"$work/all" 2>&1
get "$work/old" "$url"
is "without WEB there is no page" "$? $(wc -c <"$work/page")" "35 0"
$semo deploy $app >"$work/all" 2>&1
get "$work/old" "$url"
is "WEB loaded anew: the old pin is refused" "$? $(wc -c <"$work/page")" "60 0"
pin "$work/pin"
is "the new one is good" "$(number_on_page)" 1
$semo down $app
wait $up
exec 3<&-
get "$work/pin" "$url"
is "without nodes there is no page" "$? $(wc -c <"$work/page")" "35 0"
kill $web
wait $web 2>/dev/null
for bad in "x y 70000" "x y z" "x" "x y 0 localhost 1" "x y 0 ::1 0"; do
    # shellcheck disable=SC2086
    build/bin/semo-web $bad >"$work/all" 2>"$work/err"
    is "semo-web $bad: exit code, and it says why" "$? $(grep -c '^semo-web: \|^usage' "$work/err")" "2 1"
done

# the node of WEB elsewhere: by TCP, in real time
cat >"$work/far.json" <<END
{"name": "far", "nodes": [{"type": "linux", "name": "server", "vendor_id": 4660, "host": "127.0.0.1", "deploy_port": 1111}],
 "modules": [
  {"type": "linux", "name": "COUNTER", "files": ["$PWD/apps/button-led/modules/counter.c"], "node": "server"},
  {"type": "linux", "name": "WEB", "files": ["$PWD/apps/button-led/modules/web.c"], "node": "server", "ldflags": "-lbearssl"}],
 "connections": [
  {"name": "total", "direct": true, "to_module": "COUNTER", "to_input": "total_in"},
  {"name": "web", "from_module": "WEB", "from_request": "ask_presses", "to_module": "COUNTER", "to_handler": "presses"},
  {"name": "certificate", "direct": true, "to_module": "WEB", "to_handler": "certificate"}]}
END
echo '{"name": "owner", "nodes": [{"type": "linux", "name": "server", "vendor_id": 4660}], "modules": []}' >"$work/owner.json"
$semo provision "$work/owner.json" --state "$work/owner" >"$work/all" 2>&1
cat >"$work/node.json" <<END
{"socket": "$work/node.sock", "listen": {"host": "127.0.0.1", "port": 0}, "nodes": [{"name": "server", "type": "linux",
 "chip": "$work/owner/server.chip", "weak": true, "monitor": "$PWD/build/bin/semo-monitor", "em": "$PWD/build/bin/semo-em"}]}
END
rm -f "$work/ready"
mkfifo "$work/ready"
build/bin/semo-node --config "$work/node.json" --ready 3 3>"$work/ready" 2>"$work/err" &
node=$!
read -r _ <"$work/ready"
node_port=$(sed 's/server //' "$work/node.sock.ports")
sed -i "s/1111/$node_port/" "$work/far.json"
app=$work/far.json
$semo vendor-key server 4660 --state "$work/owner" --out "$work/vendor"
$semo import-key $app --node server <"$work/vendor" >"$work/all" 2>&1
$semo deploy $app >>"$work/all" 2>&1
$semo output $app --connection total --arg 02010000 >>"$work/all" 2>&1
build/bin/semo-web "$XDG_STATE_HOME/semo/far" WEB 0 127.0.0.1 "$node_port" >"$work/says" &
web=$!
read -r url <"$work/says"
pin "$work/far"
is "a page from a node elsewhere" "$(get "$work/far" "$url"; grep -o '<b>.*</b>' "$work/page")" "<b>258</b>"
get "$work/pin" "$url"
is "which has a key of its own" "$? $(wc -c <"$work/page")" "60 0"
kill $web $node
wait $web $node 2>/dev/null
app=apps/button-led/descriptor.json

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
