#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every target for a while with new inputs, two at a time: SECONDS_EACH (30). Seeds from SEMO_SEED.
# What is found is kept in build/fuzz/found for the next round; an input that fails is printed with
# how to run it again.
set -u
targets=$(ls tests/fuzz/corpus)
if [ "${1:-}" = --one ]; then
    target=$2 seconds=$3 seed=$4
    log=build/fuzz/logs/soak-$target.log
    failed=build/fuzz/failed/$target-
    mkdir -p build/fuzz/logs build/fuzz/failed build/fuzz/found/"$target"
    rm -f "$failed"*
    dictionary=tests/fuzz/$target.dict
    set --
    [ ! -f "$dictionary" ] || set -- -dict="$dictionary"
    build/fuzz/"$target" -max_total_time="$seconds" -seed="$seed" -timeout=60 -rss_limit_mb=3072 \
        -len_control=20 -print_final_stats=1 -artifact_prefix="$failed" "$@" \
        build/fuzz/found/"$target" tests/fuzz/corpus/"$target" >"$log" 2>&1
    code=$?
    count=$(awk '/^stat::number_of_executed_units/ { print $2 }' "$log")
    echo "${count:-0}" >build/fuzz/logs/"$target".count
    if [ $code = 0 ]; then
        echo "ok - $target: ${count:-0} executions in $seconds s, seed $seed"
        exit 0
    fi
    echo "not ok - $target: seed $seed ended with $code"
    grep -E '^ +#|ERROR|SUMMARY|does not hold|runtime error' "$log" | head -20 | sed 's/^/# /'
    for input in "$failed"*; do
        [ -f "$input" ] || continue
        echo "# again: build/fuzz/$target $input   where the file is:"
        od -An -v -tx1 "$input" | sed 's/^/#  /'
    done
    exit 0
fi
seed=${SEMO_SEED:-${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}}
echo "# SEMO_SEED=$seed"
count=$(echo "$targets" | wc -l)
seconds=${SECONDS_EACH:-30}
rm -f build/fuzz/logs/*.count
out=build/fuzz/logs/soak.out
mkdir -p build/fuzz/logs
for target in $targets; do
    seed=$((seed % 2147483646 + 1))
    echo "$target $seconds $seed"
done | xargs -P 2 -L 1 "$0" --one | tee $out
echo "# $(cat build/fuzz/logs/*.count | awk '{ n += $1 } END { printf "%d", n }') executions" \
    "by $count targets, $seconds s each"
! grep -q '^not ok' $out
