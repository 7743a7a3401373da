# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# For the scripts beside it: a folder of their own, TAP lines, the plan at the end.
set -u
number=0
mkdir -p build/tests
work=$PWD/$(mktemp -d build/tests/work.XXXXXX)
trap 'rm -rf "$work"' EXIT
export XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state"
semo=build/bin/semo
ok() { # ok NAME COMMAND...: passes when the command does
    name=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
    fi
}
is() { # is NAME GOT WANTED
    number=$((number + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        printf '# got:    %s\n# wanted: %s\n' "$2" "$3"
    fi
}
# nodes_up ARGUMENTS...: semo up --only-nodes as process $up; goes on when the nodes wait. What they
# say comes from descriptor 3.
nodes_up() {
    rm -f "$work/ready"
    mkfifo "$work/ready"
    "$semo" up "$@" --only-nodes >"$work/ready" 2>&1 &
    up=$!
    exec 3<"$work/ready"
    while read -r line <&3; do
        case $line in nodes*) break ;; esac
    done
}
finish() {
    echo "1..$number"
}
