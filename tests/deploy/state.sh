#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# State files that are old, truncated, damaged, of another application or key: each has its own line,
# exit 1, and nothing is changed. tests/reject/state/expected.txt: file, what is done to it, line.
. tests/deploy/tap.sh
ping=tests/deploy/ping.json
echo '0 quit' >"$work/script"
cp -r tests/deploy/ping "$work/ping"
sed 's/"name": "ping",$/"name": "pong",/' $ping >"$work/pong.json"
up() { # up DESCRIPTOR STATE KEY
    "$semo" up "$1" --state "$work/$2" --operator-key "$work/$3" --script "$work/script" >"$work/out" 2>&1
}
up $ping base key
is "a state" $? 0
up "$work/pong.json" application key
is "of another application" $? 0
up $ping key2 other.key
is "of another key" $? 0
spoil() { # spoil FILE HOW WORD: $work/state/FILE.sealed
    file=$work/state/$1.sealed
    case $2 in
    copy) cp "tests/reject/state/$3" "$file" ;;
    cut) truncate -s "$3" "$file" ;;
    flip) printf '\377' | dd of="$file" bs=1 seek="$3" conv=notrunc 2>/dev/null ;;
    seal) printf %s "$3" | build/tests/reseal "$work/key" "$file" ping "$1" ;;
    other) case $3 in
        key) cp "$work/key2/$1.sealed" "$file" ;;
        application) cp "$work/application/$1.sealed" "$file" ;;
        purpose) cp "$work/base/$([ "$1" = run ] && echo nodes || echo run).sealed" "$file" ;;
        esac ;;
    esac
}
while IFS='	' read -r name what line; do
    rm -rf "$work/state"
    cp -r "$work/base" "$work/state"
    spoil "$name" "${what%% *}" "${what#* }"
    cp "$work/state/$name.sealed" "$work/spoilt"
    "$semo" status $ping --state "$work/state" --operator-key "$work/key" >"$work/out" 2>"$work/err"
    is "$name, $what: exit 1, one line" "$? $(cat "$work/err")" "1 semo status: $work/state/$line"
    ok "$name, $what: it is left as it was" cmp -s "$work/spoilt" "$work/state/$name.sealed"
done <tests/reject/state/expected.txt

# what is sealed well and says nothing, is nothing
rm -rf "$work/state" && cp -r "$work/base" "$work/state"
spoil run seal '{"version": 1, "modules": 5, "connections": [7, {"name": "start", "number": "x"}]}'
"$semo" status $ping --state "$work/state" --operator-key "$work/key" >"$work/out" 2>"$work/err"
is "a run that says nothing: nothing is connected" "$? $(grep -c ' connected$' "$work/out")" "0 0"
echo '{"modules": [' >"$work/state/status.json"
"$semo" status $ping --state "$work/state" --operator-key "$work/key" --json >"$work/out" 2>"$work/err"
is "status.json, truncated: the state itself is shown" "$? $(build/tests/json_check modules.0.name <"$work/out")" "0 PING"
truncate -s 100 "$work/state/a.chip"
"$semo" vendor-key a 4660 --state "$work/state" >"$work/out" 2>"$work/err"
is "a truncated chip has no key" "$? $(cat "$work/out")" "3 "
# a folder that is not there is made by who fills it only
for verb in status logs attest connect 'call --module PING --entry count' 'output --connection start' \
    'request --connection start' 'disable --module PING' reset down lint tcb 'offer --connection start'; do
    "$semo" $verb $ping --state "$work/typo" --operator-key "$work/key" >"$work/out" 2>"$work/err"
    is "${verb%% *} --state TYPO" "$? $(cat "$work/err")" \
        "2 semo ${verb%% *}: $work/typo: no such folder: nothing was deployed from there; name the right one by --state"
done
ok "nothing was made" test ! -e "$work/typo"
for verb in status logs; do
    XDG_STATE_HOME=$work/none XDG_CONFIG_HOME=$work/none "$semo" $verb $ping >"$work/out" 2>"$work/err"
    is "$verb before anything has happened" "$? $(cat "$work/err")" "0 "
done
XDG_STATE_HOME=$work/none XDG_CONFIG_HOME=$work/none "$semo" attest $ping >"$work/out" 2>"$work/err"
is "attest before anything has happened" "$? $(cat "$work/err")" \
    "1 semo attest: $work/none/semo/ping: no such folder: nothing was deployed from there; run semo up or semo deploy"
ok "nothing was made, neither folder nor key" test ! -e "$work/none"
"$semo" build $ping --state "$work/key/below/state" --operator-key "$work/key" 2>"$work/err"
is "a folder below a file" "$? $(cat "$work/err")" "3 semo build: $work/key/below: cannot create the folder: Not a directory"
"$semo" build $ping --state /proc/semo/state --operator-key "$work/key" 2>"$work/err"
is "a folder where nobody may write" "$? $(sed 's/folder: .*/folder:/' "$work/err")" "3 semo build: /proc/semo: cannot create the folder:"
rm "$work/key"
"$semo" status $ping --state "$work/base" --operator-key "$work/key" 2>"$work/err"
is "no operator key" "$? $(cat "$work/err")" "3 semo status: $work/key: no operator key here, but $work/base/nodes.sealed needs one; name it by --operator-key"
ok "and none is made" test ! -e "$work/key"
finish
