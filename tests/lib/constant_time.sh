#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No branch and no address of the crypto depends on a secret: memcheck with secrets marked undefined,
# for the code of each compiler and optimisation level that is here. (Valgrind does not know AVX-512;
# that variant is one straight run of register instructions.)
set -u
number=0 failed=0
out=build/logs/constant_time
mkdir -p "$out"
sources='tests/lib/constant_time.c lib/channel/channel.c lib/channel/host.c lib/channel/host_aes.c lib/kdf/kdf.c
    lib/crypto/aead.c lib/crypto/spongent.c lib/crypto/counters.c lib/crypto/portable.c
    lib/crypto/x86/bmi2.c lib/crypto/x86/avx512.c lib/crypto/x86/select.c'

report() { # report STATUS NAME
    number=$((number + 1))
    case $1 in
    0) echo "ok $number - $2" ;;
    skip) echo "ok $number - $2 # SKIP $3" ;;
    *) echo "not ok $number - $2 (exit $1)" && failed=1 && head -20 "$out/log" | sed 's/^/    /' ;;
    esac
}

memcheck() {
    valgrind -q --error-exitcode=9 --suppressions=tests/lib/constant_time.supp "$@" >"$out/log" 2>&1
}

if ! command -v valgrind >/dev/null || [ ! -e /usr/include/valgrind/memcheck.h ]; then
    report skip "constant time" "valgrind is not installed"
    echo "1..$number"
    exit 0
fi
for compiler in "${CC:-cc}" "${CLANG:-clang-14}"; do
    command -v "$compiler" >/dev/null || continue
    for level in -O1 -O2 -O3 -Os; do
        # shellcheck disable=SC2086
        if ! "$compiler" -std=c11 -D_GNU_SOURCE -I. -Iinclude -gdwarf-4 $level -o "$out/program" $sources -lcrypto \
            2>"$out/log"; then
            report 1 "build with $compiler $level"
            continue
        fi
        for variant in portable bmi2; do
            memcheck "$out/program" $variant
            code=$?
            if [ $code = 3 ]; then
                echo "# $variant: this CPU does not run it"
            else
                report $code "$variant, $compiler $level: no branch or address from a secret"
            fi
        done
    done
done
memcheck "$out/program" control
[ $? = 9 ]
report $? "a branch on a secret is noticed"
echo "1..$number"
exit $failed
