#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every goal of machine/access.c (docs/proofs.md). Prints TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
work=build/proofs/access limit=60 # more than enough on a busy machine: the slowest takes half a second
. proofs/wp.sh
log=$work/log
wp $log machine/access.c
code=$?
awk -v limit=$limit '
    function seconds(t) { return t ~ /ms$/ ? t / 1000 : t ~ /min/ ? limit : t + 0 }
    / Goal .*: Valid/ {
        valid++
        for (i = 1; i <= NF; i++) {
            t = $i; gsub(/[()]|Qed:/, "", t)
            if ($i ~ /^\([0-9.]+m?s\)$/ && seconds(t) > slowest) { slowest = seconds(t); name = $4 == "Goal" ? $5 : $4 }
        }
    }
    /Proved goals:/ { proved = $4; all = $6 }
    END { printf "# %d of %d goals proved, the slowest in %.2f s of %d (%s)\n", proved, all, slowest, limit, name
          exit !(all > 300 && proved == all && valid == all) }' $log
[ $? = 0 ] && [ $code = 0 ] && verdict=ok || verdict='not ok'
echo "$verdict 1 - the access function keeps the policy: every goal is proved"
[ "$verdict" = ok ] || grep -E '\[(Failed|Timeout|Unknown|Unsuccess)\] Goal|rror' $log | head -20 | sed 's/^/# /'
echo "1..1"
[ "$verdict" = ok ]
