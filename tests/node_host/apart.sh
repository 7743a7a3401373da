#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two owners whose modules are on nodes that other people started, each a semo-node of its own, on
# loopback: what they share goes from the one to the other by TCP, and its reports back.
. tests/deploy/tap.sh
pids=
trap 'kill $pids 2>/dev/null; rm -rf "$work"' EXIT
holder=$work/holder
cp -r tests/deploy/ping "$work/"
"$semo" provision tests/node_host/elsewhere/owner.json --state "$holder" >"$work/out"
is "provision" $? 0
start() { # start NAME: sets $port
    cat >"$work/$1.json" <<CONFIG
{"socket": "$work/$1.sock", "listen": {"host": "127.0.0.1", "port": 0},
 "nodes": [{"name": "$1", "type": "linux", "chip": "$holder/$1.chip", "weak": true,
 "monitor": "$PWD/build/bin/semo-monitor", "em": "$PWD/build/bin/semo-em"}]}
CONFIG
    mkfifo "$work/$1.ready"
    build/bin/semo-node --config "$work/$1.json" --ready 3 3>"$work/$1.ready" 2>>"$work/$1.log" &
    pids="$pids $!"
    read -r _ <"$work/$1.ready"
    port=$(sed "s/$1 //" "$work/$1.sock.ports")
}
start alpha
alpha=$port
start beta
beta=$port
nodes() { # nodes VENDOR: as a descriptor says
    printf '{ "type": "linux", "name": "beta", "vendor_id": %s, "host": "127.0.0.1", "deploy_port": %s },' "$1" "$beta"
    printf '{ "type": "linux", "name": "alpha", "vendor_id": %s, "host": "127.0.0.1", "deploy_port": %s }' "$1" "$alpha"
}
cat >"$work/first.json" <<FIRST
{ "name": "first", "nodes": [$(nodes 7)],
  "modules": [{ "type": "linux", "name": "PING", "files": ["ping/ping.c"], "node": "alpha" }],
  "connections": [
    { "name": "start", "direct": true, "to_module": "PING", "to_input": "start_in" },
    { "name": "result", "direct": true, "from_module": "PING", "from_output": "result_out" },
    { "name": "ping", "shared": true, "from_module": "PING", "from_output": "ping_out", "policy": "acknowledged", "encryption": "aes" },
    { "name": "pong", "shared": true, "to_module": "PING", "to_input": "pong_in" }] }
FIRST
cat >"$work/second.json" <<SECOND
{ "name": "second", "nodes": [$(nodes 8)],
  "modules": [{ "type": "linux", "name": "PONG", "files": ["ping/pong.c"], "node": "beta" }],
  "connections": [
    { "name": "ping", "shared": true, "to_module": "PONG", "to_input": "ping_in", "policy": "acknowledged", "encryption": "aes" },
    { "name": "pong", "shared": true, "from_module": "PONG", "from_output": "pong_out" }] }
SECOND
owner() { # owner NAME VERB ARGUMENTS...
    name=$1 verb=$2
    shift 2
    "$semo" "$verb" "$work/$name.json" --state "$work/$name" --operator-key "$work/$name.key" "$@"
}
for node in alpha beta; do
    "$semo" vendor-key $node 7 --state "$holder" | owner first import-key --node $node
    "$semo" vendor-key $node 8 --state "$holder" | owner second import-key --node $node
done
owner first deploy >"$work/out" 2>&1
is "the first deploys on alpha" "$? $(grep -c '^waiting' "$work/out")" "0 2"
owner second deploy >"$work/out" 2>&1
is "the second on beta" "$? $(grep -c '^waiting' "$work/out")" "0 2"
owner first offer --connection ping | owner second accept --connection ping >"$work/out" 2>&1
is "the sender offers" "$(cat "$work/out")" "connect  ping"
owner first offer --connection pong | owner second accept --connection pong >"$work/out" 2>&1
is "the receiver offers" "$(cat "$work/out")" "connect  pong"
answer() { # what comes back for BYTES
    owner first output --connection start --arg "$1" --run 600 2>&1 | sed -n 's/.* result //p'
}
is "from here to alpha, to beta of another owner, and back" "$(answer 0102)" 0203
is "again, since the first was acknowledged" "$(answer ff00)" 0001
owner second offer --connection pong --out "$work/offer"
owner first accept --connection pong <"$work/offer" >"$work/out" 2>&1
is "the other one offers" "$? $(cat "$work/out")" "0 connect  pong"
is "under new keys" "$(answer 0a)" 0b
finish
