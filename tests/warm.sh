#!/usr/bin/env bash
# Children of the fork server find the code that they use in place: they fault less than the first one, and what was set
# apart to learn of it is whole again. The same outputs, whatever the kernel lets be learned.
set -euo pipefail
cd "$(dirname "$0")/.."
race=$PWD/${BUILD:-build}/race
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${CC:-gcc}" -O1 -pthread -o "$folder/faults" tests/programs/real/faults.c
export LOG=$folder/log

for carrier in thread fiber; do
	rm -f "$LOG"
	"$race" explore --carrier $carrier --reuse fork --strategy random --oracle none --max-executions 20 \
		--output "$folder/out" -- "$folder/faults" > "$folder/result"
	python3 - "$LOG" <<'END'
import sys

rows = [tuple(map(int, line.split())) for line in open(sys.argv[1])]
assert len(rows) >= 20, rows
faults, mappings = zip(*rows)
learners = [n for n in mappings if n > mappings[0]]
assert len(learners) == 2, mappings  # every page of theirs a mapping
late = list(zip(faults, mappings))[6:]
assert all(n == mappings[0] for _, n in late), mappings
assert max(n for n, _ in late) < faults[0], faults
print(f"page faults: {faults[0]} in the first execution, {min(n for n, _ in late)} later")
END
done
