#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A published descriptor runs: drivers on microcontrollers, modules on Linux, SPONGENT and AES,
# periodic events, requests, flags. Only "emulated" is added, since its nodes have addresses.
. tests/deploy/tap.sh
cp -r tests/deploy/published/button-led "$work/button-led"
app=$work/button-led/descriptor.json
sed -i 's/"host"/"emulated": true, "host"/' "$app"
printf '2 request init-server 00\n4 request init-server 00\n5 quit\n' >"$work/script"
"$semo" up "$app" --headless --script "$work/script" >"$work/out" 2>"$work/err"
is "exit code" $? 0
is "every module attested" "$(grep -c '^attest' "$work/out")" 5
is "every connection made" "$(grep -c '^connect' "$work/out")" 5
is "the first reply knows nothing yet" "$(sed -n 's/.* reply init-server //p' "$work/out" | head -1)" 00
ok "the second one knows how often the driver was called" \
    test "$(sed -n 's/.* reply init-server //p' "$work/out" | sed -n 2p)" -gt 0
is "what has no meaning here is named" "$(grep -c 'warning: not used' "$work/err")" 4
is "both keys in clear" "$(grep -c 'warning: a key in clear' "$work/err")" 2
sed -i 's/-DLED_FIRST=1/-DLED_FIRST=3/' "$app"
"$semo" build "$app" >"$work/again" 2>"$work/err"
size() { # size FILE: of the driver's text; 3 is no constant that the instruction set has for free
    awk '/^build *led_driver/ { print $3 }' "$1"
}
ok "a macro is measured with the text" test "$(size "$work/again")" -gt "$(size "$work/out")"
finish
