#!/usr/bin/env bash
# Suites that do one thing after another have nothing to interleave, and the first line says so: processes of a script,
# requests of one client. Two that run together are no such suite.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3
race=$(realpath "${RACE:-${BUILD:-build}/race}")
command -v sqlite3 > /dev/null || { echo "sqlite3 is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 3
failed=0

# expect LINE COMMAND: it is explored without a finding, and begins with LINE, or (empty) not so
expect() {
	local status=0
	timeout 40 "$race" explore --quiet --max-executions 10 -- bash -c "$2" > report 2>&1 || status=$?
	if [ $status -ne 0 ] || [ "$(head -n 1 report | grep -o 'nothing could.*')" != "$1" ]; then
		cat report
		echo "FAILED: status $status, expected 0 and \`$1': $2"
		failed=1
	fi
}

sqlite3 shop.db "CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT); INSERT INTO orders VALUES (1, 'new'), (2, 'new')"
first="sqlite3 shop.db \"UPDATE orders SET status = 'paid' WHERE id = 1\""
second="sqlite3 shop.db \"UPDATE orders SET status = 'paid' WHERE id = 2\""
expect "nothing could interleave: 2 units, 0 overlapping" "$first; $second; true"
expect "nothing could interleave: 3 units, 0 overlapping" "$first; ($second; true); sqlite3 shop.db 'SELECT * FROM orders'; true"
expect "" "$first & sqlite3 -cmd '.timeout 5000' shop.db \"UPDATE orders SET status = 'paid' WHERE id = 2\" & wait"
exit $failed
