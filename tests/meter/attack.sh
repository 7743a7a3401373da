#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `semo up` with the attacker where event manager or loader should be.
. tests/meter/tap.sh

rows 1 5
echo '30 disable' >"$work/script"
for node in node1 node2 utility; do
    manager=build/mcu/hostile.elf
    [ $node != utility ] || manager=build/bin/hostile-em
    rm -f "$state"/*.chip "$state"/nodes.sealed
    up --event-manager $node=$manager --data "$work/data.csv" --script "$work/script" --trace "$work/trace" --json
    is "hostile $node from the start: the run ends well" $code 0
    for kind in dropped replayed forged corrupted refused; do
        ok "hostile $node: $kind some" test "$(field $kind)" -gt 0
    done
    is "hostile $node: none accepted" "$(field accepted)" 0
    is "hostile $node: the order was obeyed once, and acknowledged" "$(grep -c ' pin ' "$work/trace") $(field acknowledged)" "1 1"
    sed -n 's/^/# /; $p' "$work/out"
done

cat >"$work/script" <<'S'
10 attack on
20 disable
150 attack off
230 enable
S
rm -f "$state"/*.chip "$state"/nodes.sealed
up --data "$work/data.csv" --script "$work/script" --trace "$work/trace" --json
sed -n 's/^/# /; $p' "$work/out"
is "attack on all, and off: the run ends well" $code 0
is "nothing was accepted" "$(field accepted)" 0
is "both orders were acknowledged" "$(field acknowledged) $(field failed)" "2 0"
is "and obeyed once each" "$(grep -c ' pin ' "$work/trace")" 2
is "the register has caught up, exactly" "$(field import_wh) Wh + $(field remainder_ws) Ws" "$(expected)"

# A loader that lies: what it loaded is found out.
for node in node1 utility; do
    manager=build/mcu/lying.elf
    [ $node != utility ] || manager=build/bin/lying-em
    rm -f "$state"/*.chip "$state"/nodes.sealed
    up --event-manager $node=$manager --data "$work/data.csv" --headless
    is "lying loader on $node: exit 1" $code 1
    is "one line" "$(wc -l <"$work/err")" 1
    module=$(sed -n 's/^FAILED *\([A-Z_]*\): .*/\1/p' "$work/out" | head -1)
    ok "it names the module ($module)" grep -q "^semo up: $module: " "$work/err"
    is "the other six are attested" "$(grep -c '^attest ' "$work/out")" 6
    lacks "nothing is connected to $module" out "connect  $module."
    $semo status "$app" --state "$state" --operator-key "$key" --json >"$work/status"
    # a provisioned module that differs is refused by the chip, another one by its attestation
    ok "status says so" sh -c 'grep -A2 "\"name\": \"$2\"" "$1" | grep -Eq "\"step\": \"(loaded|enabled)\"" &&
        grep -A3 "\"name\": \"$2\"" "$1" | grep -q "\"failed\": true"' - "$work/status" "$module"
    is "no connection of $module counts" "$(awk -v m="\"$module\"" '/"from_module"|"to_module"/ && index($0, m) { of = 1 }
        /"connected": true/ && of { n++ } /^  }/ { of = 0 } END { print n + 0 }' "$work/status")" 0
done
up --data "$work/data.csv" --json
is "the honest loader back: one semo up" "$code $(field import_wh)" "0 $(field expected_wh)"
finish
