#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An application that runs gets modules and connections, loses one module, and ends; what is not
# concerned runs on with its keys.
. tests/deploy/tap.sh
grow=tests/deploy/grow
state=$XDG_STATE_HOME/semo/grow
runs() { # runs VERB FILE ARGUMENTS...: output in $work/out and $work/err, exit code in $code
    verb=$1 file=$2
    shift 2
    "$semo" "$verb" "$grow/$file.json" "$@" >"$work/out" 2>"$work/err"
    code=$?
}
did() { # did WORD: the names behind that word of progress, sorted
    sed -n "s/^$1 *\([A-Za-z]*\).*/\1/p" "$work/out" | sort | tr '\n' ' '
}
answers() { # answers FILE HEX: what comes back, sorted
    "$semo" output "$grow/$1.json" --connection start --arg "$2" | cut -d' ' -f2- | sort | tr '\n' ' '
}
epoch() { # epoch FILE MODULE
    "$semo" status "$grow/$1.json" --json | awk -v m="\"$2\"," '/"name"/ { n = $2 } /"epoch"/ && n == m { print $2 }'
}
line() { # line NAME CODE TEXT: that failed, with this one line
    is "$1" "$code $(cat "$work/err")" "$2 semo $verb: $3"
}

anew() { # the nodes are switched off and on
    "$semo" down $grow/grow.json
    exec 3<&-
    wait "$up"
    nodes_up $grow/grow.json
}

nodes_up $grow/grow.json
runs deploy grow
is "two modules" "$code $(did load)$(did connect)" "0 PING PONG ping pong result start "
is "answer" "$(answers grow 01)" "result 02 "
ping=$(epoch grow PING) pong=$(epoch grow PONG)
runs deploy more
is "a third one: only it is loaded" "$code $(did load)" "0 ECHO "
is "only its connections get keys" "$(did connect)" "ask back there "
is "the others are the same" "$(epoch more PING) $(epoch more PONG)" "$ping $pong"
is "all work" "$(answers more 01)" "result 01 result 02 "
runs request more --connection ask --arg 0709
is "a request is answered" "$code $(cat "$work/out")" "0 080a"
runs request more --connection ask --arg 07 --out "$work/reply"
is "into a file" "$code $(od -An -tx1 "$work/reply")" "0  08"
runs request more --connection start --arg 07
line "a request over what only tells" 2 "start: not a request and not acknowledged; use semo output"
runs request more --connection result --arg 07
line "a request against the stream" 2 "result: no direct connection of this name; give one by --connection"
runs deploy most
is "no room left in two of them: they begin anew" "$code $(did rebuild)" "0 ECHO PONG "
is "they are loaded" "$(did load)" "ECHO PONG "
is "the one with spare room is the same" "$(epoch most PING)" "$ping"
is "what is theirs gets new keys, the rest none" "$(did connect)" "ask back ping pong there third "
is "all work again" "$(answers most 01)" "result 01 result 02 result 02 "
runs deploy most
is "nothing is left to do" "$code $(did load)$(did connect)" "0 "

runs deploy grow
line "a module has left the descriptor, and runs" 2 \
    "$grow/grow.json: module ECHO runs on b, and the descriptor no longer says so; bring it back, and end it with semo disable before you take it away"
runs deploy more
line "a connection has" 2 \
    "$grow/more.json: connection third (ECHO.echo_out > PONG.ping_in, newest, spongent) is in use, and the descriptor no longer has it; bring it back, and end one of its modules with semo disable before you take it away"
mkdir "$work/changed" && cp -r tests/deploy/ping $grow "$work/changed"
sed -i 's/"ECHO", "from_output": "echo_out"/"PING", "from_output": "result_out"/' "$work/changed/grow/most.json"
"$semo" deploy "$work/changed/grow/most.json" >"$work/out" 2>"$work/err"
is "a connection has become another one" "$? $(grep -c 'connection third .* is in use' "$work/err")" "2 1"
runs disable most --module ECHO
is "disable" "$code $(did disable)" "0 ECHO "
runs disable most --module ECHO
line "disable again" 1 "ECHO: not loaded; run semo deploy"
runs disable most --module NONE
line "disable of nobody" 2 "NONE: no module of this name; give one by --module"
is "the others work" "$(answers most 01)" "result 02 "
runs request most --connection ask --arg 07
line "a request to who has ended" 1 "ask: not a connected direct connection of the deployer; run semo connect"
runs deploy grow
is "and it may leave the descriptor" "$code $(did load)$(did connect)" "0 "
is "nobody has noticed" "$(answers grow 01) $(epoch grow PING)" "result 02  $ping"
runs deploy most
is "and come back" "$code $(did load)$(did connect)" "0 ECHO ask back there third "
is "everything works" "$(answers most 01)" "result 01 result 02 result 02 "

runs attest most
is "the same epochs" "$code $(grep -c 'epoch changed' "$work/out")" "0 0"
runs reset most
is "reset: all end, all nodes begin anew" "$code $(did disable)$(did reset)" "0 ECHO PING PONG a b "
runs deploy most
is "deploy after a reset" "$code $(did load)" "0 ECHO PING PONG "
is "everything works" "$(answers most 01)" "result 01 result 02 result 02 "
anew

# behind the back of an owner everything is loaded anew, in the same places
runs deploy most
cp -r "$state" "$work/before"
anew
runs deploy most
runs attest most --state "$work/before" --nodes "$state"
line "who was not told notices it" 1 "ECHO: epoch changed: it was loaded anew, and knows no keys; run semo connect"
is "of each module" "$(grep -c 'epoch changed$' "$work/out")" 3
"$semo" status $grow/most.json --state "$work/before" --json >"$work/status"
is "and connects nothing by itself" "$(grep -c '"connected": true' "$work/status")" 0
runs attest most
is "who was told, does not" "$code $(grep -c 'epoch changed' "$work/out")" "0 0"
"$semo" down $grow/grow.json
exec 3<&-
wait "$up"
is "down ends the nodes" $? 0
finish
