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
server_certificate
postgres_listen "ssl = on" "ssl_cert_file = '$CERTIFICATE'" "ssl_key_file = '$CERTIFICATE_KEY'"
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
