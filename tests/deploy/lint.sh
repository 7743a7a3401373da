#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# semo lint: what a stranger can cause, with the path; what cannot be placed; nothing is started.
. tests/deploy/tap.sh
lint() {
    "$semo" lint "$@" --operator-key "$work/key" >"$work/out" 2>"$work/err"
}
lint meter/descriptor.json
is "the meter: exit code" $? 0
is "nobody can cause anything" "$(cat "$work/out")" \
    "meter: 7 modules, 15 connections, 3 flow rules hold, 0 warnings"
rm -rf "$work/state"
lint tests/deploy/lint/lint.json
is "a panel: exit code" $? 0
is "a stranger reaches the relay" "$(head -1 "$work/out")" \
    "tests/deploy/lint/lint.json:7:33: warning: PANEL: any stranger can call entry press at any time, and the relay can follow: PANEL.pressed > POLICY.panel_in, POLICY.command_out > RELAY.command_in"
lint tests/deploy/lint/lint.json --json
is "as JSON" "$(grep -c '"word": "PANEL"' "$work/out")" 1
is "no chip is made" "$(find "$work/state" -name '*.chip')" ""
rm -rf "$work/state"
lint tests/deploy/ping.json
is "an entry without consequence" "$(head -1 "$work/out" | sed 's/.*warning: //')" \
    "PING: any stranger can call entry count at any time; no physical output follows"
rm -rf "$work/state"
lint tests/reject/deploy/too-small-data.json
is "a node too small: exit code" $? 2
is "its line" "$(sed 's/needs [0-9]* bytes/needs N bytes/; s/and [0-9]* are free/and N are free/' "$work/err")" \
    "semo lint: tests/reject/deploy/$(sed -n 's/^up	too-small-data.json	//p' tests/reject/deploy/expected.txt)"
rm -rf "$work/state"
lint tests/reject/deploy/two-drivers.json
is "two drivers of one device: exit code" $? 2
rm -rf "$work/state"
lint tests/reject/descriptor/never-reached.json
is "a flow rule that is broken: exit code" $? 2
rm -rf "$work/state"
lint tests/deploy/lint/asking.json
is "requests: exit code" $? 0
is "a node that nobody can find" "$(sed -n 1p "$work/out")" \
    'tests/deploy/lint/asking.json:5:32: warning: far: has an address without a port; add deploy_port, or "emulated": true'
is "a period is the word of a stranger, and a request carries it on" "$(sed -n 2p "$work/out")" \
    "tests/deploy/lint/asking.json:20:54: warning: poll: any stranger can call entry poll at any time, not only every so often, and the relay can follow: PANEL.ask > DESK.answer, DESK.command_out > RELAY.command_in"
is "what another owner makes of it is unknown" "$(sed -n 3p "$work/out")" \
    "tests/deploy/lint/asking.json:20:54: warning: poll: any stranger can call entry poll at any time, not only every so often, and a module of another owner can follow: PANEL.ask > DESK.answer, DESK.command_out"
is "a reply carries it back, an acknowledgement nothing" "$(sed -n 4p "$work/out")" \
    "tests/deploy/lint/asking.json:10:32: warning: GUARD: any stranger can call entry tell at any time, and the relay can follow: GUARD.permit > DESK.may_i (reply), DESK.command_out > RELAY.command_in"
is "to another owner, too" "$(sed -n 5p "$work/out" | grep -c 'GUARD.permit > DESK.may_i (reply), DESK.command_out$')" 1
is "a driver that obeys strangers" "$(sed -n 6p "$work/out")" \
    "tests/deploy/lint/asking.json:12:33: warning: LAMP: any stranger can call entry set at any time; its module drives the front panel"
is "no more than these" "$(sed -n '7,$p' "$work/out")" \
    "asking: 5 modules, 4 connections, 1 flow rules hold, 6 warnings"
missing=
for field in $(sed -n 's/^unknown-field-.*; it has //p' tests/reject/descriptor/expected.txt | tr -d ,); do
    grep -q "\`$field\`" docs/descriptor.md || missing="$missing docs:$field"
    grep -q "^\.I[ct] .*\b$field\b" docs/man/semo-descriptor.5 || missing="$missing man:$field"
done
is "every field is described" "$missing" ""
finish
