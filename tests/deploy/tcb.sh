#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# semo tcb counts every source file of the product and of the application once, and counts right.
. tests/deploy/tap.sh

$semo init >/dev/null
ok "it prints a table" sh -c '$1 tcb meter/descriptor.json >"$2/table"' - $semo "$work"
ok "and JSON" sh -c '$1 tcb meter/descriptor.json --json >"$2/json"' - $semo "$work"

# the files of all rows: strings that stand alone on a line
sed -n 's/^ *"\(\/[^"]*\)",\{0,1\}$/\1/p' "$work/json" | sed "s|^$(pwd -P)/||" | sort >"$work/counted"
is "no file is counted twice" "$(uniq -d "$work/counted")" ""
git ls-files include lib host machine runtime monitor toolchain node deploy meter cli |
    grep -v '^cli/new/' | grep -E '\.([chS]|ld|json)$' | sort >"$work/product"
is "no file is counted nowhere" "$(comm -13 "$work/counted" "$work/product")" ""
is "nothing else is counted" "$(comm -23 "$work/counted" "$work/product")" ""

# an independent count: comments out by the C preprocessor, blank lines out by grep
for file in meter/modules/hasm_ls.c meter/modules/esme.c; do
    wanted=$(${CC:-cc} -fpreprocessed -dD -E -P "$file" 2>/dev/null | grep -c '[^[:space:]]')
    name=$(basename $file .c | tr a-z A-Z)
    is "the lines of $name are the compiler's" \
        "$(awk -v n="$name" '$2 == n { print substr($0, 62, 7) + 0 }' "$work/table")" "$wanted"
done
is "modules are trusted, event managers are not" \
    "$(awk '/^module ESME|^event manager and loader, micro/ { printf "%s ", $NF }' "$work/table")" "yes no "
ok "every module weighs something" awk '/^(module|driver) / && !/headers/ && substr($0, 70, 9) + 0 == 0 { bad = 1 } END { exit bad }' "$work/table"
finish
