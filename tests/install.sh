#!/usr/bin/env bash
# What `make install` puts below a prefix works from there, and `make uninstall` leaves nothing behind.
# time-limit: 240
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
program=$PWD/${BUILD:-build}/tests/programs/split_increment

make --no-print-directory install PREFIX="$prefix" BUILD="${BUILD:-build}" > /dev/null
[ -s "$prefix/include/race.h" ] && [ -s "$prefix/share/race/race.py" ] && [ -s "$prefix/share/man/man1/race-explore.1" ] || {
	echo "race.h, race.py or a man page is missing below $prefix"
	exit 1
}
cd "$prefix"
status=0
bin/race explore --output found -- "$program" > result 2>&1 || status=$?
[ $status -eq 66 ] || { cat result; echo "the installed race ended with $status, expected 66"; exit 1; }

cd - > /dev/null
make --no-print-directory uninstall PREFIX="$prefix" > /dev/null
rm -rf "$prefix/found" "$prefix/result"
left=$(find "$prefix" -type f)
[ -z "$left" ] || { echo "uninstall left behind: $left"; exit 1; }
