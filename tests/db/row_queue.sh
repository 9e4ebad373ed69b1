#!/usr/bin/env bash
# Four withdrawals queue for one row: who gets it next does not depend on how quickly the server wakes whom. Schedules of
# random orders replay identically each time, on PostgreSQL and on MariaDB. time-limit: 170
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking

queue() { # PROGRAM SEED REPLAYS
	local program=$BUILD/tests/programs/$1 schedule first
	rm -rf "$scratch/races"
	"$RACE" explore --strategy random --seed "$2" --no-minimize --output "$scratch/races" --db "$SHOP_URL" -- "$program" 4 \
		> "$scratch/log" 2>&1
	schedule=$(ls "$scratch/races"/*.race) || { cat "$scratch/log"; fail "$1: nothing was found"; return; }
	first=$("$RACE" replay --db "$SHOP_URL" --repeat "$3" "$schedule" -- "$program" 4 2>&1 | head -n 1)
	echo "$1, seed $2: $first"
	[ "${first%%:*}" = "identical $3 of $3" ] || fail "$1, seed $2"
}

postgres_start
postgres_make shop
SHOP_URL=$(postgres_url shop) && export SHOP_URL
for seed in 1 2 3; do queue pg_row_queue $seed 50; done
mariadb_start
mariadb_make shop
SHOP_URL=$(mariadb_url shop)
for seed in 1 2 3; do queue my_row_queue $seed 50; done
exit $failed
