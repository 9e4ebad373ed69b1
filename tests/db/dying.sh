#!/usr/bin/env bash
# A server that dies in the middle of a campaign: race says so and ends, whatever the program was waiting for.
# time-limit: 150
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking

# dies PROGRAM SIGNAL PID: the server gets the signal when executions have begun; URL is in SHOP_URL
dies() {
	local campaign status=0
	export SHOP_URL
	timeout 60 "$RACE" explore --quiet --keep-going --max-executions 0 --db "$SHOP_URL" --output "$scratch/races" -- \
		"$BUILD/tests/programs/$1" > "$scratch/log" 2>&1 &
	campaign=$!
	sleep "$4"
	kill "-$2" "$3"
	wait "$campaign" || status=$?
	same "status of $1" "$status" 3
	grep -qE "^cannot (read|put back) the database ${SHOP_URL%%\?*}: ." "$scratch/log" || { cat "$scratch/log"; fail "$1: no reason"; }
	if grep -q "out of memory\|^FOUND" "$scratch/log"; then cat "$scratch/log"; fail "$1: a wrong reason"; fi
}

postgres_start
for delay in 1.1 0.83; do
	postgres_make shop
	SHOP_URL=$(postgres_url shop)
	dies pg_double_fulfillment_fixed QUIT "$(head -n 1 "$POSTGRES_FOLDER/data/postmaster.pid")" "$delay"
	(cd / && server_as "$postgres_programs/pg_ctl" -D "$POSTGRES_FOLDER/data" -l "$POSTGRES_FOLDER/log" -w -t 60 start) > "$POSTGRES_FOLDER.log" 2>&1
done
mariadb_start
mariadb_make shop
SHOP_URL=$(mariadb_url shop)
dies my_double_fulfillment_fixed KILL "$(cat "$MARIADB_FOLDER/pid")" 0.9
redis_start
SHOP_URL=$(redis_url 0)
dies rd_lost_update_fixed KILL "$(cat "$REDIS_FOLDER/pid")" 0.7
exit $failed
