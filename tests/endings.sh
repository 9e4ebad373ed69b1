#!/usr/bin/env bash
# How searches end, and what is said then: budgets, signals, limits, programs that do not repeat, findings without an
# interleaving, and counts that shrinking a finding does not change.
# time-limit: 120
set -uo pipefail
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
race=$build/race
programs=$build/tests/programs
for file in "$race" "$programs/endings" "$programs/outcomes" "$programs/abba_deadlock" \
	"$programs/double_fulfillment"; do
	[ -x "$file" ] || { echo "$file is missing"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

fail() { echo "$*"; cat out err 2> /dev/null; exit 1; }

# expect CODE COMMAND...: runs it with its output in out and err.
expect() {
	local code=$1 status=0
	shift
	"$@" > out 2> err || status=$?
	[ "$status" = "$code" ] || fail "exit $status instead of $code: $*"
}

# holds CONDITION...: of the JSON result, called `result`, each a Python expression
holds() {
	local condition
	for condition in "$@"; do
		python3 -c 'import json, sys
result = json.load(open("result.json"))
finding = (result["findings"] or [{}])[0]
sys.exit(not eval(sys.argv[1]))' "$condition" || { cat result.json; fail "not so: $condition"; }
	done
}

explore() { "$race" explore --json result.json "$@"; }

# within SECONDS COMMAND...: must not take longer
within() {
	local seconds=$1 start=$SECONDS
	shift
	"$@"
	[ $((SECONDS - start)) -le "$seconds" ] || fail "more than $seconds s: $*"
}

# A budget ends the execution that is under way, too. Nothing was seen then: that is no clean result.
within 6 expect 4 explore --budget 1s -- "$programs/endings" spin
grep -q 'the budget was used up before the first execution had ended' err || fail "the budget is not told"
holds 'result["ended_by"] == "budget"' 'result["executions"] == 0'
expect 0 explore --budget 3s --strategy random --max-executions 0 -- "$programs/outcomes" 6
holds 'result["ended_by"] == "budget"' 'result["executions"] > 10' '2.9 < result["seconds"] < 6'

# A signal ends the search, not the result.
within 6 expect 124 timeout --signal INT 1 "$race" explore --json result.json --strategy random --max-executions 0 -- \
	"$programs/outcomes" 6
grep -q '^explored ' out || fail "no result after a signal"
holds 'result["ended_by"] == "interrupt"' 'result["executions"] > 10'
within 6 expect 124 timeout --signal INT 1 "$race" explore --json result.json -- "$programs/endings" spin
holds 'result["ended_by"] == "interrupt"'

# A capacity is named.
expect 4 explore --strategy first -- "$programs/endings" crowd
holds '[item["where"] for item in result["uncontrolled"]] == ["tasks in one execution (1024)"]'
grep -q '^uncontrolled capacity exceeded: tasks in one execution (1024)' out || fail "the limit is not told"

# What does not repeat is counted, and said.
for strategy in dfs auto; do
	echo 0 > count
	expect 0 explore --strategy $strategy --max-executions 40 -- "$programs/endings" stray count
	holds '[text for text in result["remarks"] if text.startswith("not repeatable: ")]' 'not result["exhausted"]'
done
expect 0 explore --strategy dfs --max-executions 40 -- "$programs/endings"
holds 'not result["remarks"]'

# When the runtime gives up, race fails, and says what the runtime said.
expect 3 explore -- "$programs/endings" give-up
cat out err | grep -q 'left == right' || fail "the runtime's last words are missing"
expect 3 "$race" run -- "$programs/endings" give-up
grep -q 'left == right' err || fail "the runtime's last words are missing"
RACE_LOG=1 expect 3 "$race" run -- "$programs/endings" give-up
grep -q '^die: left == right 0$' err || fail "no log"
RACE_LOG=1 expect 66 "$race" run -- "$programs/endings" block
grep -q '^control: deadlock ' err || fail "no log"
RACE_LOG='' expect 66 "$race" run -- "$programs/endings" block
! grep -q '^control: deadlock ' err || fail "a log that nobody asked for"

# A finding that a serial reference shows comes from no exploring execution.
expect 66 explore -- "$programs/endings" block
holds 'finding["first_execution"] == 0 and finding["reference"]' 'result["executions"] == 0'
grep -q 'in the serial reference$' out || fail "it is not said that it was the reference"

# Others are numbered from 1 on, without references; units overlapped although the execution ended early.
expect 66 explore -- "$programs/abba_deadlock"
holds 'finding["first_execution"] == result["executions"] > 0 and not finding["reference"]' \
	'result["overlapping_pairs"] == 1' 'result["units"] == 2' 'result["distinct_traces"] <= result["executions"]'

# Shrinking and repeating are counted apart, and findings once each.
expect 66 explore --no-minimize -- "$programs/double_fulfillment"
cp result.json plain.json
expect 66 explore -- "$programs/double_fulfillment"
holds 'all(result[key] == json.load(open("plain.json"))[key]
	for key in ("executions", "reference_executions", "confirming_executions", "distinct_traces"))' \
	'result["distinct_traces"] <= result["executions"]' 'result["confirming_executions"] == 2'
expect 66 explore --keep-going --max-executions 60 -- "$programs/double_fulfillment"
holds 'result["executions"] == 60' \
	'len({item["fingerprint"] for item in result["findings"]}) == len(result["findings"])'
