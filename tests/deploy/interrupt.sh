#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A build that is interrupted leaves no compiler behind, and none of its children.
. tests/deploy/tap.sh
mkfifo "$work/never"
cat >"$work/compiler" <<S
#!/bin/sh
cat "$work/never" &
echo \$\$ \$! >"$work/pids.new"
mv "$work/pids.new" "$work/pids"
wait
S
chmod +x "$work/compiler"
alive() { # alive PID...: is one of them, and no zombie?
    for pid in "$@"; do
        grep -qs '^State:.*[RSDT] (' "/proc/$pid/status" && return 0
    done
    return 1
}
for code in 2 15 1; do
    signal=$(kill -l $code)
    rm -f "$work/pids"
    CLANG="$work/compiler" env --default-signal="$signal" "$semo" build tests/deploy/ping.json --state "$work/state" >/dev/null 2>&1 &
    build=$!
    until [ -s "$work/pids" ]; do :; done
    read -r compiler child <"$work/pids"
    kill -"$signal" $build
    wait $build
    is "SIG$signal: semo ends by it" $? $((128 + code))
    limit=$(($(date +%s) + 10)) # a killed process may take a moment to be gone
    while alive "$compiler" "$child" && [ "$(date +%s)" -lt $limit ]; do :; done
    is "SIG$signal: and nobody is left" "$(alive "$compiler" "$child" && echo somebody)" ""
    kill -KILL "$compiler" "$child" 2>/dev/null
done
finish
