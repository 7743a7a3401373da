#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The example of each verb's --help, as it is typed, one after the other; with nodes where it needs some.
. tests/deploy/tap.sh
here=$PWD
PATH=$here/build/bin:$PATH
ln -s "$here/apps" "$here/tests" "$work"
cd "$work" || exit 1
semo=semo
seen=
typed() { # typed VERB...: their examples
    for verb in "$@"; do
        seen="$seen $verb"
        line=$(semo "$verb" --help | sed -n 's/^example: //p')
        sh -c "$line" >"$work/out" 2>"$work/err"
        is "$line" "$? $(cat "$work/err")" "0 "
    done
}
typed init new lint build graph tcb provision vendor-key import-key status
"$semo" up --help | grep -q '^example: semo up hello/descriptor.json --only-nodes$'
is "semo up: of nodes that wait for the next commands" $? 0
seen="$seen up"
nodes_up hello/descriptor.json
typed deploy attest connect output
is "the output arrives" "$(cut -d' ' -f2- "$work/out")" "shown 0100"
typed disable reset logs down
exec 3<&-
wait "$up"
typed cc
nodes_up apps/button-led/descriptor.json
semo deploy apps/button-led/descriptor.json >"$work/out" 2>&1
typed call request
semo down apps/button-led/descriptor.json
exec 3<&-
wait "$up"
seen="$seen offer accept" # tests/apps/owners.sh
is "every verb was tried" "$(echo "$seen" | tr ' ' '\n' | sed '/^$/d' | sort)" \
    "$(semo --help | sed -n 's/^  \([a-z-]*\)  *[a-z].*/\1/p' | sort)"
finish
