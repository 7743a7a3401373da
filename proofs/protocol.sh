#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The protocol's model (protocol.pml): spin finds no attack on it, and one as soon as any rule is
# taken away. Prints TAP.
set -u
model=$(dirname "$0")/protocol.pml
out=build/proofs/protocol
faults=$(sed -n 's/.*[ (]FAULT_\([A-Z_]*\).*/\1/p' "$model" | grep -v '^$' | sort -u)
n=0

if ! command -v spin >/dev/null; then
    echo "ok 1 - the protocol's model # SKIP spin is not installed"
    echo "1..1"
    exit 0
fi
rm -rf "$out"
mkdir -p "$out"

# verify NAME FLAGS...: the number of errors in `errors`, of states in `states`
verify() {
    name=$1
    shift
    errors=none
    (cd "$out" && cp "$OLDPWD/$model" "$name.pml" && spin "$@" -a "$name.pml" >"$name.log" 2>&1 &&
        ${CC:-cc} -O2 -w -DSAFETY -DCOLLAPSE -o "$name" pan.c >>"$name.log" 2>&1 &&
        "./$name" -E -m20000 -w22 >>"$name.log" 2>&1)
    errors=$(sed -n 's/.*errors: *\([0-9]*\).*/\1/p' "$out/$name.log")
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$out/$name.log")
    broken=$(sed -n 's/.*assertion violated *\(.*\) (at depth.*/\1/p' "$out/$name.log")
}

report() { # report WHETHER TEXT
    n=$((n + 1))
    [ "$1" = 0 ] && echo "ok $n - $2" || { echo "not ok $n - $2"; sed 's/^/# /' "$out/$name.log" | tail -5; }
}

verify protocol
[ "$errors" = 0 ] && ! grep -q 'max search depth too small' "$out/protocol.log"
report $? "no attack on the protocol, $states states"
for fault in $faults; do
    verify "$fault" "-DFAULT_$fault"
    [ "$errors" = 1 ] && [ -n "$broken" ]
    report $? "without its rule, an attack: $fault ($broken)"
done
echo "1..$n"
