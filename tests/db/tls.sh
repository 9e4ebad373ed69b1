#!/usr/bin/env bash
# A PostgreSQL server that offers encryption. A client that leaves it to the server is asked to do without, and is
# followed; where it insists the result says that its statements are not seen.
# time-limit: 150
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
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$POSTGRES_FOLDER/data/server.key" \
	-out "$POSTGRES_FOLDER/data/server.crt" > "$scratch/log" 2>&1 || { cat "$scratch/log"; exit 3; }
chmod 600 "$POSTGRES_FOLDER/data/server.key"
[ "$(id -u)" -ne 0 ] || chown nobody "$POSTGRES_FOLDER/data/server.key"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf "listen_addresses = '127.0.0.1'\nport = %s\nssl = on\n" "$port" >> "$POSTGRES_FOLDER/data/postgresql.conf"
(cd / && server_as "$postgres_programs/pg_ctl" -D "$POSTGRES_FOLDER/data" -l "$POSTGRES_FOLDER/log" -w -t 60 restart) \
	> "$scratch/log" 2>&1 || { cat "$scratch/log" "$POSTGRES_FOLDER/log"; exit 3; }
POSTGRES_URL="postgresql://shop@127.0.0.1:$port/%s"
postgres_make shop || exit 3
plain=$(postgres_url shop)
same "without race" "$(psql -X -A -t "$plain" -c 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')" t
program=$BUILD/tests/programs/pg_double_fulfillment

export SHOP_URL=$plain
expect 66 "double effect" "$RACE" explore --db "$plain" --output "$scratch/races" -- "$program"
grep -q "encrypted session" "$scratch/log" && { cat "$scratch/log"; fail "a client that need not encrypt does"; }
export SHOP_URL="$plain?sslmode=require"
expect 0 "encrypted session" "$RACE" explore --max-executions 3 --db "$plain" --output "$scratch/races" -- "$program"
export SHOP_URL=$plain
PGSSLMODE=require expect 0 "encrypted session" "$RACE" explore --max-executions 3 --db "$plain" --output "$scratch/races" -- "$program"
exit $failed
