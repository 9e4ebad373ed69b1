#!/usr/bin/env bash
# A program that works on another database of the server than --db names is stopped before it has changed anything there.
# time-limit: 120
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking

# stops FIRST SECOND NAME PROGRAM: URLs, what the second one is called
stops() {
	export SHOP_URL=$2
	expect 2 "database $3, which no --db names" "$RACE" explore --db "$1" -- "$BUILD/tests/programs/$4"
	expect 66 "lost update" "$RACE" explore --db-force --db "$1" --db "$2" --output "$scratch/races" -- "$BUILD/tests/programs/$4"
	SHOP_URL=$1
	expect 66 "lost update" "$RACE" explore --db "$1" --output "$scratch/races" -- "$BUILD/tests/programs/$4"
}

postgres_start
postgres_make first
postgres_make second "CREATE TABLE precious (id int)"
stops "$(postgres_url first)" "$(postgres_url second)" second pg_lost_update
same "PostgreSQL's tables" "$(psql -X -A -t "$(postgres_url second)" -c "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'")" precious

mariadb_start
mariadb_make first
mariadb_make Second "CREATE TABLE precious (id int)"
stops "$(mariadb_url first)" "$(mariadb_url Second)" Second my_lost_update
for way in "USE Second" 'use `Second`'; do
	expect 2 "database Second, which no --db names" "$RACE" explore --db "$(mariadb_url first)" -- \
		mariadb --no-defaults --socket="$MARIADB_FOLDER/socket" --user=shop first -e "$way; CREATE TABLE more (id int)"
done
expect 0 "no finding" "$RACE" explore --db "$(mariadb_url first)" -- mariadb --no-defaults --socket="$MARIADB_FOLDER/socket" --user=shop first \
	-e "USE information_schema; SELECT COUNT(*) FROM TABLES"
same "MariaDB's tables" "$(mariadb_sql Second <<< "SHOW TABLES")" precious

redis_start
redis_run 5 SET precious 1 > /dev/null
stops "$(redis_url 4)" "$(redis_url 5)" 5 rd_lost_update
same "Redis' keys" "$(redis_run 5 KEYS '*')" precious
expect 2 "database 0, which no --db names" "$RACE" explore --db "$(redis_url 4)" -- redis-cli -s "$REDIS_FOLDER/socket" SET more 1
same "Redis' first database" "$(redis_run 0 DBSIZE)" 0
exit $failed
