#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Connections between modules of two owners, of every policy, on three pairs of back ends, and the
# clock of a third one: offered by the one, accepted by the other, whoever is at which end.
. tests/deploy/tap.sh
cp -r tests/deploy/dialogue tests/deploy/expiry "$work"
holder=$XDG_STATE_HOME/semo/holder

owner() { # owner NAME VERB ARGUMENTS...: as the owner of that application
    name=$1 verb=$2
    shift 2
    "$semo" "$verb" "$work/$name.json" --state "$work/$name" --operator-key "$work/$name.key" --nodes "$holder" "$@"
}
say() { # say CONNECTION HEX MS: what comes back
    owner first output --connection "$1" --arg "$2" --run "$3" 2>&1 | cut -d' ' -f2- | tr '\n' ' '
}
share() { # share FROM CONNECTION TO CONNECTION: the one offers, the other accepts
    owner "$1" offer --connection "$2" | owner "$3" accept --connection "$4"
}
pair() { # pair FIRST SECOND SUITE: types of the owners' nodes
    rm -rf "$work/first" "$work/second" "$holder"
    for name in holder first second; do
        sed "s/FIRST/$1/; s/SECOND/$2/; s/SUITE/$3/" tests/deploy/shared/$name.json >"$work/$name.json"
    done
    nodes_up "$work/holder.json" --weak
    "$semo" deploy "$work/holder.json" >"$work/out" 2>&1
    is "$1 and $2: the holder's clock" $? 0
    vendor=2
    for name in first second; do
        for node in a b c; do
            "$semo" vendor-key $node $vendor --state "$holder" | owner_key $name $node
        done
        vendor=3
        owner $name deploy >"$work/out" 2>&1
        is "$1 and $2: $name is deployed, and says what waits" "$? $(grep -c '^waiting' "$work/out")" "0 $((8 - vendor))"
    done
    {
        share first question second question
        share second tell first tell
        share second line first line
        share first order second order
    } >"$work/out" 2>&1
    is "$1 and $2: offered and accepted" "$(cat "$work/out")" "connect  question
connect  tell
connect  line
connect  order"
    owner first offer --connection clock | "$semo" accept "$work/holder.json" --connection first-clock >"$work/out" 2>&1
    "$semo" offer "$work/holder.json" --connection second-clock | owner second accept --connection clock >>"$work/out" 2>&1
    is "$1 and $2: one handler serves two owners" "$(cat "$work/out")" "connect  first-clock
connect  clock"
    is "$1 asks $2: the answer is the handler's" "$(say ask 010203 2500)" "status 0000 answer 020304 "
    is "$1 tells $2: acknowledged" "$(say say-tell 55 2500)" "status 0100 "
    say say-line 66 500 >"$work/out"
    is "$1 tells $2: each arrived once" "$(owner second request --connection heard)" 0101
    is "$1 orders $2: who does not know the time sends nothing" "$(say say 1eaa 2500)" "said 0b "
    is "$1 orders $2: then it does" "$(say say 1eaa 4500) $(owner second request --connection count)" "said 00  01"
    is "$1 orders $2: an order too late" "$(say say 00aa 4500) $(owner second request --connection count)" "said 00  01"
    owner second disable --module ANSWER >"$work/out" 2>&1
    is "$2 is ended by its owner" $? 0
    is "$1 learns that nobody answers" "$(say ask 01 3500)" "status 000e "
    owner second deploy >"$work/out" 2>&1
    is "$2 begins anew, and waits for keys" "$? $(grep -c '^waiting' "$work/out")" "0 3"
    is "$1 has keys of the life before: nobody takes them" "$(say ask 01 3500)" "status 000e "
    share first question second question >"$work/out" 2>&1
    is "$1 asks $2 again" "$? $(say ask 0a 2500)" "0 status 0000 answer 0b "
    "$semo" down "$work/holder.json"
    exec 3<&-
    wait "$up"
}
owner_key() { # owner_key NAME NODE: from standard input
    "$semo" import-key "$work/$1.json" --state "$work/$1" --operator-key "$work/$1.key" --node "$2"
}

"$semo" init >"$work/out"
pair sancus linux spongent
pair linux linux aes
[ -n "${QUICK:-}" ] || pair linux sancus spongent
finish
