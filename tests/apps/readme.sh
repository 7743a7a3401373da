#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What apps/car-park/README.md tells people to type, typed; what it says that they see, seen.
. tests/deploy/tap.sh
readme=$PWD/apps/car-park/README.md
PATH=$PWD/build/bin:$PATH
mkdir "$work/apps"
cp -r apps/car-park "$work/apps/"
cd "$work" || exit 1
block() { # block N: the lines of the Nth block of it that is set off
    awk -v n="$1" '/^    / { if (!in_block) count++; in_block = 1 }
        !/^    / { in_block = 0 }
        in_block && count == n { print substr($0, 5) }' "$readme"
}
rough() { # without what differs from run to run
    sed 's/\([0-9]\)\.[0-9][0-9][0-9] /\1 /; s/ *$//'
}

block 2 >try
is "the first block is two commands" "$(grep -c '^printf\|^semo up' try)" 2
sh try >said 2>&1
is "they end well" $? 0
is "the panels show what it says" "$(grep ' show ' said | rough)" "$(block 3 | rough)"
sed -i '2i7 output avl-owner 00' day
semo up apps/car-park/descriptor.json --speed max --script day >said 2>&1
is "a panel that is released is dark, and taken by the other" "$(grep ' show gate' said | tail -n 3 | cut -c17- | rough)" \
    "gate ........ [                ] [                ]
gate ......*. [                ] [                ]
gate ......*. [OVERSTAYED 1    ] [                ]"

block 4 >first
block 5 >second
is "the first terminal switches the nodes on" "$(tail -n 1 first)" "semo up lot.json --only-nodes --trace trace"
mkfifo ready
sh first >ready 2>&1 &
up=$!
exec 3<ready
while read -r line <&3; do
    case $line in nodes*) break ;; esac
done
sh second >said 2>errors
is "the second one ends well" "$? $(cat errors)" "0 "
is "what waits, and what is connected" "$(grep -c '^waiting' said) $(tail -n 10 said | grep -c '^connect')" "14 6"
is "the panels show what it says" "$(tail -n 4 said | rough)" "$(block 6 | rough)"
(cd apps/car-park && semo down lot.json)
wait $up
is "down ends the nodes" $? 0
cd "$OLDPWD" || exit 1
finish
