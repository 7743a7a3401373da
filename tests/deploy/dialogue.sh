#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Requests, acknowledged and strict connections between two modules and with the deployer, on every
# pair of back ends; bodies from nothing to 1,024 bytes on every path.
. tests/deploy/tap.sh
sizes='0 1 2 17 64 65 255 1023 1024'
cp -r tests/deploy/dialogue "$work"
$semo init >/dev/null

bytes() { # bytes N ADD: N bytes in hexadecimal
    local i
    for ((i = 0; i < $1; i++)); do printf '%02x' $(((i * 7 + $2) % 256)); done
}
said() { # said CONNECTION: its bodies in $work/out
    awk -v c="$1" '$2 == c { print $3 }' "$work/out"
}
say() { # say CONNECTION HEX
    $semo output "$file" --connection "$1" --arg "$2" --run 2500 >"$work/out" 2>&1
}
pair() { # pair A B: the types of the two nodes
    file=$work/dialogue-$1-$2.json
    sed -e "/\"a\"/ s/sancus/$1/; /\"b\"/ s/sancus/$2/; s/\"dialogue\"/\"dialogue-$1-$2\"/" \
        tests/deploy/dialogue.json >"$file"
    nodes_up "$file"
    $semo deploy "$file" >"$work/out" 2>&1
    is "$1 asks $2: deployed" $? 0
    good=0 wanted=0
    for n in $sizes; do
        wanted=$((wanted + 2))
        say ask "$(bytes "$n" 3)"
        [ "$(said answer)" = "$(bytes "$n" 4)" ] && good=$((good + 1))
        [ "$(said status)" = 0000 ] && good=$((good + 1))
    done
    is "$1 asks $2: answers of $sizes bytes" $good $wanted
    for n in 0 1023 1024; do
        say say-line "$(bytes "$n" 0)"
        $semo request "$file" --connection say-tell --arg "$(bytes "$n" 0)" >"$work/out" 2>&1
        say cancel "" # time passes
    done
    is "$1 tells $2: each arrived once" "$($semo request "$file" --connection heard)" 0303
    $semo disable "$file" --module ANSWER >"$work/out" 2>&1
    is "$1 and $2: the one asked is disabled" $? 0
    $semo output "$file" --connection ask --arg 01 --run 3500 >"$work/out" 2>&1
    is "$1 learns that nobody answers" "$(said status)" 000e
    $semo down "$file"
    wait $up
}
pair sancus linux
pair linux linux
pair linux sancus
[ -n "${QUICK:-}" ] || pair sancus sancus
finish
