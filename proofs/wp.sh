# SPDX-License-Identifier: Apache-2.0
# Read by prove.sh and mutants.sh: Frama-C/WP with z3 and cvc4, everything it writes in $work.
# limit: seconds for one goal and prover, by the wall clock
for tool in frama-c why3 z3 cvc4; do
    command -v $tool >/dev/null || { echo "ok 1 - proof # SKIP no $tool"; exit 0; }
done
mkdir -p "$work/home"
HOME=$PWD/$work/home WHY3CONFIG=$PWD/$work/why3.conf
export HOME WHY3CONFIG
[ -s "$WHY3CONFIG" ] || why3 config detect >"$work/why3.log" 2>&1

# wp LOG FILE OPTIONS...: the memory map and the number of slots are the product's own
wp() {
    log=$1 file=$2
    shift 2
    frama-c -session "$log.session" -machdep gcc_x86_64 -cpp-extra-args='-I. -Iinclude' "$file" \
        -inline-calls text_allows -remove-inlined text_allows \
        -wp -wp-rte -warn-unsigned-overflow -warn-unsigned-downcast \
        -wp-prover z3,cvc4 -wp-timeout $limit -wp-par 2 -wp-cache none "$@" >"$log" 2>&1
}
