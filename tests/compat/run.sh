#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Programs in the style of the published Sancus tool chain: built by semo cc, run at both key widths on
# the core as published; what they print is NAME.txt (or NAME.128.txt). bad/: what is refused, and how.
set -u
cd "$(dirname "$0")" || exit 1
bin=../../build/bin
mkdir -p ../../build/tests
work=$(mktemp -d ../../build/tests/work.XXXXXX)
trap 'rm -rf "$work"' EXIT
SEMO_CACHE=$(pwd)/$work/cache
export SEMO_CACHE
mkdir "$SEMO_CACHE"
count=0
ok() { # what, command...
    what=$1
    shift
    count=$((count + 1))
    if "$@"; then echo "ok $count - $what"; else echo "not ok $count - $what"; fi
}
same() { # name, file, wanted file
    ok "$1" cmp -s "$2" "$3"
    cmp -s "$2" "$3" || diff "$2" "$3" | sed 's/^/# /'
}
build() { # bits, output, arguments...
    bits=$1 out=$2
    shift 2
    "$bin/semo" cc --security "$bits" -o "$work/$out.elf" "$@" >"$work/$out.list" 2>"$work/$out.err"
}
printf 'Hello\nWorld\n' >"$work/in"
run() { # bits, name: what it prints goes to NAME.out, to the file device NAME.file, the end NAME.json
    "$bin/semo-mcu" run "$work/$2.elf" --profile compat --security "$1" --max-cycles 30000000 --json \
        --fileio-in "$work/in" --fileio-out "$work/$2.file" \
        >"$work/$2.json" 2>"$work/$2.out"
}

for source in [a-z]*.c; do
    name=${source%.c}
    [ "$name" = attack ] && continue
    widths=64
    case $name in one | two | crypto | events | loop) widths="64 128" ;; esac
    for bits in $widths; do
        wanted=$name.txt
        [ -f "$name.$bits.txt" ] && wanted=$name.$bits.txt
        key=
        [ "$name" = confidential ] && key="--vendor-key=4078d505d82099ba"
        if ! build $bits "$name" $key "$source"; then
            ok "$name, $bits bit: builds" false
            sed 's/^/# /' "$work/$name.err"
            continue
        fi
        run $bits "$name" || echo "not ok - $name: exit status $?"
        same "$name, $bits bit" "$work/$name.out" "$wanted"
    done
done

build 64 strict -Wall -Wextra -Werror -Wfatal-errors -fcolor-diagnostics hello.c
ok "hello: no warning of our own with -Werror" test "$?.$(wc -c <"$work/strict.err")" = 0.0
ok "two: every call out is listed" grep -q '^  calls inner inner_sum: 4 words$' "$work/two.list"
ok "outcall: variable arguments are counted" \
    grep -q '^  calls unprotected printf: 7 words (variable)$' "$work/outcall.list"
ok "mutual: the tool warns" grep -q "need each other's measurement" "$work/mutual.list"
ok "console: what went through the file device" grep -q '^hELLO\*wORLD' "$work/console.file"
build 128 again two.c
ok "the same source gives the same program" cmp -s "$work/two.elf" "$work/again.elf"

for where in 1 2 3; do # the interrupt goes into a module
    build 64 sweep -DWHERE=$where ${SOAK:+-DSTEP=1} sweep.c && run 64 sweep
    same "sweep, into module $where" "$work/sweep.out" sweep.txt
done
build 64 files files/*.c && run 64 files
same "files: a module, its user and a display in three files" "$work/files.out" files/files.txt

# As a Makefile does it: objects, a library, options of the published linker.
for source in files/*.c; do
    "$bin/semo" cc -c -Wall -O2 -o "$work/$(basename "$source" .c).o" "$source" || exit 1
done
(cd "$work" && rm -f libdisplay.a && ar rcs libdisplay.a display.o)
cat >"$work/settings.yaml" <<END
counter:
  - disallow_outcalls: false
  - num_connections: 2
user: {stack_size: 300}
END
build 64 objects --standalone --sm-config-file "$work/settings.yaml" --ram 16K --rom-size=41K --inline-arithmetic \
    --scan-libraries-for-sm --project-path . "$work/main.o" "$work/counter.o" -L"$work" -l:libdisplay.a -lsm-io &&
    run 64 objects
same "files: as objects and a library" "$work/objects.out" files/files.txt

# A module in assembly, whole, and the registers of the published compiler.
build 64 hand hand/main.c hand/vault.S hand/sum.S && run 64 hand
same "hand: a module in an assembly file" "$work/hand.out" hand/hand.txt
for source in hand/*.[cS]; do
    "$bin/semo" cc -c -o "$work/hand_$(basename "$source" | tr . _).o" "$source" || exit 1
done
build 64 hand "$work"/hand_*.o && run 64 hand
same "hand: the same as objects" "$work/hand.out" hand/hand.txt

# Floating point in a module and on the host: the same bits.
export SEMO_SEED="${SEMO_SEED:-1}"
pairs=200
[ -n "${SOAK:-}" ] && pairs=20000
echo "# SEMO_SEED=$SEMO_SEED, $pairs pairs of numbers, 11 results each"
${CC:-cc} -O1 -o "$work/host" float/host.c -lm
"$work/host" $pairs >"$work/operands" && "$work/host" $pairs results >"$work/wanted"
build 64 float float/mcu.c
"$bin/semo-mcu" run "$work/float.elf" --max-cycles 4000000000 --fileio-in "$work/operands" \
    --fileio-out "$work/results" >/dev/null
ok "floating point, $pairs pairs" cmp -s "$work/results" "$work/wanted"

build 64 attack attack.c
for attack in 1 2 3 4 5 6 7 8 9; do
    printf '%s' $attack >"$work/in"
    run 64 attack
    same "attack $attack is stopped" "$work/attack.out" attack.txt
    ok "attack $attack is one violation" grep -q '"violations":1,' "$work/attack.json"
done

for source in bad/*.c; do
    build 64 bad "$source"
    ok "$source is refused, in one line" test "$?.$(wc -l <"$work/bad.err")" = 2.1
    wanted=$(sed -n 's|^/\* expect: \(.*\) \*/$|\1|p' "$source")
    ok "$source: file, line and what to do" grep -qF "$wanted" "$work/bad.err"
    grep -qF "$wanted" "$work/bad.err" || sed 's/^/# /' "$work/bad.err"
done

refused() { # wanted, arguments...
    wanted=$1
    shift
    "$bin/semo" cc "$@" >/dev/null 2>"$work/err"
    status=$?
    lines=$(wc -l <"$work/err")
    ok "semo cc $(echo "$*" | sed "s|$work/||g"): $wanted" \
        grep -qF -- "$wanted" "$work/err"
    [ $status = 2 ] && [ "$lines" = 1 ] || { echo "not ok - exit $status, $lines lines"; cat "$work/err"; }
}
refused "name FILE.c"
refused "main.c:14: vault_inside: module vault is one in an assembly file" -DREFUSED hand/main.c hand/vault.S
refused "no such file" nowhere.c
refused "neither a C file" hello.txt
refused "--security is 64 or 128" --security 80 hello.c
refused "--stack is an even number" --stack 7 hello.c
refused "give its vendor key with" confidential.c
refused "names no file" hello.c -o
refused "not an option of this command" --turbo hello.c
refused "files become objects" -S hello.c
refused "the core has 16K" --ram 17 hello.c
refused "the core has 41K" --rom big hello.c
refused "needs a value" hello.c --sm-config-file
refused "needs a value" hello.c -I
refused "a number from 0 to 255" --num-connections 300 hello.c
refused "with -c there is one file" -c -o x.o hello.c one.c
refused "there is no libnone.a" hello.c -lnone
refused "there is no none.a" hello.c -l:none.a
refused "nowhere.yaml: cannot open it" --sm-config-file nowhere.yaml hello.c
settings() { # wanted, settings
    printf '%s\n' "$2" >"$work/settings.yaml"
    refused "$1" --sm-config-file "$work/settings.yaml" one.c
}
settings "the program has no module of this name" "ghost: {stack_size: 128}"
settings "stubs cannot be replaced" "foo: {sm_entry: own.o}"
settings "stack_size is an even number" "foo: {stack_size: 63}"
settings "num_connections is a number" "foo: {num_connections: many}"
settings "not known; there are" "foo: {colour: red}"
settings "as a map" "foo: 7"
settings "a map from names of modules" "- foo"

# semo build --compat: folders and descriptors.
mkdir "$work/project" && cp files/*.[ch] "$work/project"
cat >"$work/project/all.yaml" <<END
name: counting
files: [main.c, counter.c, display.c]
cflags: -O2 -Wall
ldflags: ["--ram 16K", --standalone]
confidential: true
END
echo '{"modules": [{"type": "sancus", "name": "counter", "files": ["counter.c", "display.c"]}]}' \
    >"$work/project/modules.json"
mkdir "$work/a b" && cp two.c "$work/a b/two c.c"
TMPDIR="$work/a b" build 64 blank "$work/a b/two c.c" && run 64 blank
same "blanks in names" "$work/blank.out" two.txt
project() { "$bin/semo" build --compat "$@" >"$work/list" 2>"$work/err"; }
ok "a folder is built" project "$work/project"
cp "$work/project/main.elf" "$work/folder.elf" && run 64 folder
same "a folder runs" "$work/folder.out" files/files.txt
ok "a descriptor is built" project "$work/project/all.yaml" --vendor-key 4078d505d82099ba
echo 4078d505d82099ba >"$work/key"
cp "$work/project/counting.elf" "$work/by_digits.elf"
project "$work/project/all.yaml" --vendor-key "$(pwd)/$work/key"
ok "the key comes from a file, too" cmp -s "$work/project/counting.elf" "$work/by_digits.elf"
ok "its modules are encrypted" grep -q '^module user (encrypted)' "$work/list"
cp "$work/project/counting.elf" "$work/counting.elf" && run 64 counting
same "a descriptor runs" "$work/counting.out" files/files.txt
ok "modules without a program are built" project "$work/project/modules.json"
cp "$work/project/counter.elf" "$work/counter.elf" && run 64 counter
ok "and are enabled" grep -q '^counter: id 1, vendor 1234' "$work/counter.out"
# A module for the published loader: nobody declares it, and its source says {name} for its name.
mkdir "$work/project/bell"
cat >"$work/project/bell/bell.c" <<'END'
#include <stdio.h>
#include <sancus/reactive.h>
#include "bell.h"
SM_OUTPUT({name}, rung);
SM_DATA({name}) uint16_t times = FIRST;
SM_INPUT({name}, ring, data, len)
{
    puts("[{name}] rings");
    times++;
    rung(&times, sizeof times);
}
END
echo '#define FIRST 7' >"$work/project/bell/bell.h"
echo '{"modules": [{"type": "sancus", "name": "bell", "files": "bell/bell.c", "vendor_id": 66}]}' \
    >"$work/project/bell.json"
ok "a module that nobody declares" project "$work/project/bell.json"
cp "$work/project/bell.elf" "$work/bell.elf" && run 64 bell
ok "and its input and output" grep -q '^  input 0 ring' "$work/list"
ok "and what it is called" grep -q '^bell: id 1, vendor 0042' "$work/bell.out"
sed -i 's/times++/time++/' "$work/project/bell/bell.c"
not_built() { # wanted, arguments...
    wanted=$1
    shift
    project "$@"
    status=$?
    ok "semo build --compat: $wanted" grep -qF -- "$wanted" "$work/err"
    [ $status = 2 ] || echo "not ok - exit $status"
}
not_built "bell/bell.c:9:5: use of undeclared identifier 'time'" "$work/project/bell.json"
not_built "give its vendor key with" "$work/project/all.yaml"
echo '{"files": "main.c", "colour": 1}' >"$work/project/bad.json"
not_built "bad.json:1:21: not a field of a program" "$work/project/bad.json"
echo '{"files": 7}' >"$work/project/bad.json"
not_built "a string or a list of strings" "$work/project/bad.json"
echo '{"modules": [{"type": "sgx", "files": "main.c"}]}' >"$work/project/bad.json"
not_built "builds modules of type sancus" "$work/project/bad.json"
echo '{"files": "main.c", "stack": 7}' >"$work/project/bad.json"
not_built "stack is an even number" "$work/project/bad.json"
mkdir "$work/none" "$work/a.c"
refused "is a folder" "$work/a.c"
not_built "there are no C files" "$work/none"
not_built "one folder, or one descriptor" "$work/none" "$work/project"

# Objects and libraries that are none of ours, or damaged.
head -c 300 "$work/main.o" >"$work/cut.o"
head -c 300 hello.c >"$work/text.o"
: >"$work/empty.o"
printf '!<arch>\nnot a library' >"$work/bad.a"
echo 'int x;' | ${CC:-cc} -x c -c -o "$work/host.o" -
cp "$work/objects.elf" "$work/linked.o"
"$bin/semo" cc --security 128 -c -o "$work/wide.o" files/display.c
cp "$work/main.o" "$work/again.o"
refused "cut.o: is damaged" "$work/cut.o"
refused "text.o: is not an object file" "$work/text.o"
refused "empty.o: is not an object file" "$work/empty.o"
refused "bad.a: is a damaged library" "$work/main.o" "$work/bad.a"
refused "host.o: is an object for another machine" "$work/host.o"
refused "linked.o: is a linked program" "$work/linked.o"
refused "wide.o: was compiled for keys of another length" "$work/wide.o"
refused "is declared twice" "$work/main.o" "$work/again.o"
echo "1..$count"
