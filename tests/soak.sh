#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The large counts: every test program that knows SOAK runs again and again with new seeds until the
# minutes are over. SEED= MINUTES= ; each round prints its seed and how much it did. The fuzzer comes
# first, 3 s a target and minute; then the list, from somewhere else for each seed. A program may take
# twice its share of the time that is left.
set -u
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
minutes=${MINUTES:-10}
end=$(($(date +%s) + minutes * 60))
round=0 failed=0
list=$(grep -v '^#' tests/soak.list)
count=$(echo "$list" | wc -l)
first=$((seed % count + 1))
list=$(echo "$list" | awk -v first="$first" 'NR >= first { print; next } { early = early $0 "\n" }
    END { printf "%s", early }')
list="tests/fuzz/soak.sh
$list"
export SECONDS_EACH=$((3 * minutes))
mkdir -p build/logs
while [ "$(date +%s)" -lt "$end" ]; do
    left=$((count + 1))
    for program in $list; do
        now=$(date +%s)
        [ "$now" -lt "$end" ] || break
        log=build/logs/soak_$(echo "$program" | tr / _).log
        share=$((2 * (end - now) / left + 20))
        SOAK=1 SOAK_END=$((now + share)) SEED=$((seed + round)) SEMO_SEED=$((seed + round)) \
            CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 $((minutes * 60 + 300)) "$program" \
            >"$log" 2>&1 </dev/null
        code=$?
        left=$((left - 1))
        echo "soak: $program seed $((seed + round)): exit $code, $(($(date +%s) - now)) s," \
            "$(grep -i '^# .*[0-9]' "$log" | tail -1 | cut -c1-80)"
        if [ $code != 0 ] || grep -q '^not ok' "$log"; then
            failed=$((failed + 1))
            tail -20 "$log" | sed 's/^/    /'
        fi
    done
    round=$((round + 1))
done
echo "soak: $round rounds from seed $seed, $failed failed"
[ "$failed" = 0 ]
