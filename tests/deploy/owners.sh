#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One holder of nodes, two owners of applications on them: each has its folder, its operator key, and
# keys of its own vendor id.
. tests/deploy/tap.sh
nodes=tests/deploy/owners/nodes.json
holder=$XDG_STATE_HOME/semo/nodes
owner() { # owner NAME VERB ARGUMENTS...: as the owner of that application
    name=$1 verb=$2
    shift 2
    "$semo" "$verb" "tests/deploy/owners/$name.json" --state "$work/$name" --operator-key "$work/$name.key" "$@"
}
runs() { # runs NAME [ARGUMENTS...]: a command on the holder's nodes
    owner "$@" --nodes "$holder" >"$work/out" 2>"$work/err"
}
answer() { # answer NAME HEX: what comes back
    owner "$1" output --connection start --arg "$2" --nodes "$holder" 2>&1 | cut -d' ' -f2-
}
give() { # give NAME VENDOR [NODES]: the holder's keys to that owner
    for node in ${3:-b c}; do
        "$semo" vendor-key $node "$2" | owner "$1" import-key --node $node || return 1
    done
}

nodes_up $nodes
runs first deploy
is "deploy without a key is refused" "$? $(tail -1 "$work/err")" \
    "1 semo deploy: b: no vendor key; its holder has it from semo vendor-key b 4660, give it to semo import-key"
"$semo" vendor-key b 4660 --out "$work/key" >"$work/out"
is "vendor-key --out: says nothing, mode 0600" "$? $(wc -c <"$work/out") $(stat -c %a "$work/key")" "0 0 600"
is "32 digits" "$(grep -cE '^[0-9a-f]{32}$' "$work/key")" 1
is "the same each time" "$("$semo" vendor-key b 4660)" "$(cat "$work/key")"
is "one for each vendor, one for each node" \
    "$(for node in b c; do for id in 4660 4661; do "$semo" vendor-key $node $id; done; done | sort -u | wc -l)" 4
script -qec "$semo vendor-key b 4660" /dev/null >"$work/out" 2>&1
ok "never on a screen" sh -c '! grep -qF "$(cat "$1/key")" "$1/out"' - "$work"
script -qec "$semo vendor-key b 4660 --out /dev/tty" /dev/null >"$work/out" 2>&1
ok "whatever its name" sh -c '! grep -qF "$(cat "$1/key")" "$1/out"' - "$work"
"$semo" vendor-key b 4660 --state "$work" 2>"$work/err"
is "only who has the chip: exit code" "$? $(cat "$work/err")" \
    "3 semo vendor-key: $work/b.chip: no readable chip; only who has the chip can derive its keys"
"$semo" vendor-key d 4660 2>"$work/err"
is "a node that is none" $? 2
"$semo" vendor-key b 0 2>"$work/err"
is "a vendor id that is none" "$? $(cat "$work/err")" "2 semo vendor-key: 0: not a vendor id; write 1 to 65535"

ok "keys for the first owner" give first 4660
ok "keys for the second one, of the first one's id" give second 4660
runs first deploy
is "the first deploys" "$? $(grep -c ^connect "$work/out")" "0 4"
is "and runs" "$(answer first 0102)" "result 0203"
runs second deploy
is "keys of another vendor: not attested" "$? $(tail -1 "$work/err" | cut -d: -f2-3)" "1  PING: attestation failed"
is "nothing is connected" "$(grep -c ^connect "$work/out")" 0
ok "keys for the second owner" give second 4661
runs second deploy
is "the second deploys" "$? $(grep -c ^connect "$work/out")" "0 4"
is "and runs" "$(answer second 41)" "result 42"
is "the first one, too" "$(answer first 51)" "result 52"
is "and again" "$(answer second 42) $(answer first 52)" "result 43 result 53"
runs first attest
is "the first is what it was" "$? $(grep -c 'epoch changed' "$work/out")" "0 0"
runs first connect
is "new keys for the first" $? 0
is "are nothing to the second" "$(answer second 43) $(answer first 53)" "result 44 result 54"
owner second status --json >"$work/second.json"
owner first status --json >"$work/first.json"
is "no number is used twice" \
    "$(cat "$work"/first.json "$work"/second.json | sed -n 's/.*"number": \([0-9]*\).*/\1/p' | sort -u | wc -l)" 8

# a connection whose module ended keeps its number, as long as another module has a slot for it
third() { # third VERB ARGUMENTS...: of another state folder, with the second one's vendor id
    verb=$1
    shift
    "$semo" "$verb" tests/deploy/owners/second.json --state "$work/third" --operator-key "$work/third.key" "$@"
}
numbers() { # numbers NAME...: how many, how many that are used once
    for name in "$@"; do cat "$work/$name/status.json"; done | sed -n 's/.*"number": \([0-9]*\).*/\1/p' |
        sort | uniq -c | awk '{ all += $1; once += $1 == 1 } END { print all + 0, once + 0 }'
}
for node in b c; do
    "$semo" vendor-key $node 4661 | third import-key --node $node
done
runs first disable --module PING
is "the first one's PING ends" $? 0
third deploy --nodes "$holder" >"$work/out" 2>"$work/err"
is "a third owner deploys" "$? $(grep -c ^connect "$work/out")" "0 4"
runs first deploy
is "the first one's PING comes back" "$? $(grep -c ^connect "$work/out")" "0 4"
is "the other end kept its number" "$(numbers first second third)" "12 12"
is "all run" "$(answer first 51) $(answer second 42)" "result 52 result 43"

# the nodes begin anew, and the owners come in another order
"$semo" down $nodes
exec 3<&-
wait "$up"
nodes_up $nodes
rm "$work/third/run.sealed" "$work/third/status.json"
third deploy --nodes "$holder" >"$work/out" 2>"$work/err"
is "the third one is the first to come" "$? $(grep -c ^connect "$work/out")" "0 4"
for name in second first; do
    runs $name deploy
    is "then $name" "$? $(grep -c ^connect "$work/out")" "0 4"
done
is "none has the number of another" "$(numbers first second third)" "12 12"
is "and all run" "$(answer first 51) $(answer second 42)" "result 52 result 43"

# what is one owner's, stands nowhere in the folder of the other, nor in the holder's
leaks=0
for secret in "$work/first.key" "$work/second.key"; do
    build/tests/find_key "$secret" $(find "$work/first" "$work/second" "$holder" -type f ! -name '*.chip') || leaks=$((leaks + 1))
done
is "no operator key lies anywhere" $leaks 0
for name in first second; do
    "$semo" status "tests/deploy/owners/$name.json" --state "$work/$name" --operator-key "$work/first.key" >"$work/out" 2>"$work/err"
    echo $?
done >"$work/codes"
is "the first one's key opens nothing of the second's" "$(tr '\n' ' ' <"$work/codes")" "0 1 "

runs first reset
is "one of several owners resets: done" "$? $(cat "$work/err")" "0 "
is "the nodes of others stay" "$(sed -n 's/^kept  *[a-z]*: //p' "$work/out" | sort -u)" \
    "2 modules run there that are not ours, or did not end"
is "the second goes on" "$(answer second 44)" "result 45"
runs first attest
is "the first is gone" $? 1
"$semo" down $nodes
exec 3<&-
wait "$up"
is "down ends the nodes" $? 0
finish
