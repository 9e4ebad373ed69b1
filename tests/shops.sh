#!/usr/bin/env bash
# Shops in the languages that people write them in, with tests as teams write them, which are all green: two requests that
# a customer's payment sends at about the same time. Nothing in them is marked for race, and race finds the double
# fulfilment that they have; in their fixed twins (FIXED in the environment) it finds nothing. time-limit: 400
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3
race=$(realpath "${RACE:-${BUILD:-build}/race}")
shops=$(realpath tests/shops)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 3
skipped=()
failed=0

fail() { echo "FAILED: $*"; failed=1; }

have() { command -v "$1" > /dev/null || { skipped+=("$1"); return 1; }; }

# finds NAME OPTION... -- COMMAND...: green by itself; race finds the double effect, and says whose requests it was
finds() {
	local name=$1 status=0
	shift
	"${@:$(index_of_command "$@")}" > native 2>&1 || { cat native; fail "$name: the test fails by itself"; }
	timeout 120 "$race" explore --quiet --no-minimize --max-executions 100 --json result.json "$@" > report 2>&1 || status=$?
	grep -E '^(FOUND|units|explored)' report | sed "s/^/$name: /"
	if [ "$status" -ne 66 ] || ! grep -q 'double effect' report; then tail -40 report; fail "$name: status $status"; return; fi
	tr -s ' \n' ' ' < report | grep -q 'POST /[a-z]* and POST /[a-z]* both read' || { head -20 report; fail "$name: does not name the requests"; }
}

# holds NAME OPTION... -- COMMAND...: nothing is found in the fixed twin, though its requests overlap
holds() {
	local name=$1 status=0
	shift
	FIXED=1 timeout 120 "$race" explore --quiet --max-executions 60 --json result.json "$@" > report 2>&1 || status=$?
	grep -E '^(FOUND|units|explored)' report | sed "s/^/$name, fixed: /"
	[ "$status" -eq 0 ] || { tail -40 report; fail "$name, fixed: status $status"; }
	python3 -c 'import json, sys; sys.exit(json.load(open("result.json"))["overlapping_pairs"] < 1)' ||
		fail "$name, fixed: its requests never overlapped"
}

# The position of the command among arguments: behind --
index_of_command() {
	local i=1
	for argument; do
		i=$((i + 1))
		[ "$argument" = -- ] && break
	done
	echo $i
}

# Of several Pythons the one that is no script which looks for another.
python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
finds "Python, SQLite, threads" -- "$python" "$shops/shop_test.py"
holds "Python, SQLite, threads" -- "$python" "$shops/shop_test.py"

[ ${#skipped[@]} -eq 0 ] || echo "not there: ${skipped[*]}"
exit $failed
