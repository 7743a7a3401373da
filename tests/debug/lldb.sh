#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Types the session of docs/debugging.md into the real lldb and compares what it answers: each line of
# the page must come, in that order, pieces between `...` within one line. The address of the watched
# variable is the one of this build.
set -u
program=build/examples/debug/counter.elf
lldb=$(command -v lldb-19 || command -v lldb)
if [ -z "$lldb" ]; then
    echo "ok 1 - lldb # SKIP there is no lldb-19"
    echo "1..1"
    exit 0
fi
mkdir -p build/tests
work=$(mktemp -d build/tests/work.XXXXXX)
trap 'rm -rf "$work"' EXIT
mkfifo "$work/out"
serve() { # options: starts the program, reads the port that it chose
    build/bin/semo-mcu run $program --gdb 0 "$@" >"$work/out" &
    exec 3<"$work/out"
    read -r line <&3
    port=${line##*:}
}
serve --dump 0x1000,8
total=$(readelf -sW $program | awk '$8 == "total" { print substr($2, 5) }')
sed -n '/^    \$ lldb-19/,/^[^ ]/p' docs/debugging.md | sed -n 's/^    //p' | sed 1d |
    sed "s/PORT/$port/; s/04f8/$total/g" >"$work/session"

# lldb -b forgets the commands behind a stop by a violation, but for those of -k
set --
option=-o
while IFS= read -r line; do
    case $line in
    "(lldb) "*) set -- "$@" $option "${line#\(lldb\) }" ;;
    *violation:*) option=-k ;;
    esac
done <"$work/session"
timeout 60 "$lldb" -b -x "$@" >"$work/answer" 2>&1 </dev/null
cat <&3 >"$work/end"
wait $!
code=$?

awk '
    function within(line, text,   piece, n, i) {
        n = split(text, piece, /\.\.\./)
        for (i = 1; i <= n; i++) {
            if (!(at = index(line, piece[i]))) return 0
            line = substr(line, at + length(piece[i]))
        }
        return 1
    }
    NR == FNR { answer[++lines] = $0; next }
    {
        start = next_line
        while (next_line < lines && !within(answer[++next_line], $0)) ;
        good = within(answer[next_line], $0)
        print (good ? "ok " : "not ok ") ++count " - " $0
        if (!good) next_line = start
    }
    END { print "1.." count + 8 }' "$work/answer" "$work/session" >"$work/tap"
cat "$work/tap"
count=$(grep -c . "$work/session")
is() { # name, got, wanted
    count=$((count + 1))
    if [ "$2" = "$3" ]; then echo "ok $count - $1"; else
        printf 'not ok %s - %s\n# got    %s\n# wanted %s\n' $count "$1" "$2" "$3"
    fi
}
is "the program ends by itself" $code 0
is "its result" "$(sed -n 1p "$work/end" | cut -d' ' -f1,3)" "end=cpuoff violations=1"
is "what the debugger wrote is what the module works with" "$(tail -1 "$work/end")" \
    "DUMP 1000 0100120000001200"

# gone on from, a violation has happened as without a debugger, and once
serve --trace "$work/trace"
timeout 60 "$lldb" -b -x -o "target create --arch msp430 $program" -o "gdb-remote $port" \
    -o "breakpoint set --name increase" -o continue -o stepi -o continue -o continue -o continue \
    -k continue >"$work/answer2" 2>&1 </dev/null
cat <&3 >"$work/end"
wait $!
is "with breakpoints and a violation: the end" $? 0
build/bin/semo-mcu run $program --trace "$work/plain" >"$work/plain_end"
is "with breakpoints and a violation: the same result" "$(cat "$work/end")" "$(cat "$work/plain_end")"
is "with breakpoints and a violation: the same trace" \
    "$(cmp "$work/trace" "$work/plain" 2>&1)" ""
waveform=$(sed -n 's/^    \$ \(build.*--vcd\) counter.vcd$/\1/p' docs/debugging.md)
$waveform "$work/counter.vcd" >/dev/null
is "the page's waveform is written" "$(sed -n 's/.* \(p1_out\) .*/\1/p' "$work/counter.vcd")" p1_out
is "lldb does not crash" "$(cat "$work/answer" "$work/answer2" | grep -c 'Stack dump')" 0
grep -q '^not ok' "$work/tap" && sed 's/^/# /' "$work/answer"
exit 0
