#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The project that semo new makes builds and runs.
. tests/deploy/tap.sh
semo=$PWD/$semo
. tests/deploy/project.sh
finish
