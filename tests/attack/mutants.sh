#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Takes one countermeasure after the other away (tests/attack/mutants.list), in a copy of the tree:
# the test that it is for fails then, and passes without. Prints TAP, one line a mutant.
# tests/attack/mutants.sh [PATTERN]: only the lines that match. SAY=1 shows how each test failed.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD list=$PWD/tests/attack/mutants.list tree=$PWD/build/mutants
chosen=$(mktemp) || exit 1
trap 'rm -f "$chosen"' EXIT
grep -v '^#' "$list" | grep -e "${1:-.}" >"$chosen"
programs="test_channel "$(awk -F ' *:: *' '{ print $6 }' "$chosen" | sort -u)

# Times are kept, so that nothing is built which is not a mutant's. Modules are compiled anew: other
# tests may be at theirs just now.
rm -rf "$tree"
mkdir -p "$tree/build/tests"
for name in *; do
    [ "$name" = build ] || cp -a "$name" "$tree/"
done
cp -a build/host build/mcu "$tree/build/" || exit 1
for name in $programs; do
    cp -a "build/tests/$name" "$tree/build/tests/" || exit 1
done
cd "$tree" || exit 1

# fails PROGRAM TEST: 0 when the test ran and failed, 1 when it ran and passed, 2 when it did not run
fails() {
    CMOCKA_MESSAGE_OUTPUT=TAP SEMO_TEST=$2 timeout 120 "build/tests/$1" >"$tree/said" 2>&1 </dev/null
    grep -qE "^not ok [0-9]+ - $2\$" "$tree/said" && return 0
    grep -qE "^ok [0-9]+ - $2\$" "$tree/said" && return 1
    return 2
}

make_with() { # TARGETS...: with the variables of the make that runs this, if one does
    make --no-print-directory -s "$@" >"$tree/made" 2>&1
}

judge() { # row, what, file, edit, targets, program, test: prints why it is no good
    sed "$4" "$top/$3" >"$tree/mutated"
    if cmp -s "$tree/mutated" "$top/$3"; then
        echo "the edit finds nothing in $3"
        return
    fi
    cp "$tree/mutated" "$3"
    # shellcheck disable=SC2086 # targets are words
    if make_with "build/tests/$6" $5; then
        fails "$6" "$7"
        case $? in
        1) echo "$7 does not notice" ;;
        2) echo "$7 did not run: $(tail -1 "$tree/said")" ;;
        esac
        [ -z "${SAY:-}" ] || grep -m 3 -E 'rror|Failure|#' "$tree/said" | sed "s/^/#   $1 /" >&2
    else
        echo "does not build: $(tail -1 "$tree/made")"
    fi
    cp "$top/$3" "$3" # newer than what was made of the mutant
}

number=0 failed=0
say() { # NAME REASONS
    number=$((number + 1))
    if [ -z "$2" ]; then
        echo "ok $number - $1"
    else
        failed=$((failed + 1))
        echo "not ok $number - $1: $2"
    fi
}
awk -F ' *:: *' '{ print $6, $7 }' "$chosen" | sort -u >"$tree/tests.txt"
while read -r program test; do
    fails "$program" "$test"
    [ $? = 1 ] || echo "$program: $test fails as it is"
done <"$tree/tests.txt" >"$tree/wrong"
say "the tests pass without mutants" "$(cat "$tree/wrong")"
while read -r line; do
    row=${line%% :: *} rest=${line#* :: }
    what=${rest%% :: *} rest=${rest#* :: }
    file=${rest%% :: *} rest=${rest#* :: }
    test=${line##* :: } line=${rest% :: *}
    program=${line##* :: } line=${line% :: *}
    targets=${line##* ::} edit=${line% ::*}
    say "$row, $what: $test" "$(judge "$row" "$what" "$file" "$edit" "$targets" "$program" "$test")"
done <"$chosen"
{
    judge X nothing lib/channel/policy.c 's/no such words//' '' test_channel every_length
    judge X nothing lib/channel/policy.c 's/$/ /' '' test_channel every_length
} >"$tree/found"
printf '%s\n' 'the edit finds nothing in lib/channel/policy.c' 'every_length does not notice' |
    cmp -s - "$tree/found" || found=$(cat "$tree/found")
say "an edit that fits nothing and a test that notices nothing are said" "${found:-}"
echo "1..$number"
exit $((failed > 0))
