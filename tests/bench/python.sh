#!/bin/bash
# An interpreter with three threads, begun again where it creates the first: executions for the processor time of one native
# run, race included, start-up left out. Then 2,000 executions, whose output must be right each time.
set -eu
build=${BUILD:-build}
program=tests/programs/real/threads_total.py
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ -x /usr/bin/python3 ] || { echo "no python3"; exit 0; }

PYTHONPATH=tests/bench PYTHONDONTWRITEBYTECODE=1 python3 - "$build/race" "$program" <<'END'
import sys

from measure import used

race, program = sys.argv[1:]
python = ["/usr/bin/python3", program]


def explored(number):
    return used([race, "explore", "--reuse", "restore", "--strategy", "random", "--oracle", "none", "--max-executions",
        str(number), "--", *python])


for _ in range(3):
    native = sum(used(python) for _ in range(10)) / 10 / 1e3
    restored = (explored(310) - explored(10)) / 300 / 1e3
    print(f"CPython with three threads: {native:.1f} ms natively, {restored:.2f} ms restored: {native / restored:.1f}x",
        flush=True)
END

"$build/race" explore --reuse restore --strategy random --oracle none --max-executions 2000 --show-output -- \
	/usr/bin/python3 "$program" > "$folder/out" 2> "$folder/shown"
grep -v '^execution [0-9]*:$' "$folder/shown" | sort | uniq -c | sed 's/ *\([0-9]*\) \(.*\)/\1 executions print "\2"/'
tail -1 "$folder/out"
[ "$(grep -cx 'total 60' "$folder/shown")" = 2000 ]
