#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Kill -9 of each host process at every state-file write and child start, at every fifth of those of a
# build from nothing, and at 60 seeded frames (SOAK=1: every one): the next semo up works, and nothing sealed in the two runs shares key and
# nonce, no connection key or epoch serves twice. SEMO_SEED= chooses the frames.
. tests/deploy/tap.sh
kill=tests/deploy/kill.json
seed=${SEMO_SEED:-1} frames=60 weak=
echo "# seed $seed"
echo '0.2 quit' >"$work/script"
$semo init --operator-key "$work/key" >/dev/null

up() { # up STATE LOG [ENVIRONMENT...]: the exit code
    state=$1 log=$2
    shift 2
    # shellcheck disable=SC2086 # no word or one
    env "$@" $semo up $kill $weak --state "$state" --operator-key "$work/key" --script "$work/script" --seal-log "$log" \
        >"$work/out" 2>"$work/err"
}

restore() { # restore warm|cold: a state with chips of nobody; cold: nothing is compiled
    rm -rf "$work/state" "$work"/run?*
    cp -a "$work/base" "$work/state" && rm -f "$work/state"/*.sealed "$work/state"/*.chip
    [ "$1" = warm ] || rm -rf "$work/state/objects"
}
count() { # count warm|cold PATTERN: the points of such a run
    grep -E "^semo(-node|-monitor)?:($2)\$" "$work/calls.$1" | sort | uniq -c |
        awk -v how="$1" '{ for (i = 1; i <= $1; i++) print how ":" $2 ":" i }'
}

exec 2>"$work/shell" # the shell's own lines about killed children
up "$work/state" "$work/seal" || weak=--weak # a container may refuse namespaces
[ -z "$weak" ] || up "$work/state" "$work/seal"
cp -a "$work/state" "$work/base"
preload="LD_PRELOAD=$PWD/build/tests/kill_at.so"
for how in warm cold; do
    restore $how
    up "$work/state" "$work/seal" "$preload" SEMO_KILL_COUNT="$work/calls.$how"
    is "nobody killed, $how: up works" $? 0
done
every=$(count warm frame)
[ -z "${SOAK:-}" ] || frames=1000000 # all of them, in an order of the seed, until SOAK_END
points="$(count warm 'file|child') $(count cold 'file|child' | awk -v all="${SOAK:-}" 'all || NR % 5 == 0') $(
    echo "$every" | awk -v seed="$seed" -v n=$frames '
    BEGIN { srand(seed) } { line[NR] = $0 }
    END { for (i = 0; i < n && NR > 0; i++) { k = 1 + int(rand() * NR); print line[k]; line[k] = line[NR--] } }')"

# log lines: cycle, node, module, hash of the key, associated data; module 0 is unprotected code
reused() { # reused LOG...: prints what was used twice
    cat "$@" 2>/dev/null | awk '$3 != "0" || $2 == "deployer" { print $4, $5 }' | sort | uniq -d |
        sed 's/^/# key and associated data twice: /'
    for log in "$@"; do
        [ -f "$log" ] && awk -v run="$log" '
            $5 ~ /^11/ && $2 != "deployer" { print "key", $4, run, $2, $3 }
            $5 ~ /^1400/ { print "epoch", substr($5, 5, 16), substr($5, 53, 16), run, $2, $3 }' "$log" | sort -u
    done | awk '{ id = $1 == "key" ? $2 : $2 " " $3; if (seen[id]++) print "# " $1 " twice: " id }'
}

killed=0 survived=0 bad=0 reuse=0
for point in $points; do
    [ "$(date +%s)" -lt "${SOAK_END:-9999999999}" ] || break
    restore "${point%%:*}"
    up "$work/state" "$work/run1" "$preload" SEMO_KILL="${point#*:}"
    [ $? = 0 ] && survived=$((survived + 1)) || killed=$((killed + 1))
    if ! up "$work/state" "$work/run2"; then
        bad=$((bad + 1))
        echo "# after $point: $(cat "$work/err")"
    fi
    found=$(reused "$work/run1" "$work/run1.deployer" "$work/run2" "$work/run2.deployer")
    [ -z "$found" ] || {
        reuse=$((reuse + 1))
        echo "# after $point:"
        echo "$found"
    }
done
echo "# $((killed + survived)) points, $killed runs ended by the kill, $survived went on"
ok "most kills end the run" test "$killed" -ge $(((killed + survived) * 3 / 4))
is "semo up works after each" $bad 0
is "no key, epoch or nonce served twice" $reuse 0

# new chips: the old ones and their keys stay in force, or there are none
again() { # again [ENVIRONMENT...]
    rm -rf "$work/state" && cp -a "$work/base" "$work/state"
    env "$@" $semo provision $kill --again --state "$work/state" --operator-key "$work/key" >"$work/out" 2>"$work/err"
}
mixed() { # are chips there that nodes.sealed does not know?
    cmp -s "$work/base/nodes.sealed" "$work/state/nodes.sealed" || return 1
    for chip in "$work/base"/*.chip; do
        cmp -s "$chip" "$work/state/${chip##*/}" || return 0
    done
    return 1
}
again "$preload" SEMO_KILL_COUNT="$work/calls.again"
is "provision --again" "$? $(mixed && echo mixed)" "0 "
points=$(count again file) bad=0 tried=0
for point in $points; do
    again "$preload" SEMO_KILL="${point#*:}"
    tried=$((tried + 1))
    mixed && bad=$((bad + 1)) && echo "# after $point: new chips, old keys"
done
ok "killed at each of $tried writes" test "$tried" -gt 3
is "no chip is there whose key nobody has" $bad 0
again CLANG=/bin/false
is "a build that fails throws nothing away" "$? $(diff -rq -x objects -x status.json "$work/base" "$work/state")" "1 "
finish
