#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make install into an empty place; with the tree out of sight the installed programs make, run and
# attack a project; make uninstall leaves no file.
. tests/deploy/tap.sh
make=${MAKE:-make}
place=$work/place
MAKEFLAGS='' $make --no-print-directory install DESTDIR="$place" PREFIX=/usr >"$work/log" 2>&1
is "make install" $? 0
for page in "$place"/usr/share/man/man?/*; do
    ok "manual page ${page##*/}" sh -c "! mandoc -Tlint -W warning '$page' | grep ."
done
ok "verbs complete" sh -c "PATH='$place/usr/bin':\$PATH bash -c '
    . \"$place/usr/share/bash-completion/completions/semo\"
    COMP_WORDS=(semo li) COMP_CWORD=1 && _semo && [ \"\${COMPREPLY[*]}\" = lint ]
    COMP_WORDS=(semo up --hea) COMP_CWORD=2 && _semo && [ \"\${COMPREPLY[*]}\" = --headless ]
    COMP_WORDS=(semo-mcu fr) COMP_CWORD=1 && _semo && [ \"\${COMPREPLY[*]}\" = frames ]'"
flags=$(PKG_CONFIG_PATH=$place/usr/lib/pkgconfig ${PKG_CONFIG:-pkg-config} \
    --define-variable=prefix="$place/usr" --cflags --libs semo)
# shellcheck disable=SC2086 # several flags
ok "the library builds the example" ${CC:-cc} examples/machine.c $flags -o "$work/example"

ok "the unit runs what is installed" grep -q '^ExecStart=/usr/bin/semo-node ' "$place/usr/lib/systemd/system/semo-node@.service"

cat >"$work/away.sh" <<EOF
# in a mount namespace: work and installation under /mnt, an empty folder where the tree was
mount -t tmpfs tmpfs /mnt && mkdir /mnt/away &&
mount --bind '$work' /mnt/away && mount -t tmpfs tmpfs '$PWD' &&
cd /mnt/away && exec sh /mnt/away/inside.sh
EOF
cp tests/deploy/project.sh "$work/project.sh"
sed -n '/^ok()/,$p' tests/deploy/tap.sh >"$work/words.sh"
cat >"$work/inside.sh" <<EOF
set -u
number=0
work=/mnt/away/project
mkdir \$work
export XDG_CONFIG_HOME=\$work/config XDG_STATE_HOME=\$work/state
. /mnt/away/words.sh
semo=/mnt/away/place/usr/bin/semo
ok "the tree is away" test ! -e '$PWD/Makefile'
. /mnt/away/project.sh
export PATH=/mnt/away/place/usr/bin:\$PATH
for program in semo semo-mcu semo-node semo-web; do
    ok "\$program is found by who types it" sh -c "\$program --help >/dev/null"
done
mkdir \$work/example && mkfifo \$work/example/ready
# as typed, but for a port that nobody has
mandoc -T ascii /mnt/away/place/usr/share/man/man8/semo-node.8 | sed -n '/^E.*X.*A.*M.*P.*L/,\$s/^ *//p' |
    sed -n '/^cat >nodes/,/^semo-node/p' | sed 's/4711/0/; s/^semo-node.*/exec & --ready 3 3>ready/' >\$work/example/typed
(cd \$work/example && exec sh ./typed >says 2>&1) &
example=\$!
read -r _ <\$work/example/ready
ok "the example of semo-node(8) runs as typed" grep -q '^alpha [1-9]' \$work/example/alpha.sock.ports
kill \$example
ok "what must be trusted is counted" sh -c "\$semo tcb descriptor.json | grep -q '^runtime, all targets  *[1-9]'"
rm -rf "\$XDG_STATE_HOME"
nodes_up descriptor.json --event-manager board=/mnt/away/place/usr/lib/semo/hostile.elf
\$semo deploy descriptor.json >/dev/null 2>&1
for n in 1 2 3 4; do
    \$semo output descriptor.json --connection press --arg 01 2>/dev/null | grep shown
done | cut -d' ' -f3 >\$work/shown
ok "a hostile event manager makes nothing up" sh -c "sort -uc \$work/shown && ! grep -vE '^0[1-4]00\$' \$work/shown"
\$semo down descriptor.json
echo "1..\$number"
EOF
as_root=
[ "$(id -u)" = 0 ] || as_root=-r
unshare $as_root -m sh "$work/away.sh" >"$work/inside" 2>&1
while read -r line; do
    case $line in
    'ok '*) ok "away: ${line#ok * - }" true ;;
    'not ok '*) ok "away: ${line#not ok * - }" false ;;
    1..*) plan=$line ;;
    *) echo "# $line" ;;
    esac
done <"$work/inside"
ok "away: it came to its end" test -n "${plan:-}"
MAKEFLAGS='' $make --no-print-directory uninstall DESTDIR="$place" PREFIX=/usr >"$work/log" 2>&1
is "make uninstall leaves no file" "$(find "$place" -type f)" ""
finish
