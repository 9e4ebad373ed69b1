#!/bin/sh
# What `make demo` shows: a webhook and a charge response fulfil the same order twice, found, explained and replayed;
# then the same program with its fix.
set -eu
race=${BUILD:-build}/race
broken=${BUILD:-build}/tests/programs/double_fulfillment
fixed=${BUILD:-build}/tests/programs/double_fulfillment_fixed
folder=${BUILD:-build}/demo
findings=66

heading() { printf '\n== %s\n' "$1"; }

# run STATUS COMMAND...: shows the command, runs it, and insists on its exit status.
run() {
	expected=$1
	shift
	printf '$ %s\n' "$*"
	status=0
	"$@" || status=$?
	if [ "$status" -ne "$expected" ]; then
		echo "demo: expected exit status $expected, got $status" >&2
		exit 1
	fi
}

rm -rf "$folder"
mkdir -p "$folder"
heading "Two threads, one SQLite file: a webhook and a charge response both fulfil order 1 if it is still pending."
run $findings "$race" explore --output "$folder" --json "$folder/result.json" -- "$broken"

schedule=$(find "$folder" -name '*.race' | head -n 1)
heading "The interleaving, as a file that can be committed beside the program:"
run 0 cat "$schedule"
heading "It happens again every time:"
run $findings "$race" replay --repeat 20 "$schedule" -- "$broken"
heading "The fix checks and writes in one statement, and looks at the row count:"
run 0 "$race" explore --output "$folder" -- "$fixed"
