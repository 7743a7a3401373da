#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The car park: what its panels show, and that nothing else can make them show it.
. tests/deploy/tap.sh
app=apps/car-park/descriptor.json
state=$XDG_STATE_HOME/semo/car-park
SEMO_SEED=${SEMO_SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
export SEMO_SEED
echo "# SEMO_SEED=$SEMO_SEED"
world() { # world COMMAND...: shows in $work/out
    build/tests/world "$state/control.sock" "$work/trace" "$@" >>"$work/out"
}
up() { # up SCRIPT-LINES ARGUMENT...: shows in $work/out, exit code in $code
    printf '%s\n' "$1" >"$work/script"
    shift
    $semo up $app --speed max --script "$work/script" --trace "$work/trace" "$@" >"$work/all" 2>"$work/err"
    code=$?
    grep ' show ' "$work/all" >"$work/out"
}
# what a panel showed, one after the other, without repeats; with its first lamp's owner
shown() { # shown NODE
    sed -n "s/^ *[0-9.]* show $1 \\([.*]*\\) \\[\\([^]]*[^] ]\\) *\\] .*/\\1 \\2/p" "$work/out" | uniq | paste -sd,
}
when() { # when NODE TEXT: virtual ms of its first appearance
    awk -v node="$1" -v text="[$2 " '$2 == "show" && $3 == node && index($0, text) { print int($1 * 1000 + 0.5); exit }' "$work/out"
}
between() { # between NAME VALUE FROM TO
    ok "$1 ($2 ms)" test "${2:-0}" -ge "$3" -a "${2:-0}" -lt "$4"
}

# a car stays for three ticks, another one for two, a third one for three
up '2.2 press place1 0
2.5 press place2 0
4.5 release place2 0
9 release place1 0
10.2 press place2 0
14 quit'
is "the run ends well" $code 0
is "the gate shows the free places" "$(shown gate)" \
    ".......* FREE 2,.......* FREE 1,.......* FREE 0,.......* FREE 1,.......* FREE 2,.......* FREE 1"
is "the office shows who stayed too long, and nobody else" "$(shown office)" \
    ".......* OVERSTAYED 0,.......* OVERSTAYED 1,.......* OVERSTAYED 2"
between "a car is seen when it has stood for 20 ms" "$(when gate 'FREE 1')" 2220 2300
between "one overstays at its third tick" "$(when office 'OVERSTAYED 1')" 5000 5100
between "and the next" "$(when office 'OVERSTAYED 2')" 13000 13100

# a panel is taken and released; its owner can free it
up '1 press place1 0
5 output avl-owner 00
8 output vio-owner 00
9 output avl-owner 01
11 output free-gate
13 quit'
is "only who has the gate shows there" "$(shown gate)" \
    ".......* FREE 2,.......* FREE 1,......*. OVERSTAYED 1,.......* FREE 1"
is "from one to the other it is dark" "$(grep -c 'show gate \.\.\.\.\.\.\.\. ' "$work/out")" 3
is "who releases is gone everywhere" "$(tail -1 "$work/out" | grep -c gate) $(grep -c 'show office \.\.\.\.\.\.\.\. ' "$work/out")" "1 1"

# strangers: every entry of every module, time and again, and everything that was ever sent
nodes_up $app --trace "$work/trace"
$semo deploy $app >"$work/all" 2>&1
is "deployed step by step" "$? $(grep -c '^attest' "$work/all")" "0 12"
: >"$work/out"
world run:1500 press:place1:0 run:100 call:4 run:100
is "called by strangers, two ticks are two" "$(grep -c 'OVERSTAYED 1' "$work/out")" 0
world run:3000
is "the third tick is the third" "$(grep -c ' office .*OVERSTAYED 1' "$work/out")" 1
lines=$(wc -l <"$work/out")
world replay call:2 replay run:3000 2>"$work/err"
sed -n 'p' "$work/err"
is "nothing that was sent again shows" "$(wc -l <"$work/out")" "$lines"
world release:place1:0 run:2000
is "the honest event still does" "$(tail -1 "$work/out" | cut -d' ' -f2-)" "gate 01 FREE 2          |                "
$semo down $app
wait $up
is "down ends the nodes" $? 0
exec 3<&-

# every event manager is hostile: it drops, repeats, reorders, forges, corrupts and misdirects
up '2.2 press place1 0
4.5 release place1 0
6.2 press place2 0
8.5 release place2 0
30 quit' $(for n in place1 place2 gate office; do echo "--event-manager $n=build/mcu/hostile.elf"; done)
is "hostile event managers: the run ends well" $code 0
is "nobody overstayed, and nobody is shown to have" "$(grep -c 'OVERSTAYED [^0]' "$work/out")" 0
is "the panels show nothing but numbers that were true" "$(shown gate | tr , '\n' | grep -vc 'FREE [12]$')" 0
ok "events were sent again ($(awk '$2 == "frame" && $5 ~ /^10/' "$work/trace" | cut -d' ' -f3- | sort | uniq -d | wc -l))" \
    test "$(awk '$2 == "frame" && $5 ~ /^10/ { print $3, $4, $5 }' "$work/trace" | sort | uniq -d | wc -l)" -gt 0
up '5 attack on
6.2 press place1 0
20 attack off
24 quit'
is "attacked for a while: the run ends well" $code 0
ok "one car overstays, whatever is lost" test "$(grep -c 'OVERSTAYED 1' "$work/out")" -ge 1
is "and it is one" "$(grep -c 'OVERSTAYED [2-9]' "$work/out")" 0
between "not before its third tick" "$(when office 'OVERSTAYED 1')" 9000 24000
is "what was lost is caught up with" "$(tail -1 "$work/out" | grep -c 'FREE 1\|OVERSTAYED 1')" 1

# a reset of an event manager takes its modules with it: the stay is never proven, the panel is dark
up '2.2 press place1 0
4.2 reset place1
9 reset gate
12 quit'
is "after a reset: the run ends well" $code 0
is "nothing is shown that nobody can know" "$(grep -c 'OVERSTAYED 1' "$work/out")" 0
is "the panel is dark" "$(tail -1 "$work/out" | sed 's/.* show gate //')" "........ [                ] [                ]"

# another binary than the owner's
up '1 quit' --event-manager place1=build/mcu/lying.elf
is "another binary on place1: exit 1" $code 1
module=$(sed -n 's/^FAILED *\([A-Z0-9_]*\): .*/\1/p' "$work/all" | head -1)
ok "it is named ($module)" grep -q "^semo up: $module: " "$work/err"
is "and gets no connection" "$(grep -c "^connect .*$module" "$work/all")" 0

# an edge between the two applications
sed 's/"name": "avl-gate", .*/"name": "avl-office", "from_module": "AVL_SIGN", "from_output": "panel_out", "to_module": "OFFICE", "to_input": "second_in" },/' \
    $app >"$work/edge.json"
cp -r apps/car-park/modules "$work/modules"
$semo lint "$work/edge.json" >"$work/all" 2>"$work/err"
is "an edge to the other application's panel: exit 2" $? 2
ok "the path is named" grep -q 'AVL_AGG.*OFFICE' "$work/err"
finish
