#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A deployer and two nodes that other people started, each a semo-node of its own, on loopback.
. tests/deploy/tap.sh
node=build/bin/semo-node
weak=true pid_alpha=0 pid_beta=0
pids=
trap 'kill $pids 2>/dev/null; rm -rf "$work"' EXIT

# the owner of the nodes: chips, and the vendor's key for the deployer
owner=$work/owner
$semo provision tests/node_host/elsewhere/owner.json --state "$owner" >"$work/out"
is "provision" $? 0
start() { # start NAME PORT: a semo-node; waits until it listens
    cat >"$work/$1.json" <<CONFIG
{"socket": "$work/$1.sock", "listen": {"host": "127.0.0.1", "port": $2},
 "nodes": [{"name": "$1", "type": "linux", "chip": "$owner/$1.chip", "weak": $weak,
 "monitor": "$PWD/build/bin/semo-monitor", "em": "$PWD/build/bin/semo-em"}]}
CONFIG
    rm -f "$work/$1.ready"
    mkfifo "$work/$1.ready"
    $node --config "$work/$1.json" --ready 3 3>"$work/$1.ready" 2>>"$work/$1.log" &
    pids="$pids $!"
    eval "pid_$1=$!"
    read -r _ <"$work/$1.ready"
    port=$(sed "s/$1 //" "$work/$1.sock.ports")
}
for type in linux mcu; do
    for chip in none.chip out alpha.chip; do
        echo "{\"socket\": \"$work/bad.sock\", \"nodes\": [{\"name\": \"bad\", \"type\": \"$type\", \"chip\": \"$work/$chip\"}]}" >"$work/bad.json"
        [ $chip = alpha.chip ] && start alpha 0
        sed -i "s|$work/alpha.chip|$owner/alpha.chip|" "$work/bad.json"
        $node --config "$work/bad.json" 2>"$work/err"
        is "a $type node without a chip of its own ($chip): ends with 3" "$? $(grep -c "$chip: .*\(missing\|not a readable\|in use\)" "$work/err")" "3 1"
    done
    kill "$pid_alpha"
    wait "$pid_alpha"
done
# one that never says a word: its semo-node is stopped
start alpha 0
kill -STOP "$pid_alpha"
silent=$pid_alpha
echo "{\"name\": \"silent\", \"nodes\": [{\"type\": \"linux\", \"name\": \"alpha\", \"vendor_id\": 7, \"host\": \"127.0.0.1\", \"deploy_port\": $port}], \"modules\": []}" >"$work/silent.json"
$semo vendor-key alpha 7 --state "$owner" | $semo import-key "$work/silent.json" --node alpha
(
    $semo deploy "$work/silent.json" >"$work/silent.out" 2>"$work/silent.err"
    echo $? >"$work/silent.code"
) &
silence=$! silent_port=$port
cp "$owner/alpha.chip" "$work/alpha.chip" && mv "$work/alpha.chip" "$owner/alpha.chip" # that one keeps its lock

start alpha 0
alpha=$port
start beta 0
beta=$port

app=$work/app.json
sed "s/1111/$alpha/; s/2222/$beta/; s|PINGDIR|$PWD/tests/deploy/ping|" tests/node_host/elsewhere/app.json >"$app"
run() { # run VERB ARGUMENTS...
    verb=$1
    shift
    $semo "$verb" "$app" "$@" >"$work/out" 2>"$work/err"
}
run deploy
is "deploy without a vendor key" $? 1
ok "says who has it" grep -q 'semo vendor-key alpha 7' "$work/err"
for name in alpha beta; do
    $semo vendor-key $name 7 --state "$owner" --out "$work/key"
    $semo import-key "$app" --node $name <"$work/key"
    is "import-key of $name" $? 0
done
run deploy
is "deploy" $? 0
is "both are attested" "$(grep -c '^attest' "$work/out")" 2
is "all are connected" "$(grep -c '^connect' "$work/out")" 4
answer() { # what comes back for BYTES
    run output --connection start --arg "$1" --run 300
    sed -n 's/.* result //p' "$work/out"
}
is "from here to alpha to beta to alpha to here" "$(answer 0102)" 0203
is "again" "$(answer ff00)" 0001
run output --connection start --arg "$(printf '%01024d' 0)"
is "what the input does not take is not sent" "$? $(cat "$work/err")" \
    "2 semo output: start: a body of 512 bytes, and start_in takes 64; shorten it"
run status
is "status: where they are, and what keeps modules apart there" \
    "$(grep -cE '^node +(alpha|beta) +process: kernel, root and monitor are trusted; (namespaces, (no )?Landlock|WEAK: Landlock, no namespaces|WEAK: neither namespaces nor Landlock), at (localhost|127.0.0.1)$' "$work/out")" 2
is "in JSON, too" "$($semo status "$app" --json | grep -cE '"(isolation": "(weak|namespaces)|landlock": (true|false))')" 4
run logs
is "logs: what the deployer did" "$? $(grep -cE ' deployer +(load|attest|connect) ' "$work/out")" "0 8"
is "and who knows the rest" "$(cut -d, -f1 "$work/err")" "alpha: runs at 127.0.0.1
beta: runs at localhost"
run logs --json --node beta
is "in JSON, too: elsewhere" "$(grep -c '"alpha"' "$work/out") $(build/tests/json_check elsewhere.0 <"$work/out")" "0 beta"
is "a stranger-callable entry" "$(run call --module PING --entry count && cat "$work/out")" 02

# another owner's application beside it, with numbers of its own
other=$work/other.json
sed 's/"vendor_id": 7/"vendor_id": 8/; s/"name": "elsewhere"/"name": "other"/' "$app" >"$other"
for name in alpha beta; do
    $semo vendor-key $name 8 --state "$owner" --out "$work/key"
    $semo import-key "$other" --node $name <"$work/key"
done
$semo deploy "$other" >"$work/out" 2>"$work/err"
is "another owner deploys" "$? $(grep -c '^connect' "$work/out")" "0 4"
is "and is answered" "$($semo output "$other" --connection start --arg 7071 --run 300 | sed 's/.* result //')" 7172
is "as the first one is" "$(answer 60)" 61

# a wrong key administrates nothing
echo 0123456789abcdef0123456789abcdef | $semo import-key "$app" --node alpha --state "$work/thief" --operator-key "$work/thief.key"
echo 0123456789abcdef0123456789abcdef | $semo import-key "$app" --node beta --state "$work/thief" --operator-key "$work/thief.key"
run deploy --state "$work/thief" --operator-key "$work/thief.key"
is "a deployer with another key" $? 1
ok "is told why" grep -q 'WRITE: refused; the vendor key' "$work/err"
is "and nobody noticed" "$(answer 0a)" 0b

# one dies and comes back: the other one goes on meanwhile
kill -9 "$pid_beta"
wait "$pid_beta" 2>/dev/null
run call --module PING --entry count
is "alpha answers while beta is dead" "$(cat "$work/out")" 04
is "nothing comes back" "$(answer 0c)" ""
run status --json
is "status" $? 0
start beta "$beta"
run deploy
is "deploy what is gone" $? 0
is "they talk again" "$(answer 0d)" 0e
run attest
is "attest" $? 0

# some here, some elsewhere; all here
mixed=$work/mixed.json
sed 's/"host": "localhost", "deploy_port": [0-9]*/"emulated": true/; s/"name": "elsewhere"/"name": "mixed"/' "$app" >"$mixed"
printf '0 output start 4041\n0.5 quit\n' >"$work/script"
$semo provision "$mixed" >"$work/out"
is "only what is emulated gets a chip" "$(grep -c 'new node key' "$work/out")" 1
$semo vendor-key alpha 7 --state "$owner" --out "$work/key"
$semo import-key "$mixed" --node alpha <"$work/key"
up() { # up ARGUMENTS...
    $semo up "$mixed" --script "$work/script" "$@" >"$work/out" 2>"$work/err"
}
up
is "up without --realtime" $? 2
is "in one line" "$(cat "$work/err")" "semo up: alpha: is at 127.0.0.1: add --realtime, or run it on this machine with --emulate"
up --realtime --speed 2
is "--realtime at a speed" $? 2
up --realtime --seed 2
is "--realtime with a seed" $? 2
up --emulate --listen 127.0.0.1
is "--listen without --realtime" $? 2
up --realtime --listen here
is "--listen on no address" $? 3
ok "says so" grep -q 'listen.host: must be a numeric address' "$work/err"
up --realtime
is "up --realtime" $? 0
ok "says what that costs" grep -q '^realtime .*not deterministic' "$work/out"
is "there and back" "$(sed -n 's/.* event result //p' "$work/out")" 4142
printf '0 output start 4041\n0.3 reset alpha\n0.5 output start 5051\n0.8 quit\n' >"$work/script"
up --realtime
is "a reset alpha has forgotten its module" "$? $(sed -n 's/.* event result //p' "$work/out")" "0 4142"
printf '0 output start 4041\n0.5 quit\n' >"$work/script"
up --emulate --state "$work/emulated"
is "up --emulate" $? 0
is "there and back, too" "$(sed -n 's/.* event result //p' "$work/out")" 4142
ok "status: emulated here, namespaces" sh -c "$semo status '$mixed' --state '$work/emulated' | grep -Eq '^node +beta +process: .* trusted; namespaces, (no )?Landlock\$'"
kill -9 "$pid_alpha" "$pid_beta"
run attest
is "attest of nobody" $? 3
ok "names the node" grep -q 'alpha' "$work/err"
ok "and the log has it" sh -c "$semo logs '$app' 2>/dev/null | tail -1 | grep -q ' deployer  *attest: .*alpha'"
wait $silence
is "a node that is silent: exit code, one line" "$(cat "$work/silent.code") $(cat "$work/silent.err")" \
    "4 semo deploy: alpha: nothing came from 127.0.0.1 port $silent_port for 10 s"
kill -KILL "$silent"
finish
