#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# semo-mcu run --trace writes every recorded trace, byte for byte, cut where the recording was.
set -u
mkdir -p build/tests
work=$(mktemp -d build/tests/work.XXXXXX)
trap 'rm -rf "$work"' EXIT
n=0
for trace in tests/golden/traces/*.tr.gz; do
    name=$(basename "$trace" .tr.gz)
    program=${name%%.*} config=${name#*.} cut=40000
    set --
    case $config in
    128) set -- --security 128 && cut=90000 ;;
    64atom) set -- --atomicity ;;
    esac
    case $program in
    errat*) cut=8000 ;;
    overlap*) cut=80000 ;;
    irq_module) cut=20000 ;;
    esac
    zcat "$trace" >"$work/recorded"
    grep -q '^[RW]' "$work/recorded" && set -- "$@" --bus
    build/bin/semo-mcu run "tests/golden/programs/$program.elf" --trace "$work/written" \
        --max-cycles "$cut" "$@" >/dev/null
    n=$((n + 1))
    if cmp -s "$work/recorded" "$work/written"; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        diff "$work/recorded" "$work/written" | head -4 | sed 's/^/# /'
    fi
done
echo "1..$n"
