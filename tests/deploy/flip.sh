#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Random single-bit flips in the text of a module, by a loader that lies and after loading: it is
# not attested and nothing is connected to it; the other module is attested. SEMO_SEED=, SEMO_COUNT=
. tests/deploy/tap.sh
ping=tests/deploy/ping.json
seed=${SEMO_SEED:-1} count=${SEMO_COUNT:-100}
[ -z "${SOAK:-}" ] || count=1000
RANDOM=$seed
echo "# seed $seed, $count flips"
echo '0 quit' >"$work/script"
up() {
    "$@" $semo up $ping --state "$work/state" --operator-key "$work/key" --script "$work/script" \
        >"$work/out" 2>"$work/err"
}
up env
is "no flip: up works" $? 0
set -- $(sed -n 's/^build .* \([0-9]*\) bytes text.*/\1/p' "$work/out")
ping_bits=$((8 * $1)) all_bits=$((8 * ($1 + $2)))

exited=0 attested=0 connected=0 others=0 shown=0 refused=0
for i in $(seq "$count"); do
    bit=$(((RANDOM << 15 | RANDOM) % all_bits))
    how=load
    [ $((i % 2)) = 0 ] || how=after
    module=PING other=PONG
    [ $bit -lt $ping_bits ] || { module=PONG other=PING; }
    up env LD_PRELOAD="$PWD/build/tests/flip.so" SEMO_FLIP=$how:$bit
    [ $? != 0 ] || exited=$((exited + 1))
    grep -q "^attest *$module " "$work/out" && attested=$((attested + 1))
    # with PING everything goes, with PONG what is between the two
    grep -qE "^connect *(ping|pong)" "$work/out" && connected=$((connected + 1))
    [ $module = PONG ] || ! grep -q '^connect' "$work/out" || connected=$((connected + 1))
    grep -q "^attest *$other " "$work/out" && others=$((others + 1))
    grep -q 'attestation failed' "$work/err" && refused=$((refused + 1))
    $semo status $ping --state "$work/state" --operator-key "$work/key" --json | grep -A2 "\"name\": \"$module\"" |
        grep -q '"step": "enabled"' && shown=$((shown + 1))
done
echo "# $refused refused for their answer, $((count - refused)) did not answer"
is "each ends with a failure" $exited 0
is "none is attested" $attested 0
is "none is connected" $connected 0
is "the other module is attested each time" $others "$count"
is "status shows where it ended" $shown "$count"
ok "most answer, wrongly" test $refused -gt $((count / 2))
finish
