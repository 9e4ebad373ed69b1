#!/usr/bin/env bash
# Rows of PostgreSQL's tables that are put back lie elsewhere than before: that a query without ORDER BY gets them in another
# order is no finding, hides none, and is no difference between replays, unless it shows in an effect. time-limit: 300
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
postgres_start
SHOP_URL=$(postgres_url shop)
export SHOP_URL

rows() { psql -X -A -t "$SHOP_URL" -c "SELECT string_agg(id::text, ' ') FROM (SELECT id FROM orders) f"; }

explore() { rm -rf "$scratch/races"; "$RACE" explore --db-force --db "$SHOP_URL" --output "$scratch/races" "$@"; }

for way in effects replies; do
	postgres_make shop "CREATE TABLE orders (id integer PRIMARY KEY, status text NOT NULL, amount integer NOT NULL);
		INSERT INTO orders SELECT i, rpad('order ' || chr(96 + i), 200), 100 FROM generate_series(1, 20) i"
	was=$(rows)
	for strategy in random auto; do
		expect 0 "no finding" explore --strategy $strategy --max-executions 150 -- "$BUILD/tests/programs/pg_listing_fixed" existing $way
		grep -q "not compared in full: effect" "$scratch/log" || { cat "$scratch/log"; fail "$way are compared in full"; }
	done
	[ "$(rows)" != "$was" ] || fail "the rows are where they were: $was"
	expect 66 "lost update" explore --max-executions 50 -- "$BUILD/tests/programs/pg_listing" existing $way
	expected="identical 100 of 100"
	[ $way = replies ] || expected="the failure occurred 100 times"
	expect 66 "$expected" "$RACE" replay --db-force --db "$SHOP_URL" --repeat 100 "$scratch"/races/*.race -- \
		"$BUILD/tests/programs/pg_listing" existing $way
done
exit $failed
