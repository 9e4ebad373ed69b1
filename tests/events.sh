#!/bin/bash
# A single-threaded Python program on asyncio, unmodified: what its loop hears of later is found out, over pairs of
# sockets, pipes and TCP; each schedule replays 20 times; and the program that looks again is clean.
set -u
# time-limit: 400
build=$(cd "${BUILD:-build}" && pwd)
shop=$(pwd)/tests/programs/real/asyncio_shop.py
python=$(python3 -c 'import sys; print(sys.executable)') || { echo "no python3"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0

fail() {
	echo "FAIL $*"
	head -40 report
	failed=1
}

# The finding of result.json: kind, number of its execution, schedule
finding() {
	python3 -c '
import json
finding = json.load(open("result.json"))["findings"][0]
print(finding["kind"], finding["first_execution"], finding["schedule"])'
}

for over in sockets pipes tcp; do
	"$python" "$shop" $over || { echo "FAIL natively, over $over"; failed=1; }
	"$build/race" explore --max-executions 50 --json result.json -- "$python" "$shop" $over >report 2>&1
	[ $? = 66 ] || { fail "not found over $over"; continue; }
	read -r kind execution schedule < <(finding)
	echo "over $over: $kind in execution $execution"
	[ "$kind" = exit ] && [ "$execution" -le 20 ] || fail "found late, or something else"
	grep -q '^\(hold\|deliver\) ' "$schedule" || fail "the schedule names no descriptor"
	"$build/race" replay --repeat 20 "$schedule" -- "$python" "$shop" $over >report 2>&1
	grep -q 'identical 20 of 20' report || fail "replay over $over"
	"$build/race" explore --strategy random --max-executions 40 --json result.json -- "$python" "$shop" $over fixed \
		>report 2>&1 || fail "the fixed one over $over"
done
exit $failed
