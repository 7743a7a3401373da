#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Seeded errors in machine/access.c, made from the file as it is now: each must leave the goal that
# proofs/mutants.list names unproved, and the original must prove that goal within a quarter of the
# same time limit. Prints TAP, one line a mutant.
set -u
cd "$(dirname "$0")/.." || exit 1
work=build/proofs/mutants limit=10
. proofs/wp.sh

seconds() { # of the provers, in the line of a proved goal
    echo "$1" | grep -oE ' \([0-9.]+m?s\)' | tr -d ' ()' |
        awk '{ s += /ms/ ? $1 / 1000 : $1 } END { print s + 0 }'
}

judge() { # number, table line
    dir=$work/$1
    name=${2%% :: *}
    rest=${2#* :: }
    function=${rest%% :: *}
    rest=${rest#* :: }
    goal=${rest%% :: *}
    edit=${rest#* :: }
    property=$(echo "$goal" | sed -E 's/^(ensures|loop_invariant)_//; s/_(established|preserved)$//')
    goal=typed_${function}_$goal
    mkdir -p "$dir"
    sed "$edit" machine/access.c >"$dir/access.c"
    changed=$(diff machine/access.c "$dir/access.c" | grep -c '^>')
    wp "$dir/original.log" machine/access.c -wp-fct "$function" -wp-prop "$property"
    wp "$dir/log" "$dir/access.c" -wp-fct "$function" -wp-prop "$property"
    proved=$(grep " Goal $goal : Valid" "$dir/original.log")
    took=$(seconds "$proved")
    why=
    [ "$changed" = 1 ] || why="$why the edit changes $changed lines;"
    [ -n "$proved" ] || why="$why the original does not prove $goal;"
    awk "BEGIN { exit !($took <= $limit / 4) }" || why="$why the original needs $took s;"
    grep -qE "\[(Failed|Timeout|Unknown|Unsuccess)\] Goal $goal" "$dir/log" || why="$why $goal is not left unproved;"
    if [ -z "$why" ]; then
        echo "ok $1 - $name: $goal unproved (original: $took s of $limit)"
    else
        echo "not ok $1 - $name:$why"
    fi
}

if [ "${1:-}" = --one ]; then
    judge "$2" "$(grep -v '^#' proofs/mutants.list | sed -n "$2p")"
    exit 0
fi
count=$(grep -vc '^#' proofs/mutants.list)
seq "$count" | xargs -P 2 -n 1 "$0" --one >$work/tap
sort -V $work/tap
echo "1..$count"
[ "$(grep -c '^ok' $work/tap)" = "$count" ]
