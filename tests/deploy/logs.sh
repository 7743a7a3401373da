#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# semo logs: what the nodes and the deployer did, with the place of a violation; two bounded files.
. tests/deploy/tap.sh
logs=tests/deploy/logs/logs.json
log=$XDG_STATE_HOME/semo/logs/events.log
logs() { # logs ARGUMENTS...: in $work/out
    "$semo" logs $logs "$@" >"$work/out" 2>"$work/err"
    code=$?
}
logs
is "nothing has happened yet" "$code $(wc -c <"$work/out")" "0 0"
nodes_up $logs
"$semo" deploy $logs >/dev/null
logs
is "the nodes run" "$code $(grep -c ' semo-node  nodes run$' "$work/out")" "0 1"
is "two modules were loaded" "$(grep -c ' deployer   load ' "$work/out")" 2
is "each line begins with a time" "$(grep -cvE '^20[0-9-]{8}T[0-9:]{8}Z +[0-9]+\.[0-9]{6} ' "$work/out")" 0
"$semo" logs $logs --follow --node a >"$work/follow" &
follower=$!
# private data of PONG begins where free data memory does
"$semo" output $logs --connection poke --arg 0202 >/dev/null
logs --node a
is "a violation: one line" "$(wc -l <"$work/out")" 1
ok "with its rule and its place" grep -Eq ' violation 1: .*, pc 0x[0-9a-f]{4}, address 0x0202, module [0-9]+ \(BAD\+0x[0-9a-f]+: .*bad\.c:8\)$' "$work/out"
cp "$work/out" "$work/violation"
while ! grep -q violation "$work/follow"; do :; done
kill $follower
wait $follower
ok "--follow has seen it, too" cmp -s "$work/follow" "$work/violation"
"$semo" output $logs --connection ping --arg 01 | grep -q 'pong 02'
is "the victim works" $? 0
"$semo" deploy $logs >/dev/null 2>&1
logs
ok "the module that violated had to be loaded again" sh -c '[ "$(grep -c " load .*BAD" "$1")" = 2 ]' - "$work/out"
"$semo" reset $logs >/dev/null
logs --node b
is "a reset of the other node" "$code $(sed 's/.* //' "$work/out")" "0 reset"
"$semo" attest $logs >/dev/null 2>&1
logs
ok "what failed" grep -q ' deployer   attest: PONG: not loaded; run semo deploy$' "$work/out"
logs --json
is "as JSON" "$code $(build/tests/json_check events.0.what <"$work/out")" "0 nodes run"
logs --node c
is "no such node" "$code $(cat "$work/err")" "2 semo logs: c: no node of this name"
logs --follow --json
is "no end, no document" $code 2
"$semo" down $logs
exec 3<&-
wait "$up"
logs
is "the end" "$(sed -n '$s/.* //p' "$work/out")" end
is "nobody else reads it" "$(stat -c %a "$log")" 600

# bounded
yes '2026-01-01T00:00:00Z 0.000000 a old' | head -c 262144 >"$log"
cp "$log" "$work/full"
nodes_up $logs
"$semo" down $logs
exec 3<&-
wait "$up"
ok "a full file becomes the old one" cmp "$log.1" "$work/full"
is "a new one begins" "$(wc -l <"$log")" 2
logs
is "both are shown" "$(sed -n '1s/.* //p;$s/.* //p' "$work/out" | tr '\n' ' ')" "old end "
finish
