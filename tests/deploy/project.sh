# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What semo new makes: built, run and attacked, as its README says. Sourced with $semo and $work set.
project=$work/hello
press() { # press BYTE: what comes back last, without the time
    "$semo" output descriptor.json --connection press --arg "$1" | tail -1 | cut -d' ' -f2-
}
"$semo" new "$project" >"$work/out"
is "new: exit code" $? 0
is "its words" "$(cat "$work/out")" "$project: made; see $project/README.md"
ok "no placeholder is left" sh -c "! grep -rq @NAME@ '$project'"
"$semo" new "$project" 2>"$work/err"
is "a second time: exit code" $? 2
is "its line" "$(cat "$work/err")" "semo new: $project: exists already; choose another name"
"$semo" new "$work/1x" 2>"$work/err"
is "no name: exit code" $? 2
ln -s "$work/nowhere" "$work/link"
for word in 'x y' '' / .. -x; do
    "$semo" new -- "$word" 2>"$work/err"
    is "new '$word': one line" "$? $(cut -d: -f1-3 "$work/err")" "2 semo new: $word: not a name for an application; write a letter, then letters, digits, _ and -, at most 31 of them"
done
"$semo" new "$work/link" 2>"$work/err"
is "a link to nowhere: its line" "$? $(cat "$work/err")" "2 semo new: $work/link: exists already; choose another name"
"$semo" new "$work/an odd pläce/other/" >"$work/out"
is "in a folder with any name" "$? $("$semo" build "$work/an odd pläce/other/descriptor.json" | grep -c ^build)" "0 2"
cd "$project" || exit 1
"$semo" lint descriptor.json >"$work/out"
is "it is sound" "$(tail -1 "$work/out")" \
    "hello: 2 modules, 3 connections, 1 flow rules hold, 0 warnings"
ok "its picture" "$semo" graph descriptor.json --out hello.svg
nodes_up descriptor.json
"$semo" deploy descriptor.json >"$work/out"
is "deploy: exit code" $? 0
is "a press is counted and shown" \
    "$(press 01)" "shown 0100"
is "another one" "$(press 01)" "shown 0200"
is "what is no press counts for nothing" \
    "$(press 02 | grep -c shown)" 0
"$semo" down descriptor.json
is "down: exit code" $? 0
exec 3<&-
wait "$up"
