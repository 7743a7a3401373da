#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The car park as it is meant: who runs the lot has the nodes and the drivers, two others have an
# application each, and nobody has anybody else's keys.
. tests/deploy/tap.sh
lot=apps/car-park/lot.json
holder=$XDG_STATE_HOME/semo/car-park-lot
world() { # world COMMAND...
    build/tests/world "$holder/control.sock" "$work/trace" "$@" >/dev/null 2>&1
}
owner() { # owner avl|vio VERB ARGUMENTS...: with a folder and an operator key of its own
    who=$1 verb=$2
    shift 2
    "$semo" "$verb" "apps/car-park/$who.json" --state "$work/$who" --operator-key "$work/$who.key" "$@"
}
runs() { # runs avl|vio VERB ARGUMENTS...: on the holder's nodes
    owner "$@" --nodes "$holder" >"$work/all" 2>"$work/err"
}
join() { # join avl|vio CONNECTION-OF-THE-LOT CONNECTION
    "$semo" offer $lot --connection "$2" | runs "$1" accept --connection "$3"
}
last() { # what a panel shows
    awk -v node="$1" '$2 == "show" && $3 == node { shown = $0; sub(/^[^ ]* [^ ]* [^ ]* /, "", shown) }
        END { sub(/ *[|] *$/, "", shown); print shown }' "$work/trace"
}

nodes_up $lot --trace "$work/trace"
"$semo" deploy $lot >"$work/all" 2>&1
is "the lot's drivers are deployed" "$? $(grep -c ^attest "$work/all")" "0 4"
id=4661
for name in avl vio; do
    for node in place1 place2 gate office; do
        "$semo" vendor-key $node $id --state "$holder" | owner $name import-key --node $node
    done
    runs $name deploy
    is "$name is deployed by its owner" "$? $(grep -c ^attest "$work/all")" "0 4"
    id=4662
done
world press:place1:0 run:5000 release:place1:0 run:1000
is "before the lot offers anything, nothing shows" "$(grep -c ' show ' "$work/trace")" 0
for connection in place1 place2 gate; do
    ok "avl joins $connection" join avl avl-$connection $connection
done
for connection in place1 place2 office gate; do
    ok "vio joins $connection" join vio vio-$connection $connection
done

world run:1500 press:place1:0 run:1900
is "one place is taken" "$(last gate)" "01 FREE 1"
is "nobody has stayed too long" "$(last office)" "01 OVERSTAYED 0"
world run:2000 press:place2:0 run:1000
is "one driver serves two applications" "$(last gate), $(last office)" "01 FREE 0, 01 OVERSTAYED 1"
world release:place2:0 run:100
runs avl output --connection owner --arg 00
world run:1500
is "a panel is released by its taker and taken by another" "$(last gate)" "02 OVERSTAYED 1"
runs avl output --connection owner --arg 01
world run:3000
is "nobody takes it away" "$(last gate)" "02 OVERSTAYED 1"
runs vio output --connection owner --arg 00
world run:1500
is "but it is given back" "$(last gate)" "01 FREE 1"
dark=$(grep -c ' show gate 00 ' "$work/trace")
"$semo" output $lot --connection free-gate --run 100 >/dev/null 2>&1
is "and its owner can free it" "$(grep -c ' show gate 00 ' "$work/trace")" $((dark + 1))
world run:1500 # avl takes it again before the other one wants it

# the examples of --help
mkdir -p "$work/typed/config/semo" "$work/typed/state/semo"
ln -s "$PWD/apps" "$work/typed/apps"
ln -s "$holder" "$work/typed/lot"
cp "$work/avl.key" "$work/typed/config/semo/operator.key"
ln -s "$work/avl" "$work/typed/state/semo/car-park-avl"
typed() { # typed VERB HOME: the example of its --help, where that owner is at home
    (PATH=$PWD/build/bin:$PATH XDG_CONFIG_HOME=$2/config XDG_STATE_HOME=$2/state && cd "$work/typed" &&
        sh -c "$(semo "$1" --help | sed -n 's/^example: //p')")
}
ok "the example of offer works as typed" typed offer "$work"
ok "and that of accept" typed accept "$work/typed"

# the two can do nothing to each other
runs avl attest
is "avl is what it was" "$? $(grep -c '^attest' "$work/all")" "0 4"
runs avl disable --module AVL_P1
runs vio output --connection owner --arg 01
world release:place1:0 run:2500 press:place1:0 press:place2:0 run:4500
is "without a sensor avl goes on with the other place" "$(grep ' show gate' "$work/trace" | grep -c 'FREE 0')" 2
is "and vio with both" "$(last office)" "01 OVERSTAYED 3"
ok "a connection may be joined again" join avl avl-place2 place2
world release:place2:0 run:1500
is "it goes on under another key" "$(last gate)" "01 FREE 1"
is "status knows what is shared" "$("$semo" status $lot --json | grep -c '"shared": true')" 7

# offers
join avl vio-gate place1
is "an offer for the wrong end: exit code, one line" "$? $(cat "$work/err")" \
    "2 semo accept: place1: both ends receive; accept another offer"
echo "semo-key 00" | owner avl accept --connection place2 --nodes "$holder" 2>"$work/err"
is "what is no offer: exit code, one line" "$? $(cat "$work/err")" \
    "2 semo accept: standard input:1:1: not an offer; give the line that semo offer made"
changed="2 semo accept: standard input:1:1: an offer that was changed or cut off on its way: its check value is wrong; copy the whole line again"
"$semo" offer $lot --connection avl-place2 >"$work/secret"
tr 0-9 1-90 <"$work/secret" | owner avl accept --connection place2 --nodes "$holder" 2>"$work/err"
is "an offer with other digits: exit code, one line" "$? $(cat "$work/err")" "$changed"
cut -c1-100 "$work/secret" | owner avl accept --connection place2 --nodes "$holder" 2>"$work/err"
is "half an offer: exit code, one line" "$? $(cat "$work/err")" "$changed"
owner avl accept --connection place2 --nodes "$holder" <"$work/secret" >"$work/all" 2>&1
is "the whole one is accepted" "$? $(cat "$work/all")" "0 connect  place2"
sed '/"name": "office", "vendor/d; s/"gate", "vendor_id": 4662 },/"gate", "vendor_id": 4662 }/' \
    apps/car-park/vio.json >"$work/vio.json"
cp -r apps/car-park/modules "$work/modules"
"$semo" offer $lot --connection vio-office |
    "$semo" accept "$work/vio.json" --state "$work/vio" --operator-key "$work/vio.key" --connection office \
        --nodes "$holder" 2>"$work/err"
is "a node that the descriptor has not: exit code, one line" "$? $(cat "$work/err")" \
    "2 semo accept: office: the other end's node; declare it under nodes"
"$semo" offer $lot --connection free-gate 2>"$work/err"
is "what is not shared: exit code, one line" "$? $(cat "$work/err")" \
    "2 semo offer: free-gate: no shared connection of this name; give one by --connection"
"$semo" offer $lot --connection avl-place2 --out "$work/secret" >"$work/all"
is "an offer in a file: mode, nothing said" "$(stat -c %a "$work/secret") $(wc -c <"$work/all")" "600 0"
"$semo" output apps/car-park/avl.json --state "$work/avl" --operator-key "$work/avl.key" --connection gate \
    --nodes "$holder" 2>"$work/err"
is "a shared connection is nobody's to speak on: exit code" $? 2
runs avl output --connection place1
is "nor one that we receive: exit code, one line" "$? $(cat "$work/err")" \
    "2 semo output: place1: no direct connection of this name; give one by --connection"

# numbers and slots
offers() { # offers CONNECTION ARGUMENTS...: refused, and why
    "$semo" offer $lot --connection "$@" >"$work/all" 2>"$work/err"
    echo "$? $(cat "$work/err")"
}
for text in 0 32768 x; do
    is "--number $text: exit code, one line" "$(offers vio-gate --number $text)" \
        "2 semo offer: $text: not a connection number; write 1 to 32767"
done
is "a table that is full: said before anything is sent" "$(offers vio-gate --number 4000)" \
    "1 semo offer: vio-gate: GATE has no room for it: 3 of its 3 connection ends have keys; empty it by semo disable --module GATE and semo deploy, and give it spare_connections"
join vio vio-gate office
is "an offer for another connection of that module: exit code, one line" "$? $(cat "$work/err")" \
    "1 semo accept: office: VIO_SIGN has the number of this offer for gate already; accept it there, or empty it by semo disable --module VIO_SIGN and semo deploy"
ok "accepted where it belongs" join vio vio-gate gate

# who took a panel and died keeps it: until the lot's owner frees it, or its driver is loaded anew
"$semo" output $lot --connection free-gate --run 100 >"$work/all" 2>&1
owner avl accept --connection place2 --nodes "$holder" <"$work/secret" >"$work/all"
is "it is accepted from there" "$? $(cat "$work/all")" "0 connect  place2"
owner avl accept --connection place2 --nodes "$holder" <"$work/secret" 2>"$work/err"
is "once: exit code, one line" "$? $(cat "$work/err")" \
    "1 semo accept: standard input:1:1: an offer that was accepted before; keys are used once, have it offered again"
runs vio output --connection owner --arg 00
runs avl output --connection owner --arg 01
world run:3000
taken=$(last gate)
is "avl has the gate" "${taken% *}" "01 FREE"
runs avl disable --module AVL_SIGN
runs vio output --connection owner --arg 01
world run:3000
is "it ended, and the gate is still its" "$(last gate)" "$taken"
"$semo" output $lot --connection free-gate --run 100 >"$work/all" 2>&1
world run:1500
is "until the lot's owner frees it" "$(last gate)" "02 OVERSTAYED 3"
"$semo" disable $lot --module GATE >"$work/all" 2>&1
is "the driver ends" $? 0
"$semo" deploy $lot >"$work/all" 2>&1
is "and begins anew, waiting for keys" "$? $(grep -c '^waiting  ...-gate: shared; semo offer or semo accept keys it$' "$work/all")" "0 2"
shown=$(grep -c ' show gate' "$work/trace")
world run:3000
is "it hears nobody by the keys of before" "$(grep -c ' show gate' "$work/trace")" "$shown"
runs vio attest
is "vio is what it was" "$? $(grep -c 'epoch changed' "$work/all")" "0 0"
runs avl deploy
is "avl's sign begins anew" "$? $(grep -c '^waiting  gate: shared; semo offer or semo accept keys it$' "$work/all")" "0 1"
owner avl status >"$work/all"
is "status says what is waited for" "$(grep -c 'gate .*waiting for semo offer or semo accept$' "$work/all")" 1
ok "avl joins again" join avl avl-gate gate
world run:1500
is "and has the panel, which nobody had" "$(last gate)" "$taken"
ok "so does vio" join vio vio-gate gate
runs avl reset
is "avl ends all of its own, and resets nothing of others" "$? $(grep -c '^disable' "$work/all") $(grep -c '^kept ' "$work/all")" "0 4 4"
"$semo" output $lot --connection free-gate --run 100 >"$work/all" 2>&1
world run:1500
is "vio goes on" "$(last gate), $(last office)" "02 OVERSTAYED 3, 01 OVERSTAYED 3"
"$semo" down $lot
exec 3<&-
wait $up
is "down ends the nodes" $? 0
finish
