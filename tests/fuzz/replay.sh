#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every saved input once through its target, with sanitizers. Prints TAP; tests/fuzz/corpus has a
# folder for each target, and the bad inputs of other tests are inputs, too.
set -u
more() { # more TARGET: inputs that are kept elsewhere
    case $1 in
    image) ls tests/golden/programs/*.elf tests/reject/image/* ;;
    descriptor) ls tests/reject/descriptor/* meter/*.json ;;
    esac
}
logs=build/fuzz/logs
mkdir -p $logs
number=0 failed=0
for folder in tests/fuzz/corpus/*/; do
    target=$(basename "$folder")
    number=$((number + 1))
    log=$logs/replay-$target.log
    # shellcheck disable=SC2046
    set -- "$folder"* $(more "$target")
    if build/fuzz/"$target" -timeout=60 -rss_limit_mb=4096 -artifact_prefix=build/fuzz/ "$@" >"$log" 2>&1; then
        echo "ok $number - $target: $# inputs"
    else
        failed=$((failed + 1))
        echo "not ok $number - $target: $(grep '^Running: ' "$log" | tail -1)"
        grep -v '^Running\|^Executed\|^INFO' "$log" | head -20 | sed 's/^/# /'
        echo "# again: build/fuzz/$target $(grep '^Running: ' "$log" | tail -1 | cut -c10-)"
    fi
done
echo "1..$number"
exit $((failed > 0))
