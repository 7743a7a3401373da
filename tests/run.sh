#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs test programs that print TAP, two at a time, and adds up what they said.
# Usage: tests/run.sh PROGRAM...   The last line is `N passed, N failed, N skipped`.
set -u
logs=build/logs
mkdir -p "$logs"
if [ "${1:-}" = --one ]; then
    name=$(echo "$2" | tr / _)
    log=$logs/$name.log
    start=$(date +%s)
    CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 "${TEST_SECONDS:-900}" "$2" >"$log" 2>&1 </dev/null
    code=$?
    passed=$(grep -c '^ok' "$log")
    skipped=$(grep -ci '^ok.*# *skip' "$log")
    failed=$(grep -c '^not ok' "$log")
    # a program that died, or said nothing, is one failure
    if [ "$failed" = 0 ] && { [ "$code" != 0 ] || [ "$passed" = 0 ]; }; then
        failed=1
        echo "not ok - $2 ended with $code" >>"$log"
    fi
    # in CI a skip is a failure: everything the repository installs must be used
    if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ] && [ -z "${ALLOW_SKIP:-}" ]; then
        failed=$((failed + skipped)) passed=$((passed - skipped)) skipped=0
    else
        passed=$((passed - skipped))
    fi
    echo "$passed $failed $skipped" >"$logs/$name.count"
    echo "$2: $passed passed, $failed failed, $skipped skipped ($(($(date +%s) - start)) s)"
    [ "$failed" = 0 ] || grep -v '^ok' "$log" | tail -30 | sed 's/^/    /'
    [ "$skipped" = 0 ] || grep -i '^ok.*# *skip' "$log" | sed 's/^/    /'
    exit 0
fi
rm -f "$logs"/*.count
# the slow ones first, so that they do not end alone; QUICK=1 leaves them out
slow=tests/slow.list
{
    [ -n "${QUICK:-}" ] || printf '%s\n' "$@" | grep -xFf $slow
    printf '%s\n' "$@" | grep -vxFf $slow
} | xargs -P "${JOBS:-2}" -n 1 "$0" --one
cat "$logs"/*.count | awk '{ p += $1; f += $2; s += $3 }
    END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p == 0 }'
