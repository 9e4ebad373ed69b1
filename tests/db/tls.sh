#!/usr/bin/env bash
# A PostgreSQL server that offers encryption. A client that leaves it to the server is asked to do without. Where it
# insists OpenSSL is given the statements by libpq, and they are followed as in the clear: the race is found, its replays
# are the same, the fixed twin is silent, also where sessions are open before the first thread, where one waits for a row
# of another, for notifications, or for an answer that is lost. What moves encrypted bytes itself is named.
# time-limit: 240
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
command -v openssl > /dev/null || { echo "openssl is not installed"; exit 77; }
unset PGSSLMODE

postgres_start
server_certificate
postgres_listen "ssl = on" "ssl_cert_file = '$CERTIFICATE'" "ssl_key_file = '$CERTIFICATE_KEY'"
postgres_make shop || exit 3
plain=$(postgres_url shop)
same "without race" "$(psql -X -A -t "$plain" -c 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')" t
programs=$BUILD/tests/programs
program=$programs/pg_double_fulfillment

# explored STATUS TEXT PROGRAM OPTION...: on an empty database, by a session that is seen; it ends and speaks so
explored() {
	local status=$1 text=$2 program=$3
	shift 3
	postgres_make shop || exit 3
	expect "$status" "$text" timeout 100 "$RACE" explore --db-force --db "$plain" --output "$scratch/races" "$@" -- "$programs/$program"
	grep -q "encrypted session" "$scratch/log" && { cat "$scratch/log"; fail "$program: its session is not seen"; }
}

# replayed N PROGRAM: the schedule found last, N times
replayed() {
	expect 66 "identical $1 of $1" timeout 100 "$RACE" replay --repeat "$1" --db-force --db "$plain" \
		"$(ls -t "$scratch"/races/*.race | head -n 1)" -- "$programs/$2"
}

export SHOP_URL=$plain
explored 66 "double effect" pg_double_fulfillment

export SHOP_URL="$plain?sslmode=require"
explored 66 "double effect" pg_double_fulfillment
replayed 20 pg_double_fulfillment
explored 0 "no finding" pg_double_fulfillment_fixed --max-executions 40
explored 66 "double effect" pg_pooled_fulfillment
grep -q "reuse restore" "$scratch/log" && { cat "$scratch/log"; fail "an encrypted session lives on"; }
replayed 5 pg_pooled_fulfillment
explored 0 "no finding" pg_pooled_fulfillment_fixed --max-executions 20
explored 66 "double effect" pg_double_fulfillment_processes
explored 66 "lost" pg_deadlock
replayed 5 pg_deadlock
explored 0 "no finding" pg_deadlock_fixed --max-executions 20
explored 66 "assert" pg_listen
explored 0 "no finding" pg_listen_fixed --max-executions 10
explored 0 "no finding" pg_protocol --max-executions 3
explored 66 "" pg_lost_reply --faults 1
explored 0 "no finding" pg_lost_reply_fixed --faults 1 --max-executions 20
export SHOP_URL=$plain PGSSLMODE=require
explored 66 "double effect" pg_double_fulfillment --carrier thread

# Python's event loops have OpenSSL work on memory, and move the bytes themselves.
/usr/bin/python3 -c 'import asyncpg' 2> /dev/null || exit $failed
cat > "$scratch/moves.py" <<'END'
import asyncio, os, asyncpg
async def main():
    db = await asyncpg.connect(os.environ["MOVES_URL"])
    print(await db.fetchval("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
asyncio.run(main())
END
export MOVES_URL="$plain?sslmode=require"
expect 0 "encrypted session" timeout 100 "$RACE" explore --max-executions 2 --db-force --db "$plain" -- /usr/bin/python3 "$scratch/moves.py"
exit $failed
