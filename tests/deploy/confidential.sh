#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Confidential modules: their text is encrypted from the deployer to the chip or the monitor, and
# nobody in between has read it. OPEN is loaded in clear, so that the search is known to find.
. tests/deploy/tap.sh
from=$PWD/tests/deploy/confidential
state=$XDG_STATE_HOME/semo/confidential
runs() { # runs VERB ARGUMENTS...: of the application with the vault
    "$semo" "$@" >"$work/out" 2>"$work/err"
    code=$?
}
secret_of() { # secret_of MODULE: a file with the secret in its text
    sed -n "s/^#define SECRET_OF_$1 *\"\\(.*\\)\"/\\1/p" "$from/vault.c" | tr -d '\n' >"$work/secret.$1"
    echo "$work/secret.$1"
}
unseen() { # unseen MODULE FILES...
    module=$1
    shift
    build/tests/find_key "$(secret_of "$module")" "$@" >"$work/found"
}
tells() { # tells FILE CONNECTION: the first byte of the secret
    "$semo" output "$from/$1.json" --connection "$2" --arg 00 | cut -d' ' -f2-
}
nodes() { # nodes ARGUMENTS...: of both descriptors
    nodes_up "$from/vault.json" --trace "$work/trace" "$@"
}
down() {
    "$semo" down "$from/vault.json" >"$work/out" 2>&1
    exec 3<&-
    wait "$up"
}

nodes
runs deploy "$from/open.json"
is "one module, in clear" "$code $(grep -c '^load' "$work/out") $(grep -c confidential "$work/out")" "0 1 0"
runs deploy "$from/vault.json"
is "the application grows by two that are confidential" \
    "$code $(sed -n 's/^load *\([A-Z]*\) .*, protected, confidential$/\1/p' "$work/out" | sort | tr '\n' ' ')" "0 KEEPER VAULT "
is "they are what they are said to be" "$(grep -c '^attest.*it is this code' "$work/out")" 3
is "their texts work" "$(tells vault vault) $(tells vault keeper)" "vault_told 51 keeper_told 38"
is "status says so" "$("$semo" status "$from/vault.json" | sed -n 's/^module *\([A-Z]*\) .*, confidential$/\1/p' | sort | tr '\n' ' ')" "KEEPER VAULT "
is "and its JSON" "$("$semo" status "$from/vault.json" --json | grep -c '"confidential": true')" 2
is "and the graph" "$("$semo" graph "$from/vault.json" | grep -c 'class="module secret"')" 2
runs deploy "$from/vault.json"
is "deploy again: nothing to do" "$code $(grep -c '^load' "$work/out")" "0 0"
is "everything that went over the lines was recorded" "$(unseen OPEN "$work/trace"; echo $?)" 1
ok "the vault's text was not seen" unseen VAULT "$work/trace"
ok "nor the keeper's" unseen KEEPER "$work/trace"
for name in VAULT KEEPER; do
    # shellcheck disable=SC2046 # file names of ours
    ok "nor is it in a file of the deployment: $name" unseen $name \
        $(find "$state" -type f ! -path '*/objects/*')
done
runs disable "$from/vault.json" --module VAULT
is "it ends as any other" "$code" 0
runs deploy "$from/vault.json"
is "and comes back" "$code $(sed -n 's/^load *\([A-Z]*\) .*/\1/p' "$work/out") $(tells vault vault)" "0 VAULT vault_told 51"
runs reset "$from/vault.json"
runs deploy "$from/vault.json"
is "after a reset, too" "$code $(tells vault vault) $(tells vault keeper)" "0 vault_told 51 keeper_told 38"
ok "still unseen" unseen VAULT "$work/trace"

mkdir "$work/late" && cp "$from"/* "$work/late/"
sed -i 's/"name": "OPEN",/& "confidential": true,/' "$work/late/open.json"
runs deploy "$work/late/vault.json"
is "what runs in clear does not become confidential" "$code $(tail -1 "$work/err")" \
    "1 semo deploy: OPEN: was loaded before it was confidential, for everybody to read; end it with semo disable, and deploy it with new secrets"
is "the others run on" "$(tells vault vault)" "vault_told 51"
runs disable "$work/late/vault.json" --module OPEN
runs deploy "$work/late/vault.json"
is "once it ended it does" "$code $(grep -c '^load *OPEN .*confidential$' "$work/out")" "0 1"
down

# a loader that changes one bit of one text; all are confidential now
for node in a p; do
    manager=build/mcu/lying.elf
    [ $node = a ] || manager=build/bin/lying-em
    nodes --event-manager $node=$manager
    runs deploy "$work/late/vault.json"
    is "a changed byte is refused on $node" "$code $(grep -c "^FAILED   [A-Z]*: $node cannot open its encrypted text: it was changed on its way, or the vendor key here is not that of the node; deploy again, or see semo import-key\$" "$work/out")" "1 1"
    is "by the enable: it is not even attested" "$(grep -c '^attest' "$work/out")" 2
    down
done

# another owner, who has a key of his own and not the chip
nodes
sed 's/4660/4661/; s/"name": "confidential"/"name": "other"/' "$from/open.json" >"$work/late/open.json"
sed 's/"name": "confidential"/"name": "other"/' "$from/vault.json" >"$work/late/vault.json"
other() {
    runs "$1" "$work/late/vault.json" --state "$work/other" --operator-key "$work/other.key" --nodes "$state"
}
import() { # import NODE KEY
    echo "$2" | "$semo" import-key "$work/late/vault.json" --state "$work/other" --operator-key "$work/other.key" --node "$1"
}
runs deploy "$from/vault.json"
"$semo" vendor-key p 4661 --state "$state" >"$work/key"
ok "a wrong key" import a "$(cat "$work/key")"
ok "and a right one" import p "$(cat "$work/key")"
other deploy
is "the wrong one opens nothing" "$code $(grep -c '^FAILED   VAULT: a cannot open' "$work/out")" "1 1"
is "the right one does" "$(grep -c '^attest   KEEPER' "$work/out")" 1
ok "the right one for a" import a "$("$semo" vendor-key a 4661 --state "$state")"
other deploy
is "two owners, a vault each" "$code $(grep -c '^attest' "$work/out")" "0 3"
is "the first runs on" "$(tells vault vault)" "vault_told 51"
ok "and nobody has seen the text" unseen VAULT "$work/trace"
down
finish
