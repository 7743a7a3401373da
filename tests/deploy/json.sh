#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every command with --json: one document on standard output and nothing else, whatever happens.
. tests/deploy/tap.sh
ping=tests/deploy/ping.json
seen=
json() { # json VERB ARGUMENTS...: standard output in $work/out, exit code in $code
    verb=$1
    seen="$seen $verb"
    "$semo" "$@" --json >"$work/out" 2>"$work/err"
    code=$?
}
at() { # at [PATH]: of the document
    build/tests/json_check "$@" <"$work/out" 2>&1
}
works() { # works NAME PATH WANTED
    is "$1: done" "$code $(at "$2")" "0 $3"
}
fails() { # fails NAME CODE: the document says what the line on standard error says
    is "$1: the code is in the document" "$code $(at error.code)" "$2 $2"
    is "$1: the line, too" "semo $verb: $(at error.text)" "$(tail -1 "$work/err")"
}

json init
works init operator_key "$XDG_CONFIG_HOME/semo/operator.key"
json init
fails "init, again" 3
json new "$work/hello"
works new folder "$work/hello"
json build $ping
works build modules.1.step built
json lint $ping
works lint warnings.0.word PING
json tcb $ping
ok "tcb: rows" test "$(at components.3.lines)" -gt 0
json graph $ping
ok "graph: the picture" sh -c 'build/tests/json_check svg <"$1" | xmllint --noout -' - "$work/out"
json graph $ping --out "$work/ping.svg"
works "graph --out" file "$work/ping.svg"
json cc -o "$work/hello.elf" tests/compat/hello.c
works cc output "$work/hello.elf"
json provision $ping
works provision nodes.0.provisioned true
json vendor-key a 4660
ok "vendor-key" sh -c 'echo "$1" | grep -qE "^[0-9a-f]{32}$"' - "$(at vendor_key)"
json status $ping
works status connections.3.name result
json attest $ping
fails "attest without nodes" 1
nodes_up $ping --json
json deploy $ping
works deploy modules.0.step connected
ok "its progress is on standard error" grep -q '^load ' "$work/err"
json attest $ping
ok "attest: an epoch" test "$(at modules.1.epoch)" -gt 0
json connect $ping
works connect connections.0.connected true
json output $ping --connection start --arg 0102
works output events.0.body 0203
json call $ping --module PING --entry count
works call answer 01
json request $ping --connection start
fails "a request over what only tells" 2
json call $ping --module NONE --entry count
fails "call of nothing" 2
json output $ping --connection 'no
such'
fails "a name with a newline" 2
json output $ping --connection "$(printf '\377\376')"
is "bytes that are no text" "$code $(at error.code)" "2 2"
json offer $ping --connection none
fails "an offer of nothing" 2
json accept $ping --connection none
fails "acceptance of nothing" 2
json logs $ping
works logs events.0.what "nodes run"
json disable $ping --module PONG
works disable modules.1.step linked
json reset $ping
works reset modules.0.step linked
json down $ping
is "down" "$code $(at)" "0 "
exec 3<&-
wait "$up"
echo '1 quit' >"$work/script"
json up $ping --script "$work/script"
works up application ping
json up tests/reject/descriptor/truncated.json
fails "up of what is no descriptor" 2
echo 00112233445566778899aabbccddeeff | "$semo" import-key $ping --node a --json >"$work/out" 2>"$work/err"
code=$? seen="$seen import-key"
works import-key node a
json status $ping --none
fails "an option that is none" 2
for wrong in --json=1 --state --state= --none=1; do
    verb=lint
    "$semo" lint $ping --json "$wrong" >"$work/out" 2>"$work/err"
    code=$?
    fails "lint $wrong" 2
done
"$semo" lint $ping --json=1 >"$work/out" 2>"$work/err"
code=$?
fails "--json=1 alone" 2
"$semo" lint $ping --state --json >"$work/out" 2>"$work/err"
code=$?
fails "an option for a value" 2
json lint --help
is "lint --help" "$code $(at help | head -1)" "0 usage: semo lint [options] DESCRIPTOR..."
json --help
is "--help" "$code $(at help | head -1)" "0 usage: semo VERB [options] [DESCRIPTOR...]"
json --version
is "--version" "$code $(at version)" "0 semo 0.1"
seen=$(echo "$seen" | sed 's/ --[a-z]*//g')
json status
fails "no file" 2
"$semo" none --json >"$work/out" 2>"$work/err"
is "no such command" "$? $(at error.code)" "2 2"
"$semo" build $ping --json >/dev/full 2>"$work/err"
is "nowhere to write to" "$? $(tail -1 "$work/err")" "3 semo: the output could not be written"
is "every verb was tried" "$(echo $seen | tr ' ' '\n' | sort -u)" \
    "$("$semo" --help | sed -n 's/^  \([a-z-]*\)  *[a-z].*/\1/p' | sort)"
finish
