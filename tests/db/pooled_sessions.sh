#!/usr/bin/env bash
# Sessions that a program opens before its first thread live on from execution to execution: the server hears of few, and
# what one execution leaves in them the next does not find. Those that it opens later end with the execution. Executions are
# what they are in a process of their own.
# time-limit: 400
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
programs=$BUILD/tests/programs

explore() { "$RACE" explore --db-force --db "$SHOP_URL" --output "$scratch/races" --json "$scratch/result.json" "$@" \
	> "$scratch/log" 2>&1; }

# holds WHAT EXPRESSION: of the JSON result
holds() { python3 -c 'import json, sys; result = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' \
	"$scratch/result.json" "$2" || { tail -n 12 "$scratch/log"; fail "$1: not so: $2"; }; }

# Sessions that the server has heard of.
heard() {
	if [ "$server" = pg ]; then
		psql -X -A -t "$(postgres_url shop)" -c "SELECT sessions FROM pg_stat_database WHERE datname = 'shop'"
	else
		mariadb_sql <<< "SHOW GLOBAL STATUS LIKE 'Connections'" | cut -f 2
	fi
}

# pool: executions of a program that leaves its sessions as they were, beside fresh ones; a finding and its replays
pool() {
	local before after
	rm -rf "$scratch/races"
	before=$(heard)
	explore --strategy random --max-executions 1100 -- "$programs/${server}_pooled_fulfillment_fixed" existing
	after=$(heard)
	echo "$server: $((after - before)) sessions for 1100 executions"
	holds "$server" "result['exit_code'] == 0 and result['reuse'] == 'restore' and not result['fallback']"
	[ $((after - before)) -le 60 ] || fail "$server: $((after - before)) sessions"
	explore -- "$programs/${server}_pooled_fulfillment" existing
	holds "$server" "result['findings'][0]['class'] == 'double effect' and not result['fallback']"
	expect 66 "identical 100 of 100" "$RACE" replay --db-force --db "$SHOP_URL" --repeat 100 "$scratch"/races/*.race -- \
		"$programs/${server}_pooled_fulfillment" existing
}

# leave REUSE FALLBACK ARGUMENT...: what handlers leave is not found; those that fail are compared with fresh ones
leave() {
	local reuse=$1 fallback=$2
	shift 2
	rm -rf "$scratch/races"
	explore --strategy random --max-executions 30 --keep-going --oracle none --no-minimize -- \
		"$programs/${server}_pooled_leftovers" "$@"
	holds "$server: $*" "result['reuse'] == '$reuse' and '$fallback' in (result['fallback'] or '')"
	[ -n "$fallback" ] || holds "$server: $*" "not result['fallback']"
	holds "$server: $*" "result['executions'] == 30 and all('status 9' in finding['message'] for finding in result['findings'])"
}

# open_ones COMMAND...: sessions that are open when an execution ends, in the midst of transactions, keep none of the next waiting;
# the command tells an order's amount
open_ones() {
	explore --strategy random --max-executions 200 -- "$programs/${server}_open_leftovers"
	holds "$server, opened" "result['exit_code'] == 0 and result['executions'] == 200 and result['reuse'] == 'restore' and not result['fallback']"
	same "$server, opened: an amount" "$("$@")" 100
}

# early SERVER: what a program does to its database before its first thread is done once, and undone at the end
early() {
	local campaign status
	"$1_make" shop
	explore --strategy random --max-executions 200 -- "$programs/${server}_pooled_fulfillment_fixed"
	holds "$server, early" "result['exit_code'] == 0 and result['reuse'] == 'restore' and not result['fallback']"
	explore -- "$programs/${server}_pooled_fulfillment"
	holds "$server, early" "result['findings'][0]['class'] == 'double effect'"
	expect 0 "empty" "$RACE" doctor --db "$SHOP_URL"
	# killed while a later state is kept: the first one is what the next campaign begins with
	"$RACE" explore --db "$SHOP_URL" --strategy random --max-executions 100000 --quiet -- \
		"$programs/${server}_pooled_fulfillment_fixed" > "$scratch/log" 2>&1 &
	campaign=$!
	sleep 2
	kill -KILL "$campaign"
	wait "$campaign" 2> /dev/null
	for _ in $(seq 20); do # until the server has noticed
		"$RACE" explore --db-force --db "$SHOP_URL" --strategy random --max-executions 10 --quiet -- \
			"$programs/${server}_pooled_fulfillment_fixed" > "$scratch/log" 2>&1
		status=$?
		grep -q "another race" "$scratch/log" || break
		sleep 0.5
	done
	[ "$status" = 0 ] || { cat "$scratch/log"; fail "$server, killed"; }
	expect 0 "empty" "$RACE" doctor --db "$SHOP_URL"
}

server=pg
postgres_start
postgres_make shop "CREATE TABLE orders (id integer PRIMARY KEY, status text NOT NULL, amount integer NOT NULL);
	CREATE TABLE shipments (id serial PRIMARY KEY, order_id integer NOT NULL); INSERT INTO orders VALUES (1, 'pending', 100), (2, 'pending', 100)"
SHOP_URL=$(postgres_url shop) && export SHOP_URL
pool
open_ones psql -X -A -t "$SHOP_URL" -c "SELECT amount FROM orders WHERE id = 2"
for left in "SELECT 1" "BEGIN;INSERT INTO shipments (order_id) VALUES (1)" "PREPARE another AS SELECT 1" "DEALLOCATE kept" \
	"DEALLOCATE ALL" "SET work_mem = '3MB';SET search_path = other" \
	"CREATE TEMP TABLE mine (id int)" "SELECT pg_advisory_lock(pg_backend_pid())" "LISTEN channel" \
	"BEGIN;DECLARE c CURSOR WITH HOLD FOR SELECT 1;COMMIT" "INSERT INTO shipments (order_id) VALUES (1)" "DISCARD ALL"; do
	leave restore "" "$left"
done
leave restore "" "SELECT 1" "SELECT 2" "no goodbye"
leave fork "is in a transaction" "SELECT 1" "BEGIN"
leave fork "holds locks" "SELECT 1" "SELECT pg_advisory_lock(1)"
leave fork "holds locks" "SELECT 1" "CREATE TEMP TABLE early (id int)"
explore --strategy random --max-executions 30 --keep-going --oracle none --no-minimize -- "$programs/pg_pooled_leftovers" \
	"SELECT 1" "UPDATE orders SET amount = amount + 7"
holds "early change" "result['reuse'] == 'restore'"
same "amount" "$(psql -X -A -t "$SHOP_URL" -c "SELECT amount FROM orders WHERE id = 1")" 100
early postgres

server=my
mariadb_start
mariadb_make shop "CREATE TABLE orders (id int PRIMARY KEY, status varchar(20) NOT NULL, amount int NOT NULL);
	CREATE TABLE shipments (id int AUTO_INCREMENT PRIMARY KEY, order_id int NOT NULL); INSERT INTO orders VALUES (1, 'pending', 100), (2, 'pending', 100)"
SHOP_URL=$(mariadb_url shop)
pool
open_ones mariadb_sql -e "SELECT amount FROM shop.orders WHERE id = 2"
for left in "SELECT 1" "BEGIN;INSERT INTO shipments (order_id) VALUES (1)" \
	"SET autocommit = 0;INSERT INTO shipments (order_id) VALUES (1)" "USE information_schema" \
	"SET SESSION sql_mode = '';SET NAMES latin1;SET SESSION tx_isolation = 'SERIALIZABLE'" \
	"SELECT GET_LOCK(CONCAT('left', CONNECTION_ID()), 1)" "INSERT INTO shipments (order_id) VALUES (1)"; do
	leave restore "" "$left" kept
done
leave restore "" "SET @left = 1"
leave restore "" "CREATE TEMPORARY TABLE mine (id int)"
leave restore "be undone" "SET @left = 1" kept
early mariadb
exit $failed
