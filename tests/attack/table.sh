#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/attacks.md and the tests of tests/attack name the same attacks. Prints TAP.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
number=0 failed=0
report() { # report NAME: ok when nothing was written to $work/out
    number=$((number + 1))
    if [ -s "$work/out" ]; then
        failed=$((failed + 1))
        echo "not ok $number - $1"
        sed 's/^/    /' "$work/out"
    else
        echo "ok $number - $1"
    fi
}
# names_in PAGE: the tests in the last column; names_of FILES: what cmocka runs
names_in() {
    grep '^| *[A-Za-z0-9]' "$1" | grep -v '^| *row ' | awk -F'|' '{ print $(NF - 1) }' |
        grep -o '`[a-z0-9_]*`' | tr -d '`' | sort -u
}
names_of() {
    cat "$@" | grep -oE 'cmocka_unit_test(_setup_teardown)?\([a-z0-9_]*' | sed 's/.*(//' | sort -u
}
compare() { # compare PAGE: what one of both has and the other has not
    names_in "$1" >"$work/page"
    names_of tests/attack/*.c >"$work/tests"
    names_of tests/*/*.c >"$work/all" # rows of E, P and O have tests elsewhere, too
    comm -23 "$work/page" "$work/all" | sed 's/$/: no such test/'
    comm -13 "$work/page" "$work/tests" | sed 's/$/: not in the table/'
}
page=docs/attacks.md

compare $page >"$work/out"
report "the table and the tests name the same"

for row in F1 F2 F3 F4 F5 F6 F7 reset S1 S2 S3 S4 S5 S6 $(seq -f 'M%02g' 1 26) $(seq -f 'C%g' 1 9) \
    $(seq -f 'E%02g' 1 12) $(seq -f 'P%g' 1 10) $(seq -f 'O%g' 1 7); do
    grep -q "^| $row |.*\`[a-z0-9_]*\`.*|\$" $page || echo "$row: no row with a test"
done >"$work/out"
report "every row is there"

sed '/^#/d; s/ :: .*//' tests/attack/mutants.list | sort -u >"$work/mutants"
{ seq -f 'E%02g' 1 12; seq -f 'P%g' 1 10; seq -f 'O%g' 1 7; } | sort | comm -3 - "$work/mutants" >"$work/out"
report "every row of E, P and O, and no other, has a mutant"

sed 's/`f3_text_written`/`f3_nothing`/; /^| C9 /d' $page >"$work/wrong.md"
compare "$work/wrong.md" | sort >"$work/found"
printf '%s\n' 'c9_known_answers: not in the table' 'f3_nothing: no such test' \
    'f3_text_written: not in the table' | diff - "$work/found" >"$work/out"
report "a missing and a wrong name are noticed"

echo "1..$number"
exit $((failed > 0))
