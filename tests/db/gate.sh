#!/usr/bin/env bash
# A schedule on a server as a regression test: found, made shorter, replayed by the gate, and stale when the program is
# repaired. time-limit: 120
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
mariadb_start
mariadb_make shop "CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (1)"
SHOP_URL=$(mariadb_url shop) && export SHOP_URL
RACE=$(realpath "$RACE") buggy=$(realpath "$BUILD/tests/programs/my_double_fulfillment")
fixed=${buggy}_fixed scratch=$(realpath "$scratch")
expect 0 "marked now" "$RACE" doctor --mark --db "$SHOP_URL"
rm -rf "$scratch/house" && mkdir -p "$scratch/house/races" && cd "$scratch/house" || exit 3

lines() { grep -cE '^(run|timeout)' "$1"; }

expect 66 "double effect" "$RACE" explore --no-minimize --strategy random --db "$SHOP_URL" --output races -- "$buggy"
schedule=$(echo races/*.race)
long=$(lines "$schedule")
expect 0 "1 preemption" "$RACE" minimize --db "$SHOP_URL" "$schedule" -- "$buggy"
[ "$(lines "$schedule")" -lt "$long" ] || fail "the schedule has $(lines "$schedule") lines, it had $long"
expect 2 "no --db names" "$RACE" minimize "$schedule" -- "$buggy"

expect 66 "1 finding" "$RACE" gate --max-executions 10 --json gate.json --junit gate.xml --db "$SHOP_URL" -- "$buggy"
grep -q 'name="replay races/' gate.xml || fail "the replay is no test case"
expect 0 "the failure did not occur" "$RACE" gate --max-executions 10 --db "$SHOP_URL" -- "$fixed"
expect 2 "no --db names" "$RACE" gate --max-executions 10 -- "$fixed"
same "the start state" "$(mariadb_sql shop <<< "SELECT GROUP_CONCAT(TABLE_NAME ORDER BY 1) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'; SELECT * FROM kept")" \
	"$(printf 'kept,race_test_database\n1')"
exit $failed
