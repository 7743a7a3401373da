# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completes verbs and options of semo and semo-mcu, which say themselves what they have.
_semo() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} words
    case $COMP_CWORD:$word in
    1:*) words=$("$program" --help 2>/dev/null | sed -n 's/^[a-z: ]* semo-mcu \([a-z]*\) [A-Z].*/\1/p; s/^  \([a-z-]*\)  *[a-z].*/\1/p') ;;
    *:-*) words=$("$program" "$verb" --help 2>/dev/null | grep -o -- '--[a-z-]*') ;;
    *)
        compopt -o default 2>/dev/null
        return
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _semo semo semo-mcu
