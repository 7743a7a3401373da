#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The page of apps/button-led, read by curl with the pinned certificate: a new connection each time.
set -eu
app=apps/button-led/descriptor.json
semo=build/bin/semo
work=$PWD/build/bench/page
rm -rf "$work" && mkdir -p "$work"
export XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
command -v curl >/dev/null || { echo "curl is not installed: not measured" && exit 0; }
mkfifo "$work/up" "$work/web"
$semo up $app --only-nodes >"$work/up" 2>&1 &
up=$!
exec 3<"$work/up"
while read -r line <&3 && [[ $line != nodes* ]]; do :; done
$semo deploy $app >"$work/log" 2>&1
build/bin/semo-web "$XDG_STATE_HOME/semo/button-led" WEB >"$work/web" &
web=$!
trap 'kill $web; $semo down $app >/dev/null; wait $up' EXIT
read -r url <"$work/web"
{
    echo "-----BEGIN CERTIFICATE-----"
    $semo request $app --connection certificate | tr a-f A-F | basenc --base16 -d | base64
    echo "-----END CERTIFICATE-----"
} >"$work/pin"
for _ in {1..41}; do
    curl -sS --cacert "$work/pin" -o "$work/page" -w '%{time_connect} %{time_appconnect} %{time_total}\n' "$url"
done >"$work/times"
grep -q 'pressed <b>0</b> times' "$work/page"
median() { # median NAME AWK-EXPRESSION
    awk "{ print 1000 * ($2) }" "$work/times" | sort -n | sed -n 21p |
        xargs printf "%-58s %10.2f ms\n" "$1"
}
# shellcheck disable=SC2016 # of awk
median "TLS handshake with a module, new connection, median of 41" '$2 - $1'
# shellcheck disable=SC2016
median "page from a module, COUNTER asked, handshake included" '$3'
