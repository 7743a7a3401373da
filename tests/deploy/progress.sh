#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A command that takes its time says so on a terminal.
. tests/deploy/tap.sh
mkfifo "$work/gate" "$work/said"
cat >"$work/compiler" <<S
#!/bin/sh
[ -e "$work/open" ] || cat "$work/gate"
exec "${CLANG:-clang-14}" "\$@"
S
chmod +x "$work/compiler"
CLANG="$work/compiler" script -qefc "$semo lint tests/deploy/ping.json" "$work/said" >/dev/null 2>&1 </dev/null &
at_work=$!
exec 3<"$work/said"
seen=
while read -r line <&3; do
    case $line in
    *'semo lint: at work for 2 s'*)
        seen=yes
        break
        ;;
    esac
done
is "lint waits for a compiler, and says so" "$seen" yes
touch "$work/open"
: >"$work/gate"
is "then it ends well" "$(grep -c ' warnings' <&3)" 1
wait $at_work
is "with 0" $? 0
finish
