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

$mcu run $programs/irq_plain.elf --dump 0x300,32 --dump 768,4 >"$work/out"
is "cpuoff: exit 0" $? 0
is "cpuoff: its line" "$(sed -n 1p "$work/out")" "end=cpuoff cycles=316 violations=0"
is "dump: one line each" "$(sed -n 3,9p "$work/out")" \
    "DUMP 0300 0000000000000000000000000000000004000d00000000000000000000000000
DUMP 0300 00000000"
$mcu run $programs/irq_plain.elf --max-cycles 100 >"$work/out"
is "cycle limit: exit 4" $? 4

# violations: who, what, where, which rule
text="the text of a module is read only by itself and written by nobody"
$mcu run $programs/violations.elf --stop-on-violation >"$work/out"
is "violation: exit 5" $? 5
is "violation: its line" "$(sed -n 3p "$work/out")" \
    "violation: cycle 15864: unprotected code at 5c66: word read at 7000 (text of module 1): $text"
$mcu run $programs/violations.elf >"$work/out"
is "violations do not end the run" $? 0
is "violations: 16 are described" "$(grep -c '^violation: ' "$work/out")" 16
is "violations: the others are counted" "$(grep '^and' "$work/out")" "and 4 more violations"
ok "violations: a byte write" grep -q \
    'cycle 16224: module 1 at 7040: byte write at 7074 (text of module 1): the text' "$work/out"
ok "violations: an entry, and who went there" grep -q \
    'cycle 16375: unprotected code at 5df6: execution at 7110 (text of module 2): a module' \
    "$work/out"
$mcu run $programs/violations.elf --profile hardened --max-cycles 20000 >"$work/out"
ok "violation of a module that is gone for it" grep -q \
    'module 1 at 7030: word write at 7070 (text of module 1, gone now): the text' "$work/out"
$mcu run $programs/clix.elf --atomicity >"$work/out"
is "violation: clix" "$(sed -n 3p "$work/out" | cut -d: -f4-)" \
    " clix for 20000 cycles: clix is not nested and lasts at most 10000 cycles"
$mcu run build/examples/debug/counter.elf >"$work/out"
is "violation: symbols and the source line" "$(sed -n 3p "$work/out" | cut -d: -f3-)" \
    " unprotected code at e0a4 (program+68, examples/debug/main.c:34): word read at 0200\
 (semo_data_start, private data of module 1): the private data of a module is touched only by its own\
 text"

# JSON: one object, one line, nothing else
$mcu run $programs/violations.elf --json --dump 0x7000,4 >"$work/out" 2>"$work/err"
is "json: one line" "$(wc -l <"$work/out")" 1
ok "json: has the end" grep -q '^{"end":"cpuoff","cycles":16785,"violations":20,' "$work/out"
ok "json: what, where, rule" grep -q \
    '"cycle":15864,"module":0,"pc":23654,"address":28672,"what":"word read","rule":"'"$text"'"' \
    "$work/out"
ok "json: memory" grep -q '"memory":\[{"address":28672,"bytes":"[0-9a-f]\{8\}"}\]}$' "$work/out"
is "json: what the program prints goes to stderr" "$(cat "$work/err")" A
$mcu run build/examples/debug/counter.elf --json >"$work/out"
ok "json: symbol and line" grep -q \
    '"symbol":"program","offset":68,"folder":"examples/debug","file":"main.c","line":34' "$work/out"

# a flat binary: copies the file input to the file output, prints A for each byte
printf '\222\263\300\0\7\44\322\102\302\0\302\0\362\100A\0\204\0\366\77\62\320\20\0\377\77' \
    >"$work/copy.bin"
printf 'xyz' >"$work/input"
$mcu run "$work/copy.bin" --base 0x5c00 --fileio-in "$work/input" --fileio-out "$work/copied" \
    >"$work/out"
is "flat: runs from its start" $? 0
is "file input and output" "$(cat "$work/copied")" xyz
is "print UART on stdout" "$(sed -n 1p "$work/out" | cut -c1-14)" "AAAend=cpuoff "
$mcu run "$work/copy.bin" --base 23552 --fileio-in "$work/input" >"$work/out"
is "file output is dropped unless asked for" "$(head -c 14 "$work/out")" "AAAend=cpuoff "
$mcu run "$work/copy.bin" --base 0x5c00 --fileio-in "$work/input" --fileio-out - >"$work/out"
is "file output on stdout" "$(head -c 10 "$work/out")" "xAyAzAend="
{ head -c 41982 /dev/zero | tr '\0' '\377'; printf '\100\134'; } >"$work/whole.bin"
dd if="$work/copy.bin" of="$work/whole.bin" bs=1 seek=64 conv=notrunc 2>/dev/null
$mcu run "$work/whole.bin" --base 0x5c00 >"$work/out"
is "flat: starts where its reset vector says" "$(cut -d' ' -f1 "$work/out" | head -1)" end=cpuoff

$mcu run $programs/clix.elf --trace "$work/trace" --bus --atomicity >/dev/null
gzip -dc tests/golden/traces/clix.64atom.tr.gz >"$work/recorded"
ok "trace: as recorded" cmp -s "$work/trace" "$work/recorded"
$mcu run $programs/clix.elf --trace "$work/trace" --vcd "$work/vcd" --atomicity >/dev/null
grep -v '^[RW]' "$work/recorded" >"$work/plain"
ok "trace beside a waveform: without bus lines" cmp -s "$work/trace" "$work/plain"
is "waveform: begins as one" "$(head -1 "$work/vcd")" "\$version semo-mcu \$end"
$mcu run $programs/clix.elf --trace "$work/trace" --bus --vcd "$work/vcd" --atomicity >/dev/null
ok "trace beside a waveform: with bus lines" cmp -s "$work/trace" "$work/recorded"
printf '0001020304050607\n08090A0b0c0d0e0f\n' >"$work/key"
$mcu run $programs/mod3.elf --security 128 --master-key-file "$work/key" >"$work/out"
is "128 bits: as recorded" "$(sed -n 1p "$work/out" | cut -d' ' -f1,2)" "end=cpuoff cycles=64971"
printf '00010203' >"$work/short"
$mcu run $programs/mod3.elf --master-key-file "$work/short" 2>/dev/null
is "short key: exit 2" $? 2
for bad in "" "run" "run a b" "walk x" "run x --profile soft" "run x --security 96" \
    "run x --modules 0" "run x --modules 65" "run x --dump 12" "run x --dump 0xffff,2" \
    "run x --max-cycles -1" "run x --no-such" "run /no/such/file" "run x --security 80" \
    "run x --gdb 65536" "run x --base 0x10000" "run x --bus" "run x --vcd -" "run x --dump 0x,1" \
    "run x --json --trace -" "run x --json --fileio-out -" "frames" "frames /no/such/file"; do
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
for option in profile security master-key-file modules atomicity reset-on-violation trace bus dump \
    max-cycles fileio-in fileio-out base stop-on-violation json gdb vcd; do
    $mcu --help | grep -q "^  --$option " || ok "help: --$option" false
done

# bad images: one line that says which, exit 2
refused() { # name, words of the command, line
    # shellcheck disable=SC2086 # words on purpose
    $mcu run $2 >"$work/out" 2>"$work/err"
    is "$1: exit 2" $? 2
    is "$1: its line" "$(cat "$work/err")" "semo-mcu: $3"
}
grep -v '^#' tests/reject/image/expected.txt >"$work/expected"
while IFS= read -r line; do
    image=tests/reject/image/${line%%: *}
    refused "${line%%: *}" "$image" "$image: ${line#*: }"
done <"$work/expected"
outside="outside data memory (0200-41ff) and program memory (5c00-ffff) at this --base"
truncate -s 17M "$work/huge"
truncate -s 16897 "$work/wide"
elf=$programs/mod3.elf
refused "missing" "$work/none" "$work/none: cannot open it: No such file or directory"
refused "directory" "$work" "$work: not a regular file; name a file"
refused "not a folder" "$elf/x" "$elf/x: cannot open it: Not a directory"
refused "too big" "$work/huge" "$work/huge: longer than 16777216 bytes; name a smaller file"
refused "ELF with a base" "$elf --base 0x5c00" \
    "$elf: an ELF file says itself where it belongs; leave --base out"
refused "flat, odd" "$work/input --base 0x5c01" \
    "$work/input: --base is odd; instructions lie at even addresses"
refused "flat, between the memories" "$work/input --base 0x4200" "$work/input: $outside"
refused "flat, too long" "$work/wide --base 0x0200" "$work/wide: $outside"
refused "no place for the trace" "$elf --trace $work/none/x" \
    "$work/none/x: No such file or directory"
$mcu frames tests/reject/image/not-elf.elf >"$work/out" 2>"$work/err"
is "frames of something else: exit 2" $? 2
is "frames of something else: says so" "$(cat "$work/err")" \
    "semo-mcu: tests/reject/image/not-elf.elf: not an ELF file"
$mcu frames build/examples/debug/counter.elf >"$work/out"
is "frames: exit 0" $? 0
is "frames: a section" "$(sed -n 1p "$work/out")" '    .section .debug_frame, "", @progbits'
echo "1..$count"
