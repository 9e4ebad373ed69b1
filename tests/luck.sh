#!/usr/bin/env bash
# A failure that also comes by luck: what minimizing took for a shorter way to it and was luck is not handed out.
# time-limit: 60
set -u
cd "$(dirname "$0")/.."
race=${BUILD:-build}/race
[ -x "$race" ] || { echo "$race is missing"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

fail() { echo "FAILED: $*"; failed=1; }

"${CC:-gcc}" -O1 -pthread -o "$folder/by_luck" tests/programs/real/by_luck.c

# before the first bad run, when most of the executions of the search are over; and later, when minimizing meets them
for nruns in 0 20 25 30 33; do
	printf '%b' "\\x$(printf %02x "$nruns")\\0\\0\\0" > "$folder/runs"
	rm -rf "$folder/races"
	status=0
	"$race" explore --seed "$((nruns + 1))" --max-executions 30 --output "$folder/races" -- "$folder/by_luck" "$folder/runs" > "$folder/out" 2>&1 || status=$?
	if [ $status -ne 66 ]; then fail "$nruns: status $status: $(tail -n 3 "$folder/out")"; continue; fi
	rm "$folder/runs" # no luck any more
	status=0
	"$race" replay --repeat 10 "$folder"/races/*.race > "$folder/out" 2>&1 || status=$?
	grep -qE '^(identical|followed).* 10 of 10: the failure occurred 10 times' "$folder/out" ||
		fail "$nruns: $(head -n 2 "$folder/out")"
done
exit $failed
