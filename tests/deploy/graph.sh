#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# semo graph: well-formed, complete, the same bytes each time.
. tests/deploy/tap.sh
svg=$work/meter.svg
"$semo" graph meter/descriptor.json --out "$svg"
is "exit code" $? 0
ok "well-formed XML" xmllint --noout "$svg"
is "a box for each module and the deployer" "$(grep -c 'class="trusted"' "$svg")" 8
is "a box for each node" "$(grep -c 'class="node"' "$svg")" 3
connections=$("$semo" status meter/descriptor.json | grep -c '^connection')
is "an arrow for each connection" "$(grep -c 'class="connection"' "$svg")" "$connections"
is "the wire" "$(grep -c 'class="wire"' "$svg")" 1
is "names are escaped" "$(xmllint --xpath 'string(//*[local-name()="path"]/*[local-name()="title"][contains(., ">")][1])' "$svg" | grep -c '>')" 1
asking=$work/asking.svg
"$semo" graph tests/deploy/lint/asking.json --out "$asking"
ok "requests: well-formed XML" xmllint --noout "$asking"
is "a reply for each request" "$(grep -c 'class="reply"' "$asking")" 2
is "policies as labels" "$(sed -n 's/.*class="policy".*>\([a-z]*\)<.*/\1/p' "$asking" | sort | uniq -c | tr -s ' \n' ' ')" \
    " 1 acknowledged 2 request "
is "a shade for each owner" "$(grep -o 'style="fill:[^;]*' "$asking" | sort -u | wc -l)" 3
is "and a box for one whose modules are not here" "$(grep -c '>another owner<' "$asking")" 1
is "who drives an actuator" "$(grep -c 'stroke-width:3"' "$asking")" 2
"$semo" graph meter/descriptor.json | cmp -s - "$svg"
is "on standard output, the same bytes" $? 0
"$semo" graph meter/descriptor.json --out "$work/no/such/place" 2>"$work/said"
is "a place that cannot be written: exit code" $? 3
is "in one line" "$(wc -l <"$work/said")" 1
finish
