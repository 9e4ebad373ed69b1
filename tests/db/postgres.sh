#!/usr/bin/env bash
# What race does with a PostgreSQL database: refuses what is no test database, puts the start state back, also after a
# campaign that was killed, and replays the same. time-limit: 120
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
postgres_start
mkdir -p "$OUT/db"
program=$BUILD/tests/programs/pg_double_fulfillment
failed=0

fail() { echo "FAILED: $*"; failed=1; }

# expect STATUS TEXT COMMAND...: it ends with STATUS and prints TEXT
expect() {
	local wanted=$1 text=$2 status=0
	shift 2
	"$@" > "$OUT/db/log" 2>&1 || status=$?
	[ "$status" -eq "$wanted" ] || { cat "$OUT/db/log"; fail "status $status, expected $wanted: $*"; }
	grep -qF -- "$text" "$OUT/db/log" || { cat "$OUT/db/log"; fail "does not say \`$text': $*"; }
}

value() { psql -X -A -t "$(postgres_url "$1")" -c "$2"; }

# 1: what can't be used, and why
expect 2 "no database that race knows" "$RACE" explore --db nonsense://x -- "$program"
expect 2 "No such file or directory" "$RACE" explore --db 'postgresql:///x?host=/nonexistent' -- "$program"
expect 1 "not there, and the command was not seen to create it" "$RACE" explore --db "$(postgres_url nothing)" -- "$program"
postgres_make filled "CREATE TABLE precious (id serial PRIMARY KEY, name text); INSERT INTO precious (name) VALUES ('a'), (E'\\\\x')"
SHOP_URL=$(postgres_url filled) && export SHOP_URL
expect 2 "not empty and not marked" "$RACE" explore --db "$SHOP_URL" -- "$program"
[ "$(value filled 'SELECT count(*) FROM precious')" = 2 ] || fail "a refused database was changed"

expect 0 "not empty and not marked" "$RACE" doctor --db "$SHOP_URL"
expect 2 "does not exist" "$RACE" doctor --mark --db "$(postgres_url nothing)"
expect 0 "marked now" "$RACE" doctor --mark --db "$SHOP_URL"
expect 66 "double effect" "$RACE" explore --db "$SHOP_URL" --output "$OUT/db/races" -- "$program"
# a mark that was copied from elsewhere is none
value filled "UPDATE race_test_database.identity SET server = server + 1" > "$OUT/db/log"
expect 2 "not empty and not marked" "$RACE" explore --db "$SHOP_URL" -- "$program"
# what is no table of its own is there as well
for made in "CREATE VIEW shown AS SELECT 1 AS one" "CREATE SEQUENCE numbers" "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'" \
	"CREATE FOREIGN DATA WRAPPER far; CREATE SERVER away FOREIGN DATA WRAPPER far; CREATE FOREIGN TABLE there (id int) SERVER away"; do
	postgres_make other "$made"
	expect 2 "not empty and not marked" "$RACE" explore --db "$(postgres_url other)" -- "$program"
done
postgres_make other "CREATE EXTENSION btree_gist"
expect 0 "is empty" "$RACE" doctor --db "$(postgres_url other)"

# 2: forced: found all the same, and afterwards as it was, sequence included
value filled "ALTER DATABASE filled SET deadlock_timeout = '7s'" > "$OUT/db/log"
all="SELECT id, name FROM precious ORDER BY id; SELECT last_value FROM precious_id_seq; SELECT nspname FROM pg_namespace ORDER BY 1; SHOW deadlock_timeout"
before=$(value filled "$all")
expect 66 "double effect" "$RACE" explore --db-force --db "$SHOP_URL" --output "$OUT/db/races" -- "$program"
after=$(value filled "$all")
[ "$before" = "$after" ] || fail "the start state was not put back: $before / $after"

# 3: killed in the middle: the next campaign begins with what the killed one began with
postgres_make killed "CREATE TABLE kept (id integer PRIMARY KEY)"
SHOP_URL=$(postgres_url killed)
"$RACE" explore --db-force --db "$SHOP_URL" --keep-going --max-executions 0 --quiet -- "$program" > /dev/null 2>&1 &
campaign=$!
for _ in $(seq 100); do [ "$(value killed "SELECT count(*) FROM pg_tables WHERE tablename = 'shipments'")" = 0 ] || break; done
expect 2 "another race is working" "$RACE" explore --db-force --db "$SHOP_URL" -- "$program"
kill -KILL "$campaign"
wait "$campaign" 2> /dev/null
for _ in $(seq 50); do [ "$(value killed "SELECT count(*) FROM pg_stat_activity WHERE datname = 'killed' AND pid <> pg_backend_pid()")" = 0 ] && break; sleep 0.1; done
expect 66 "double effect" "$RACE" explore --db-force --db "$SHOP_URL" --output "$OUT/db/races" -- "$program"
[ "$(value killed "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'")" = kept ] ||
	fail "what a killed campaign left is still there"
[ "$(value killed "SHOW deadlock_timeout")" = 1s ] || fail "a killed campaign's deadlock_timeout is still there"

# 4: replays
schedule=$(ls -t "$OUT"/db/races/*.race | head -n 1)
expect 66 "identical 20 of 20" "$RACE" replay --repeat 20 --db-force --db "$SHOP_URL" "$schedule" -- "$program"

# 5: the victim of a deadlock is always the same, and a schedule that names another one is not met
postgres_make deadlocks
SHOP_URL=$(postgres_url deadlocks) program=$BUILD/tests/programs/pg_deadlock schedule=$OUT/db/deadlock.race
expect 0 "the victim is who closes the cycle" "$RACE" doctor --db "$SHOP_URL"
expect 66 "lost work" "$RACE" explore --db "$SHOP_URL" --output "$OUT/db/deadlocks" -- "$program"
cp "$(ls -t "$OUT"/db/deadlocks/*.race | head -n 1)" "$schedule"
expect 66 "identical 100 of 100" "$RACE" replay --repeat 100 --db "$SHOP_URL" "$schedule" -- "$program"
sed -i 's/^victim  *move /victim move#2 /' "$schedule"
expect 4 "move#2 never was the victim of a deadlock (40P01)" "$RACE" replay --db "$SHOP_URL" "$schedule" -- "$program"
value deadlocks "CREATE ROLE poor LOGIN; GRANT CREATE ON DATABASE deadlocks TO poor" > "$OUT/db/log"
expect 0 "which replays only check: GRANT SET ON PARAMETER deadlock_timeout" "$RACE" doctor --db "${SHOP_URL/user=shop/user=poor}"

# 6: no superuser is needed
psql -X -q "$(postgres_url postgres)" -c "CREATE ROLE owner LOGIN" -c "CREATE DATABASE owned OWNER owner"
SHOP_URL=$(postgres_url owned) SHOP_URL=${SHOP_URL/user=shop/user=owner} program=$BUILD/tests/programs/pg_double_fulfillment
expect 66 "double effect" "$RACE" explore --db "$SHOP_URL" --output "$OUT/db/owned" -- "$program"
expect 66 "identical 20 of 20" "$RACE" replay --repeat 20 --db "$SHOP_URL" "$(ls -t "$OUT"/db/owned/*.race | head -n 1)" -- "$program"
exit $failed
