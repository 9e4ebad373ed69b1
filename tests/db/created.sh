#!/usr/bin/env bash
# Programs that make the database that --db names, and drop it or leave it: what they did to it is compared all the same,
# nothing is left, and nobody else's database is touched. time-limit: 400
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
programs=$BUILD/tests/programs

# What --db SHOP_URL finds in a program and not in its fixed twin, and whether that is found again.
explores() {
	local program=$1 schedule
	shift
	rm -rf "$scratch/races"
	expect 66 "database test_shop: created by the command in each execution" \
		"$RACE" explore --db "$SHOP_URL" --output "$scratch/races" -- "$programs/$program" "$@"
	grep -q "double effect" "$scratch/log" || { cat "$scratch/log"; fail "no double effect: $program $*"; }
	schedule=$(ls "$scratch"/races/*.race)
	expect 66 "identical" "$RACE" replay --db "$SHOP_URL" "$schedule" -- "$programs/$program" "$@"
	same "databases left by $program $*" "$(databases)" ""
	expect 0 "no finding" "$RACE" explore --max-executions 25 --db "$SHOP_URL" -- "$programs/${program}_fixed" "$@"
	same "databases left by ${program}_fixed $*" "$(databases)" ""
}

# What is gone before it is dropped can't be compared, and is named.
empties() {
	expect 0 "not compared: what units have left in tables that the program empties before it ends ($2" \
		"$RACE" explore --max-executions 20 --db "$SHOP_URL" -- "$programs/$1" clean
}

# What is done beside it is not put back: it is stopped before it is done.
stops() {
	expect 2 "database $2, which no --db names" "$RACE" explore --db "$SHOP_URL" -- "$programs/$1" "$3"
	same "databases after $1 $3" "$(databases)" ""
}

# One that is there already is like any other, and the command can't make it.
has_it() {
	expect 2 "is not empty and not marked" "$RACE" explore --db "$SHOP_URL" -- "$programs/$1"
	expect 0 "one that the command creates in each execution" "$RACE" doctor --db "$2"
	expect 2 "does not exist" "$RACE" doctor --mark --db "$2"
}

postgres_start
export SHOP_URL SHOP_SERVER
SHOP_URL=$(postgres_url test_shop) SHOP_SERVER=$(postgres_url postgres)
databases() { psql -X -A -t "$SHOP_SERVER" -c "SELECT datname FROM pg_database WHERE datname LIKE '%shop%'"; }
explores pg_created
explores pg_created leave
empties pg_created TRUNCATE
test='createdb -h "$0" -U shop test_shop && "$1" && dropdb -h "$0" -U shop test_shop'
rm -rf "$scratch/races"
expect 66 "created by the command in each" "$RACE" explore --db "$SHOP_URL" --output "$scratch/races" -- \
	bash -c "$test" "$POSTGRES_FOLDER" "$programs/pg_double_fulfillment"
same "databases left by a script" "$(databases)" ""
stops pg_created postgres else
stops pg_created other_shop other
same "tables beside it" "$(psql -X -A -t "$SHOP_SERVER" -c "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")" 0
expect 0 "the command was not seen to create it" "$RACE" explore --db "$SHOP_URL" -- true
psql -q -X "$SHOP_SERVER" -c "CREATE ROLE clerk LOGIN"
SHOP_URL=${SHOP_URL/user=shop/user=clerk} SHOP_SERVER=${SHOP_SERVER/user=shop/user=clerk}
expect 1 "permission denied to create database" "$RACE" explore --db "$SHOP_URL" -- "$programs/pg_created"
SHOP_URL=$(postgres_url test_shop)
expect 2 "No such file" "$RACE" explore --db "postgresql:///test_shop?host=/nowhere&user=shop" -- "$programs/pg_created"
postgres_make test_shop "CREATE TABLE precious (id int)"
has_it pg_created "$(postgres_url absent)"
same "its tables" "$(psql -X -A -t "$SHOP_URL" -c "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")" precious

mariadb_start
SHOP_URL=$(mariadb_url test_shop)
databases() { mariadb_sql <<< "SHOW DATABASES LIKE '%shop%'"; }
explores my_created
explores my_created leave
empties my_created "DELETE FROM orders"
stops my_created other_shop other
mariadb_make test_shop "CREATE TABLE precious (id int)"
has_it my_created "$(mariadb_url absent)"
exit $failed
