#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The program semo-mcu: exit codes, output, one line for each kind of bad image.
set -u
mcu=build/bin/semo-mcu
programs=tests/golden/programs
mkdir -p build/tests
work=$(mktemp -d build/tests/work.XXXXXX)
trap 'rm -rf "$work"' EXIT
count=0
ok() { # name, command...
    name=$1
    shift
    count=$((count + 1))
    if "$@"; then echo "ok $count - $name"; else echo "not ok $count - $name"; fi
}
is() { # name, got, wanted
    ok "$1" [ "$2" = "$3" ]
    [ "$2" = "$3" ] || printf '# got    %s\n# wanted %s\n' "$2" "$3"
}

$mcu run $programs/irq_plain.elf --dump 0x300,32 >"$work/out"
is "cpuoff: exit 0" $? 0
is "cpuoff: its line" "$(sed -n 1p "$work/out")" "end=cpuoff cycles=316 violations=0"
is "cpuoff: memory" "$(sed -n 3p "$work/out")" \
    "0300: 0000000000000000000000000000000004000d00000000000000000000000000"
$mcu run $programs/irq_plain.elf --max-cycles 100 >"$work/out"
is "cycle limit: exit 4" $? 4
$mcu run $programs/violations.elf --stop-on-violation >"$work/out"
is "violation: exit 5" $? 5
is "violation: its line" "$(sed -n 3p "$work/out")" \
    "violation: cycle 15864: code at 5c66 (module 0), address 7000: the text of a module is read only by itself and written by nobody"
$mcu run $programs/violations.elf --json >"$work/out"
is "json: one line" "$(wc -l <"$work/out")" 1
ok "json: has the end" grep -q '"end":"cpuoff","cycles":16785' "$work/out"
$mcu run $programs/clix.elf --trace "$work/trace" --bus --atomicity >/dev/null
gzip -dc tests/golden/traces/clix.64atom.tr.gz >"$work/recorded"
ok "trace: as recorded" cmp -s "$work/trace" "$work/recorded"
printf '0001020304050607\n08090A0b0c0d0e0f\n' >"$work/key"
$mcu run $programs/mod3.elf --security 128 --master-key-file "$work/key" >"$work/out"
is "128 bits: as recorded" "$(sed -n 1p "$work/out" | cut -d' ' -f1,2)" "end=cpuoff cycles=64971"
printf '00010203' >"$work/short"
$mcu run $programs/mod3.elf --master-key-file "$work/short" 2>/dev/null
is "short key: exit 2" $? 2
for bad in "" "run" "run a b" "walk x" "run x --profile soft" "run x --security 96" \
    "run x --modules 0" "run x --modules 65" "run x --dump 12" "run x --dump 0xffff,2" \
    "run x --max-cycles -1" "run x --no-such" "run /no/such/file"; do
    # shellcheck disable=SC2086 # words on purpose
    $mcu $bad >"$work/out" 2>"$work/err"
    is "bad usage \`$bad\`: exit 2" $? 2
    ok "bad usage \`$bad\`: says so" [ -s "$work/err" ]
done
$mcu --help >"$work/out"
is "help: exit 0" $? 0
ok "help: has an example" grep -q '^example: semo-mcu run' "$work/out"
$mcu --version >"$work/out"
is "version: exit 0" $? 0

grep -v '^#' tests/reject/image/expected.txt >"$work/expected"
while IFS= read -r line; do
    image=tests/reject/image/${line%%: *}
    $mcu run "$image" >"$work/out" 2>"$work/err"
    is "${line%%: *}: exit 2" $? 2
    is "${line%%: *}: its line" "$(cat "$work/err")" "semo-mcu: $image: ${line#*: }"
done <"$work/expected"
echo "1..$count"
