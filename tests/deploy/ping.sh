#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two microcontrollers, one module each: deployed step by step, by commands of their own, and by one.
. tests/deploy/tap.sh
ping=tests/deploy/ping.json
state=$XDG_STATE_HOME/semo/ping

$semo init >"$work/init"
ok "init makes a key" test -s "$XDG_CONFIG_HOME/semo/operator.key"
is "of mode 0600" "$(stat -c %a "$XDG_CONFIG_HOME/semo/operator.key")" 600
$semo init 2>/dev/null
is "and never replaces one" $? 3

nodes_up $ping
$semo status $ping --json | grep -q '"step": "built"'
is "only-nodes: nothing is deployed" $? 0
$semo attest $ping >/dev/null 2>"$work/err"
is "attest before deploy fails" $? 1
is "and names the module" "$(head -1 "$work/err")" "semo attest: PING: not loaded; run semo deploy"
$semo deploy $ping >"$work/out"
is "deploy" $? 0
is "loads both" "$(grep -c ^load "$work/out")" 2
is "attests both" "$(grep -c ^attest "$work/out")" 2
is "connects four" "$(grep -c ^connect "$work/out")" 4
$semo deploy $ping >"$work/out"
is "deploy again loads nothing" "$(grep -c ^load "$work/out")" 0
# what runs is of another source than the descriptor's by now: it gets no keys for inputs it has not
mkdir "$work/edited"
cp -r $ping tests/deploy/ping "$work/edited"
sed -i 's/^SM_OUTPUT(PING, ping_out)/SM_OUTPUT(PING, another_out);\n&/' "$work/edited/ping/ping.c"
$semo connect "$work/edited/ping.json" >"$work/out" 2>"$work/err"
is "connect after an edit fails" $? 1
is "in one line" "$(cat "$work/err")" "semo connect: PING: another source was loaded; switch the nodes on anew with semo up"
is "and connects nothing" "$(grep -c ^connect "$work/out")" 0
$semo deploy "$work/edited/ping.json" >"$work/out" 2>"$work/err"
is "deploy after an edit fails, too" $? 1
is "and connects nothing" "$(grep -c ^connect "$work/out")" 0
$semo deploy $ping >"$work/out"
is "deploy as it was" $? 0
is "output: there and back" "$($semo output $ping --connection start --arg 0102ff | cut -d' ' -f2-)" "result 020300"
is "output: an empty body" "$($semo output $ping --connection start | cut -d' ' -f2-)" "result "
$semo connect $ping >/dev/null
is "connect: new keys" "$($semo output $ping --connection start --arg 41 | cut -d' ' -f2-)" "result 42"
is "call" "$($semo call $ping --module PING --entry count)" 03
$semo call $ping --module PING --entry none 2>"$work/err"
is "call of what is not there" $? 2
is "in one line" "$(cat "$work/err")" "semo call: none: no entry of this name or number in PING; give one by --entry"
is "status: sizes" "$($semo status $ping --json | grep -c '"text_bytes": [1-9]')" 2
is "status: all connected" "$($semo status $ping --json | grep -c '"step": "connected"')" 2
$semo up $ping >/dev/null 2>"$work/err"
is "a second up is refused" $? 1
is "in one line" "$(cat "$work/err")" "semo up: $state/nodes.lock: in use by another semo; end that one or use another --state"
$semo provision $ping --again >/dev/null 2>"$work/err"
is "no new chips while nodes run on the old ones" "$? $(cat "$work/err")" \
    "1 semo provision: $state/nodes.lock: in use by another semo; end that one or use another --state"

# no key outside the two kinds of file: the chips hold node keys, all else is derived or random
keys=0 leaks=0
for file in "$state"/*.chip; do
    is "$(basename "$file") is of mode 0600" "$(stat -c %a "$file")" 600
done
for source in "$XDG_CONFIG_HOME/semo/operator.key" "$state/a.chip" "$state/b.chip"; do
    build/tests/find_key "$source" $(find "$state" "$work/out" -type f ! -name '*.chip') || leaks=$((leaks + 1))
    keys=$((keys + 1))
done
is "no key of $keys files stands anywhere else" $leaks 0

$semo down $ping
wait $up
is "down ends the nodes" $? 0
$semo deploy $ping >/dev/null 2>"$work/err"
is "then there is nothing to deploy on" $? 1

# by one command, reproducibly
echo '1 quit' >"$work/script"
for run in 1 2; do
    $semo up $ping --state "$work/seed$run" --operator-key "$work/seed.key" --seed 7 --script "$work/script" \
        --trace "$work/trace$run" >"$work/out$run" 2>"$work/err"
    is "up --seed 7, run $run" $? 0
    ok "says INSECURE" grep -q '^INSECURE' "$work/err"
done
ok "the traces are equal" cmp "$work/trace1" "$work/trace2"
ok "and not empty" grep -q ' frame ' "$work/trace1"
$semo up $ping --state "$work/seed1" --operator-key "$work/seed.key" --seed 7 2>/dev/null >&2
is "--seed on a used state is refused" $? 2
$semo up $ping --state "$work/seed1" --operator-key "$work/seed.key" --script "$work/script" >"$work/out" 2>"$work/err"
is "up again on the same state" $? 0
is "status: sizes" "$($semo status $ping --state "$work/seed1" --operator-key "$work/seed.key" --json | grep -c '"text_bytes": [1-9]')" 2
is "provisions nothing" "$(grep -c ^provision "$work/out")" 0

# what is sealed opens only for its key and application
$semo status $ping --state "$work/seed1" 2>"$work/err" >/dev/null
is "another operator key" $? 1
ok "is named" grep -q 'sealed under another operator key' "$work/err"
truncate -s 40 "$work/seed1/nodes.sealed"
$semo status $ping --state "$work/seed1" --operator-key "$work/seed.key" 2>"$work/err" >/dev/null
is "a truncated state" $? 1
ok "is named" grep -q 'truncated; restore it' "$work/err"
chmod 644 "$work/seed.key"
$semo status $ping --state "$work/seed2" --operator-key "$work/seed.key" 2>"$work/err" >/dev/null
is "a key that others may read" $? 3

# a vendor key that the chip does not have: the module cannot prove itself
imported=0123456789abcdef0123456789abcdef
echo $imported | $semo import-key $ping --node a
is "import-key" $? 0
ok "it stands nowhere in clear" sh -c "! grep -rq $imported '$state'"
$semo up $ping --script "$work/script" >"$work/out" 2>"$work/err"
is "up with the wrong vendor key" $? 1
is "in one line" "$(cat "$work/err")" "semo up: PING: attestation failed: what runs on a is not this module; it gets no key, load it again with semo up"
is "the other module is attested" "$(grep -c '^attest *PONG' "$work/out")" 1
is "nothing is connected" "$(grep -c ^connect "$work/out")" 0
echo 000102030405060708090a0b0c0d0e0f | $semo import-key $ping --node a 2>"$work/err"
is "a golden key is refused" $? 2
echo 00 | $semo import-key $ping --node a 2>"$work/err"
is "what is no key, too" "$(cat "$work/err")" "semo import-key: standard input:1:1: not a key; write 32 hexadecimal digits and a newline"
$semo provision $ping >"$work/out" 2>"$work/err"
is "provision over chips is refused" "$? $(cat "$work/err")" \
    "2 semo provision: $state: provisioned already; --again throws these chips and their keys away"
$semo provision $ping --again >"$work/out"
is "provision: new chips" "$(grep -c ': new node key' "$work/out")" 2
$semo up $ping tests/deploy/periodic.json --script "$work/script" --trace "$work/periodic" >"$work/out" 2>"$work/err"
is "up with a periodic event" $? 0
calls() { grep -E ' frame client a 04[0-9a-f]{8}0800$' "$work/periodic"; }
ok "it is called from its connection on" test "$(calls | wc -l)" -ge 4
is "every 250 ms, exactly" "$(calls | awk 'NR > 1 { print $1 - last } { last = $1 }' | sort -u)" 5000000

# an attacker from the start on: attack off puts Semo's event managers there
hostile="--event-manager a=build/mcu/hostile.elf --event-manager b=build/mcu/hostile.elf"
answers() { # answers FIRST-LINE: what arrives of twenty events
    { echo "$1" && seq -f '%g output start 4142' 2 21 && echo '23 quit'; } >"$work/script"
    # shellcheck disable=SC2086 # several words
    $semo up $ping --state "$work/hostile.$2" --seed "${SEMO_SEED:-5}" $hostile --script "$work/script" >"$work/out" 2>"$work/err"
    echo "$? $(grep -c ' event result 4243$' "$work/out")"
}
ok "an attacker loses some" test "$(answers '1 attack on' first | cut -d' ' -f2)" -lt 20
is "attack off: it is gone" "$(answers '1 attack off' second)" "0 20"

# what cannot work is said before anything starts
refused() { # refused LINE OPTION...
    line=$1
    shift
    $semo up $ping --state "$work/refused" "$@" >"$work/out" 2>"$work/err"
    is "up $*: exit 2" $? 2
    is "its line" "$(cat "$work/err")" "semo up: $line"
    ok "no node is started" test ! -e "$work/refused/node.json"
}
refused "--data: no module of this application meters; leave it out" --data meter/data/household-1min.csv
refused "--han: no module of this application has that port; leave it out" --han pty
refused "--script: with --only-nodes nothing runs; leave it out" --only-nodes --script "$work/script"
refused "--timezone: is for the times in --data; leave it out" --timezone UTC
refused "none.csv: cannot open it: No such file or directory" --data none.csv
refused "c=x: not NODE=FILE; name a node of the descriptor and a file" --event-manager c=x
refused "fast: not a speed; write 1 to 1000000 virtual seconds a second, or max" --speed fast
refused "x: not a seed; write a whole number" --seed x

for verb in $($semo --help | sed -n 's/^  \([a-z-]*\)  *[a-z].*/\1/p'); do
    ok "$verb is in the manual" grep -qE "^\.It Ic .*\b$verb\b" docs/man/semo.1
    ok "$verb --help has an example" sh -c "$semo $verb --help | grep -q '^example: semo $verb'"
    is "$verb --version" "$($semo $verb --version)" "semo 0.1"
done
is "help VERB" "$($semo help up)" "$($semo up --help)"
$semo help none 2>"$work/err"
is "help of nothing" "$? $(cat "$work/err")" "2 semo: none: no such command; semo --help lists them"
$semo up --fast 2>"$work/err"
is "an unknown option" $? 2
is "in one line" "$(cat "$work/err")" "semo up: --fast: not an option of this command; see --help"
finish
