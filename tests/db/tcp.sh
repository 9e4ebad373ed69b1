#!/usr/bin/env bash
# A server that is reached by TCP on the loopback is one as on a Unix socket: sessions are followed, races found, and
# replayed the same. time-limit: 120
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
postgres_start
mkdir -p "$OUT/tcp"
failed=0

fail() { cat "$OUT/tcp/log"; echo "FAILED: $*"; failed=1; }

postgres_listen
postgres_make shop || exit 3
SHOP_URL=$(postgres_url shop) && export SHOP_URL

# expect STATUS TEXT COMMAND...: it ends with STATUS and prints TEXT
expect() {
	local wanted=$1 text=$2 status=0
	shift 2
	"$@" > "$OUT/tcp/log" 2>&1 || status=$?
	[ "$status" -eq "$wanted" ] || fail "status $status, expected $wanted: $*"
	grep -qF -- "$text" "$OUT/tcp/log" || fail "does not say \`$text': $*"
}

program=$BUILD/tests/programs/pg_double_fulfillment
expect 66 "double effect" "$RACE" explore --db "$SHOP_URL" --output "$OUT/tcp/races" -- "$program"
schedule=$(ls -t "$OUT"/tcp/races/*.race | head -n 1)
expect 66 "identical 10 of 10" "$RACE" replay --repeat 10 --db "$SHOP_URL" "$schedule" -- "$program"
expect 0 "no finding" "$RACE" explore --max-executions 20 --db "$SHOP_URL" -- "${program}_fixed"
expect 0 "no finding" "$RACE" explore --max-executions 2 --db "$SHOP_URL" -- "$BUILD/tests/programs/pg_protocol"
exit $failed
