#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The systemd unit of stand-alone nodes, as systemd reads it.
. tests/deploy/tap.sh
unit=$work/semo-node@test.service
sed "s|@PREFIX@/bin|$PWD/build/bin|" mk/semo-node@.service >"$unit"
ok "it runs what is built" grep -q "^ExecStart=$PWD/build/bin/semo-node --config" "$unit"
if command -v systemd-analyze >/dev/null; then
    systemd-analyze verify --man=no "$unit" >"$work/out" 2>&1
    is "systemd-analyze verify" "$? $(cat "$work/out")" "0 "
    printf '\nNoSuchSetting=1\n' >>"$unit"
    systemd-analyze verify --man=no "$unit" >"$work/out" 2>&1
    ok "which would have said so" grep -q NoSuchSetting "$work/out"
else
    echo "ok 2 - systemd-analyze verify # SKIP no systemd-analyze here"
    number=2
fi
finish
