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
        run $bits "$name"
        same "$name, $bits bit" "$work/$name.out" "$wanted"
    done
done

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
build 64 objects --standalone --ram 16K --rom 41K --inline-arithmetic "$work/main.o" \
    "$work/counter.o" -L"$work" -ldisplay -lsm-io && run 64 objects
same "files: as objects and a library" "$work/objects.out" files/files.txt

for attack in 1 2 3 4 5 6 7 8 9; do
    build 64 attack -DATTACK=$attack attack.c && run 64 attack
    same "attack $attack is stopped" "$work/attack.out" attack.txt
    ok "attack $attack is one violation" grep -q '"violations":1,' "$work/attack.json"
done

for source in bad/*.c; do
    build 64 bad "$source"
    ok "$source is refused" [ $? -ne 0 ]
    wanted=$(sed -n 's|^/\* expect: \(.*\) \*/$|\1|p' "$source")
    ok "$source: file, line and what to do" grep -qF "$wanted" "$work/bad.err"
    grep -qF "$wanted" "$work/bad.err" || sed 's/^/# /' "$work/bad.err"
done

refused() { # wanted, arguments...
    wanted=$1
    shift
    "$bin/semo" cc "$@" >/dev/null 2>"$work/err"
    ok "semo cc $*: $wanted" grep -qF -- "$wanted" "$work/err"
}
refused "name FILE.c" 
refused "no such file" nowhere.c
refused "neither a C file" hello.txt
refused "--security is 64 or 128" --security 80 hello.c
refused "--stack is an even number" --stack 7 hello.c
refused "give its vendor key with" confidential.c
refused "names no file" hello.c -o
echo "1..$count"
