#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same seed and data on a fresh state twice, once with both cores loaded, orders and attacks
# included: byte-identical traces of every frame and pin change, nothing filtered.
. tests/meter/tap.sh

seed=${SEMO_SEED:-$$}
echo "# seed $seed"
rows 1 "${SOAK:+6}5" # minutes; 65 in the soak
cat >"$work/script" <<'S'
20 disable
40 enable
60 attack on
100 disable
150 attack off
200 enable
S
run() { # run NAME
    rm -rf "$work/state"
    mkdir "$work/state"
    up --data "$work/data.csv" --script "$work/script" --seed "$seed" --trace "$work/$1.trace" \
        --seal-log "$work/$1.seals" --json
    cp "$work/out" "$work/$1.out"
    is "run $1 ends well" $code 0
}
run quiet
i=0
loads=
while [ $i -lt "$(nproc)" ]; do
    sh -c 'while :; do :; done' &
    loads="$loads $!"
    i=$((i + 1))
done
run loaded
# shellcheck disable=SC2086 # several processes
kill $loads
ok "a trace of frames and pins" test "$(wc -l <"$work/quiet.trace")" -gt 100
ok "traces are byte-identical" cmp "$work/quiet.trace" "$work/loaded.trace"
ok "seals are byte-identical" cmp "$work/quiet.seals" "$work/loaded.seals"
ok "the deployer's seals are byte-identical" cmp "$work/quiet.seals.deployer" "$work/loaded.seals.deployer"
ok "the results are byte-identical" cmp "$work/quiet.out" "$work/loaded.out"
rm -rf "$work/state"
mkdir "$work/state"
up --data "$work/data.csv" --seed $((seed + 1)) --trace "$work/other.trace" --json
ok "another seed makes another trace" sh -c '! cmp -s "$1" "$2"' - "$work/quiet.trace" "$work/other.trace"
finish
