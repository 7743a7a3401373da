#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what mk/packages.txt lists and is not there yet. The only thing that touches the system.
set -eu
missing=
for package in $(sed 's/#.*//' "$1" | awk 'NF { print $1 }'); do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "deps: nothing to install"
    exit 0
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
run() {
    echo "$*"
    "$@"
}
export DEBIAN_FRONTEND=noninteractive
run $sudo apt-get update
# shellcheck disable=SC2086 # one word a package
run $sudo apt-get install -y --no-install-recommends $missing
