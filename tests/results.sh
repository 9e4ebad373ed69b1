#!/usr/bin/env bash
# Results in every format: what is written is what its readers take. Uses a program with a finding and its fixed twin.
set -euo pipefail
BUILD=${BUILD:-build}
race=$PWD/$BUILD/race
buggy=$PWD/$BUILD/tests/programs/abba_deadlock
fixed=$PWD/$BUILD/tests/programs/abba_deadlock_fixed
schema=$PWD/tools/report/race.schema.json
for file in "$race" "$buggy" "$fixed"; do
	[ -x "$file" ] || { echo "$file is missing"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() { echo "$*"; exit 1; }

# expect CODE COMMAND...: runs it with its output in out and err.
expect() {
	local code=$1 status=0
	shift
	"$@" > out 2> err || status=$?
	[ "$status" = "$code" ] || { cat out err; fail "exit $status instead of $code: $*"; }
}

validate() {
	python3 -c 'import json, jsonschema, sys
jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' "$1" "$schema" || fail "$1 is not as its schema"
}

expect 66 "$race" explore --json found.json --html found.html --sarif found.sarif --junit found.xml -- "$buggy"
grep -q '^FOUND  deadlock' out || fail "no headline"
grep -q '^  replay    ' out || fail "no replay line"
[ ! -s err ] || fail "talk without a terminal: $(cat err)"
validate found.json
xmllint --noout found.xml
python3 -m json.tool found.sarif > /dev/null
! grep -qE 'https?://' found.html || fail "the page refers to something outside it"

# The replay line does what it says, as it stands.
line=$(sed -n 's/^  replay    //p' out)
expect 66 sh -c "$line"
grep -q '^identical' out || fail "not identical"
schedule=$(ls race-findings/*.race)
expect 66 "$race" replay --repeat 5 --json replay.json "$schedule"
grep -q '^identical 5 of 5' out || fail "not identical 5 times"
validate replay.json
expect 7 "$race" explore --exit-code 7 --quiet -- "$buggy"

# Written once, shown again.
expect 0 "$race" report found.json
grep -q '^FOUND  deadlock' out || fail "the report has no headline"
expect 0 "$race" report --format html found.json
cmp -s out found.html || fail "the page differs when it is made from JSON"
expect 0 "$race" report "$schedule"
grep -q 'runs until' out || fail "the schedule is not told"
expect 2 "$race" report /dev/null

# A clean result says what was exhausted; JSON alone on stdout.
expect 0 "$race" explore --strategy dfs --json - -- "$fixed"
cp out clean.json
validate clean.json
grep -q '"verdict": "clean"' clean.json || fail "not clean"

# The gate: a committed schedule that fails, then one that does not any more.
mkdir races && cp "$schedule" races/
expect 66 "$race" gate --max-executions 20 --junit gate.xml --json gate.json -- "$buggy"
validate gate.json
xmllint --noout gate.xml
grep -q 'name="replay races/' gate.xml || fail "the replay is no test case"
expect 0 "$race" gate --max-executions 20 --junit gate.xml -- "$fixed"
grep -qE '^(ok|stale)  *races/' out || fail "the mended program's schedule is not told"
xmllint --noout gate.xml

# A committed schedule that is none is an error of its test case, and no finding.
echo garbage > races/spoilt.race
expect 2 "$race" gate --max-executions 20 --junit gate.xml -- "$fixed"
[ "$(xmllint --xpath 'string(//testcase[contains(@name, "spoilt")]/error/@message)' gate.xml)" ] ||
	fail "a spoilt schedule passes in JUnit"
[ "$(xmllint --xpath 'string(/testsuites/@errors)' gate.xml)" = 1 ] || fail "a spoilt schedule is not counted"
grep -q "A committed schedule can.t be used" out || fail "a spoilt schedule is not told of in the verdict"
rm races/spoilt.race
expect 2 "$race" gate

# Results that can't be written are said before anything is run.
expect 3 "$race" explore --json /nonexistent/result.json -- "$buggy"
expect 3 "$race" explore --output /dev/null/findings -- "$buggy"
expect 2 "$race" explore --json - --html - -- "$buggy"
if [ -w /dev/full ]; then
	status=0
	"$race" explore -- "$buggy" > /dev/full 2> err || status=$?
	[ $status = 3 ] || fail "a full disk ends with $status"
fi
