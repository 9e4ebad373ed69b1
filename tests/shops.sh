#!/usr/bin/env bash
# Shops in the languages that people write them in, with tests as teams write them, which are all green: two requests that
# a customer's payment sends at about the same time. Nothing in them is marked for race, and race finds the double
# fulfilment that they have; in their fixed twins (FIXED in the environment) it finds nothing. time-limit: 600
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
	local name=$1 status=0 databases=()
	shift
	[ -z "${SHOP_URL:-}" ] || databases=(--db-force --db "$SHOP_URL")
	case $1 in --*) ;; *)
		"${@:$(index_of_command "$@")}" > native 2>&1 || { cat native; fail "$name: the test fails by itself"; } ;;
	esac
	rm -rf race-findings
	timeout 120 "$race" explore --quiet --max-executions 100 --json result.json "$@" > report 2>&1 || status=$?
	grep -E '^(FOUND|units|explored)' report | sed "s/^/$name: /"
	if [ "$status" -ne 66 ] || ! grep -q 'double effect' report; then tail -40 report; fail "$name: status $status"; return; fi
	tr -s ' \n' ' ' < report | grep -q 'POST /[a-z]* and POST /[a-z]* both read' || { head -20 report; fail "$name: does not name the requests"; }
	timeout 60 "$race" replay "${databases[@]}" race-findings/*.race > report 2>&1
	[ $? -eq 66 ] || { grep -a -B2 -A2 -E 'diverged|identical|followed' report; fail "$name: replayed by the schedule alone"; }
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

# fails TEXT OPTION... -- COMMAND...: the command fails by itself, and its output says TEXT
fails() {
	local text=$1 status=0
	shift
	timeout 60 "$race" explore --quiet "$@" > report 2>&1 || status=$?
	[ "$status" -eq 1 ] || fail "status $status, expected 1: $*"
	grep -qF -- "$text" report || { cat report; fail "does not say \`$text': $*"; }
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

# A suite that asks one thing after another: the requests that should come together are given to race.
if have curl && have sqlite3; then
	port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	rm -f shop.db*
	sqlite3 shop.db "CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL);
		CREATE TABLE shipments (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL);
		INSERT INTO orders VALUES (1, 'pending')"
	together=(--with "curl -sf -d order=1 http://127.0.0.1:$port/webhook"
		--with "curl -sf -d order=1 http://127.0.0.1:$port/charge" -- "$python" "$shops/shop.py" "$port")
	finds "Python, --with" "${together[@]}"
	holds "Python, --with" "${together[@]}"
	fails "did not listen within 30 seconds" --with true -- sleep 1000
	fails "ended before it listened" --with true -- false
	fails "--with 'exit 3' ended with status 3" --with "curl -s http://127.0.0.1:$port/" --with 'exit 3' -- "$python" "$shops/shop.py" "$port"
fi

# On PostgreSQL, in several languages. The same test for all of them, where they have none of their own.
repository=$(dirname "$(dirname "$shops")")
# shellcheck source=tests/db/servers
. "$repository/tests/db/servers"
if [ -z "$postgres_programs" ]; then skipped+=(PostgreSQL); else
	postgres_start
	SHOP_URL=$(postgres_url shop)
	export SHOP_URL SHOP_PDO="pgsql:host=$POSTGRES_FOLDER;dbname=shop" PHP_CLI_SERVER_WORKERS=2
	schema="CREATE TABLE orders (id integer PRIMARY KEY, status text NOT NULL);
		CREATE TABLE shipments (id serial PRIMARY KEY, order_id integer NOT NULL); INSERT INTO orders VALUES (1, 'pending')"

	# serves NAME OPTION... -- SERVER...: finds it with clients of race's own against this server, and not in the fixed twin
	serves() {
		local name=$1
		shift
		postgres_make shop "$schema"
		finds "$name" --db-force --db "$SHOP_URL" "${clients[@]}" "$@"
		holds "$name" --db-force --db "$SHOP_URL" "${clients[@]}" "$@"
	}
	port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	clients=(--with "curl -sf -d order=1 http://127.0.0.1:$port/webhook" --with "curl -sf -d order=1 http://127.0.0.1:$port/charge")
	if /usr/bin/python3 -c 'import psycopg2' 2> /dev/null; then
		postgres_make shop
		finds "Python, psycopg2, threads" --db "$SHOP_URL" -- /usr/bin/python3 "$shops/shop_test.py"
		postgres_make shop
		holds "Python, psycopg2, threads" --db "$SHOP_URL" -- /usr/bin/python3 "$shops/shop_test.py"
	else skipped+=(psycopg2); fi
	if have php && php -m | grep -q pdo_pgsql; then
		serves "PHP, PDO, two workers" --strategy random -- php -S "127.0.0.1:$port" "$shops/shop.php"
	else skipped+=(pdo_pgsql); fi
fi

[ ${#skipped[@]} -eq 0 ] || echo "not there: ${skipped[*]}"
exit $failed
