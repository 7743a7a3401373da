#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A hundred built Linux modules in a chain: loaded, attested and connected, CPU time of all processes.
set -eu
state=build/bench/hundred
semo=build/bin/semo
options="--state $state/state --operator-key $state/operator.key"
rm -rf $state && mkdir -p $state
echo "0 quit" >$state/quit
modules='' connections=''
for ((i = 0; i < 100; i++)); do
    printf '#include <semo/module.h>\nSM_OUTPUT(M%d, out);\nSM_INPUT(M%d, in, data, len)\n{\n    out(data, len);\n}\n' \
        "$i" "$i" >$state/m$i.c
    modules+="${modules:+,}{\"type\":\"linux\",\"name\":\"M$i\",\"files\":[\"m$i.c\"],\"node\":\"n\"}"
    [ "$i" = 0 ] || connections+="${connections:+,}{\"from_module\":\"M$((i - 1))\",\"from_output\":\"out\",\"to_module\":\"M$i\",\"to_input\":\"in\"}"
done
echo "{\"name\":\"hundred\",\"nodes\":[{\"type\":\"linux\",\"name\":\"n\",\"vendor_id\":7}],\"modules\":[$modules],\"connections\":[$connections]}" \
    >$state/hundred.json
$semo init --operator-key $state/operator.key >/dev/null
# shellcheck disable=SC2086 # several words
$semo build $state/hundred.json $options >/dev/null

cpu() { # cpu COMMAND...: user + system seconds of it and everything it waited for
    local TIMEFORMAT='%U %S'
    { time "$@" >$state/out 2>$state/err; } 2>&1 | awk '{ print $1 + $2 }'
}
# shellcheck disable=SC2086
seconds=$(for _ in 1 2 3; do
    cpu $semo up $state/hundred.json $options --script $state/quit --speed max --headless
done | sort -n | sed -n 2p)
[ "$(grep -c ^attest $state/out)" = 100 ]
awk -v v="$seconds" 'BEGIN { printf "%-58s %10s %-5s %10s  %s\n", "deploy, attest and connect 100 built Linux modules, CPU", v,
    "s", 5, v <= 5 ? "within" : "OVER" }'
