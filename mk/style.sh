#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Formatting, licence lines, headers that compile alone, and who includes whom. Prints TAP.
set -u
mkdir -p build/logs
files=$(git ls-files -co --exclude-standard '*.c' '*.h' | grep -v '^tests/reject/')
log=build/logs/style.log
: >$log
number=0 failed=0
report() { # report NAME: ok when nothing was written to $out
    number=$((number + 1))
    if [ -s "$out" ]; then
        failed=$((failed + 1))
        echo "not ok $number - $1"
        head -20 "$out" | sed 's/^/    /'
    else
        echo "ok $number - $1"
    fi
}
out=build/logs/style.out

format=$(command -v clang-format-14 || command -v clang-format)
# shellcheck disable=SC2086
printf '%s\n' $files | xargs -r -P2 -n 40 "$format" --dry-run -Werror >$out 2>&1
report "formatted as .clang-format says"

git ls-files -co --exclude-standard '*.c' '*.h' '*.S' '*.sh' '*.mk' Makefile '.ci/run' |
    grep -v '^tests/reject/' | while read -r f; do
    head -5 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$f: no SPDX line"
done >$out
report "a licence line in every source"

# shellcheck disable=SC2086
printf '%s\n' $files | grep '\.h$' | xargs -r -P2 -I{} sh -c \
    '${CC:-cc} -std=c11 -D_GNU_SOURCE -I. -Iinclude -Wall -Wextra -fsyntax-only -x c {} 2>&1 | grep -E "error|warning: (implicit|unused)" | grep -v "pragma once"' >$out
report "each header compiles alone"

awk '
    NR == FNR { if ($0 !~ /^#/ && NF) { folder = $1; sub(/:$/, "", folder); $1 = ""; may[folder] = $0 " " folder } next }
    {
        file = $1; included = $2; best = ""
        for (f in may) if (index(file, f "/") == 1 && length(f) > length(best)) best = f
        if (best == "") { print file ": a folder that mk/includes.txt does not know"; next }
        n = split(may[best], list, " "); good = 0
        for (i = 1; i <= n; i++)
            if (list[i] == "*" || included == list[i] || index(included, list[i] "/") == 1) good = 1
        if (!good) print file " must not include " included
    }' mk/includes.txt <(
    for f in $files; do
        case $f in include/*) continue ;; esac
        sed -n 's/^#include "\([^"]*\)".*/\1/p' "$f" | while read -r i; do
            case $i in */*) echo "$f $i" ;; *) [ -e "${f%/*}/$i" ] && echo "$f ${f%/*}/$i" || echo "$f $i" ;; esac
        done
    done) >$out
report "who includes whom"

echo "1..$number"
exit $((failed > 0))
