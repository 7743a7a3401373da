#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The example of the library prints what examples/machine.txt shows.
set -u
number=0 failed=0
out=build/logs/example_machine.out
mkdir -p build/logs
report() { # report STATUS NAME
    number=$((number + 1))
    if [ "$1" = 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=1
    fi
}
build/examples/machine build/bench/programs/crc.elf >$out 2>&1 && diff examples/machine.txt $out
report $? "examples/machine.c prints what its page says"
! build/examples/machine README.md >$out 2>&1 && [ "$(wc -l <$out)" = 1 ]
report $? "a bad image gives one line"
[ "$(wc -l <examples/machine.c)" -lt 40 ]
report $? "under 40 lines"
echo "1..$number"
exit $failed
