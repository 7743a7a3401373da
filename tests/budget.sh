#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Instructions of fixed work, counted by callgrind (the same on every machine, however busy), beside
# tests/budget.txt. Growth over 3 % fails until the budget is edited in the same commit.
# `tests/budget.sh --write` writes the budget anew; `make build/tests/budget/budget` first.
set -u
budget=tests/budget.txt
program=build/tests/budget/budget
out=build/logs/budget
mkdir -p "$out"

skip() {
    echo "ok 1 - instruction counts # SKIP $1"
    echo 1..1
    exit 0
}
command -v callgrind_annotate >/dev/null || skip "valgrind is not installed"
built_with="$(${CC:-cc} -dumpversion) $(uname -m) $(sed 's/.* -Wstrict-prototypes *//' build/host/flags.stamp | xargs)"
[ "$built_with" = "$(sed -n 's/^# built with //p' $budget)" ] ||
    skip "budget for $(sed -n 's/^# built with //p' $budget), this is $built_with"

rm -f "$out"/callgrind*
env -i PATH="$PATH" SEMO_CPU=portable valgrind --tool=callgrind '--toggle-collect=work_*' \
    --callgrind-out-file="$out/callgrind.out" "$program" >"$out/log" 2>&1 || {
    echo "not ok 1 - the work is done"
    sed 's/^/    /' "$out/log"
    exit 1
}
# `12,345 (6.7%)  file:work_name [program]` -> `name 12345`; one line for each file that it inlines
callgrind_annotate --inclusive=yes --threshold=100 "$out/callgrind.out" | tr -d , |
    sed -n 's/^ *\([0-9]*\) .*:work_\([a-z0-9_]*\).*/\2 \1/p' |
    awk '$2 > most[$1] { most[$1] = $2 } END { for (name in most) print name, most[name] }' |
    sort >"$out/counts"

if [ "${1:-}" = --write ]; then
    { sed -n '/^#/p' $budget && cat "$out/counts"; } >"$out/new" && cp "$out/new" $budget
    exit
fi
grep -v '^#' $budget | sort | join -a 1 -a 2 -e - -o 0,1.2,2.2 - "$out/counts" | awk '
    {
        name = $1; allowed = $2; now = $3; number++
        by = allowed == "-" ? 0 : 100 * (now - allowed) / allowed
    }
    allowed == "-" || now == "-" {
        printf "not ok %d - %s: %s\n", number, name,
            allowed == "-" ? "not in the budget: add `" name " " now "`" : "not counted"
        failed = 1; next
    }
    by > 3 {
        printf "not ok %d - %s: %d instructions, budget %d, %+.1f %%: %s `%s %d` %s\n", number, name,
            now, allowed, by, "do better, or write", name, now, "in tests/budget.txt in the same commit"
        failed = 1; next
    }
    { printf "ok %d - %s: %d instructions, %+.1f %%\n", number, name, now, by }
    by < -3 { printf "# %s takes less now: write `%s %d` in tests/budget.txt\n", name, name, now }
    END { printf "1..%d\n", number; exit failed || !number }'
