#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A module on a Linux node and one on an emulated microcontroller: round trip of a 64-byte event in
# virtual time, from the Linux module's seal to the moment its answer is back at its node, and how
# much of that the link alone takes (115,200 baud, every byte and its SLIP escapes, both directions).
set -eu
work=build/bench/mixed
semo=build/bin/semo
rm -rf $work && mkdir -p $work
cat >$work/app.json <<APP
{"name": "mixed",
 "nodes": [{"type": "linux", "name": "near", "vendor_id": 1, "latency_us": 87},
           {"type": "sancus", "name": "far", "vendor_id": 1, "latency_us": 87}],
 "modules": [{"type": "linux", "name": "PING", "node": "near", "files": ["$PWD/tests/deploy/ping/ping.c"]},
             {"type": "sancus", "name": "PONG", "node": "far", "files": ["$PWD/tests/deploy/ping/pong.c"]}],
 "connections": [
  {"name": "start", "direct": true, "to_module": "PING", "to_input": "start_in"},
  {"name": "ping", "from_module": "PING", "from_output": "ping_out", "to_module": "PONG", "to_input": "ping_in"},
  {"name": "pong", "from_module": "PONG", "from_output": "pong_out", "to_module": "PING", "to_input": "pong_in"},
  {"name": "result", "direct": true, "from_module": "PING", "from_output": "result_out"}]}
APP
body=$(printf '%0128d' 0)
for i in 0 1 2 3 4 5 6 7 8 9 10; do
    echo "$i output start $body"
done >$work/script
echo "12 quit" >>$work/script
$semo up $work/app.json --weak --state $work/state --operator-key $work/key --script $work/script \
    --trace $work/trace >$work/out 2>&1
# cycles of 20 MHz; 1,736 a byte; a frame has two ENDs, C0 and DB take two bytes
awk 'function wire(hex,    i, b, n) {
         n = 2
         for (i = 1; i < length(hex); i += 2) {
             b = substr(hex, i, 2)
             n += b == "c0" || b == "db" ? 2 : 1
         }
         return n
     }
     $2 == "frame" && $3 == "near" && $4 == "far" && $5 ~ /^10/ { sent = $1; line = wire($5) }
     $2 == "frame" && $3 == "far" && $4 == "near" && $5 ~ /^10/ && sent {
         print ($1 + 1740 - sent) / 20, (line + wire($5)) * 1736 / 20
         sent = 0
     }' $work/trace | sort -n >$work/trips
[ "$(wc -l <$work/trips)" -ge 10 ]
awk '{ whole[NR] = $1; line[NR] = $2 }
     END {
         m = int((NR + 1) / 2)
         printf "%-58s %10s %-5s %10s\n", "Linux module and emulated Sancus module, 64 bytes", "measured", "", "published"
         printf "%-58s %10.2f %-5s %10s\n", "round trip, virtual time, median of " NR, whole[m] / 1000, "ms", "244"
         printf "%-58s %10.2f %-5s\n", "   of that the link, both directions", line[m] / 1000, "ms"
         printf "%-58s %10.2f %-5s\n", "   the rest: SPONGENT, two modules, two event managers", (whole[m] - line[m]) / 1000, "ms"
     }' $work/trips
