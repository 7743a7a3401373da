#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The models of the protocol and of the policies: spin finds no attack on them, and one as soon as any
# rule is taken away. Prints TAP.
set -u
models=$(dirname "$0")
out=build/proofs/protocol
n=0

if ! command -v spin >/dev/null; then
    echo "ok 1 - the protocol's models # SKIP spin is not installed"
    echo "1..1"
    exit 0
fi
rm -rf "$out"
mkdir -p "$out"

# verify MODEL NAME FLAGS...: the number of errors in `errors`, of states in `states`
verify() {
    file=$models/$1.pml
    name=$2
    shift 2
    optimise=-O$((! $#)) # with a fault it is over soon
    (cp "$file" "$out/$name.pml" && cd "$out" && spin "$@" -a "$name.pml" >"$name.log" 2>&1 &&
        ${CC:-cc} $optimise -w -DSAFETY -o "$name" pan.c >>"$name.log" 2>&1 &&
        "./$name" -E -m20000 -w22 >>"$name.log" 2>&1)
    errors=$(sed -n 's/.*errors: *\([0-9]*\).*/\1/p' "$out/$name.log")
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$out/$name.log")
    broken=$(sed -n 's/.*assertion violated *\(.*\) (at depth.*/\1/p' "$out/$name.log")
}

report() { # report WHETHER TEXT
    n=$((n + 1))
    [ "$1" = 0 ] && echo "ok $n - $2" || { echo "not ok $n - $2"; sed 's/^/# /' "$out/$name.log" | tail -5; }
}

for model in protocol policies; do
    verify "$model" "$model"
    [ "$errors" = 0 ] && ! grep -q 'max search depth too small' "$out/$model.log"
    report $? "no attack on the $model, $states states"
    for fault in $(sed -n 's/.*[ (]FAULT_\([A-Z_]*\).*/\1/p' "$models/$model.pml" | sort -u); do
        verify "$model" "$model-$fault" "-DFAULT_$fault"
        [ "$errors" = 1 ] && [ -n "$broken" ]
        report $? "$model: without its rule, an attack: $fault ($broken)"
    done
done
echo "1..$n"
