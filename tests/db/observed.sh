#!/usr/bin/env bash
# The bare preload and database servers: what it finds in programs that are wrong, with real threads and no configuration,
# and that it is silent about those that are right.
# time-limit: 240
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
library=$PWD/$BUILD/librace.so
programs=$BUILD/tests/programs

# empty DATABASE: an empty database on its server; its URL is in $url
empty() {
	case $1 in
	redis) redis_run 0 FLUSHALL > /dev/null; url=$(redis_url 0) ;;
	*) "$1_make" shop > /dev/null 2>&1; url=$("$1_url" shop) ;;
	esac
}

# observed PROGRAM WORD...: on fresh databases, as its head comment has them; what was said is in $scratch/err
observed() {
	local databases
	databases=$(sed -n 's/^ \* database: //p' "tests/programs/$1.c" | head -n 1)
	empty "$(database "${databases%%,*}")"
	export SHOP_URL=$url
	if [[ $databases == *,* ]]; then
		empty "$(database "${databases##*, }")"
		export CACHE_URL=$url
	fi
	status=0
	LD_PRELOAD=$library timeout 3 "$programs/$1" "${@:2}" > "$scratch/out" 2> "$scratch/err" || status=$?
}

database() { case $1 in postgresql) echo postgres ;; *) echo "$1" ;; esac; }

# finds TEXT PROGRAM WORD...: within some rounds, as the second task may find all done
finds() {
	local text=$1 round
	shift
	for ((round = 0; round < 200; round++)); do
		observed "$@"
		[ $status -eq 66 ] && tr -s ' \n' ' ' < "$scratch/err" | grep -q "$text" && break
	done
	[ $round -lt 200 ] || { head -5 "$scratch/err"; fail "$*: $status, expected 66 and '$text'"; }
}

# Every case of every fixed twin on this server.
silent() {
	local file name words round
	for file in tests/programs/"$1"_*_fixed.c; do
		name=$(basename "$file" .c)
		while IFS= read -r words; do
			for round in 1 2 3; do
				# shellcheck disable=SC2086
				observed "$name" $words
				[ $status -ne 66 ] && ! grep -q '^race: ' "$scratch/err" ||
					{ head -12 "$scratch/err"; fail "$name $words: $status"; }
			done
		done < <(sed -n '/^ \* race: explore/ { s/.* -- //; t found; s/.*//; :found; p }' "$file" | sort -u)
	done
}

postgres_start; mariadb_start; redis_start
for pair in pg:postgres my:mariadb rd:redis; do
	silent "${pair%%:*}"
done
# What keeps two withdrawals apart, or says that one follows the other, is seen; without it they are found.
for way in advisory row redis moment message late elsewhere later; do
	for round in 1 2 3; do
		observed pg_guards $way
		[ $status -eq 0 ] && [ ! -s "$scratch/err" ] || { head -12 "$scratch/err"; fail "pg_guards $way: $status"; }
	done
done
finds 'serializability: lost update' pg_guards none

finds 'serializability: double effect' pg_double_fulfillment
finds 'serializability: double effect' pg_pooled_fulfillment
finds 'serializability: double effect' pg_double_fulfillment_processes
finds 'serializability: lost update' pg_lost_update
finds 'serializability: double effect' my_double_fulfillment
finds 'serializability: double effect' my_pooled_fulfillment
finds 'serializability: lost update' my_lost_update
finds 'serializability: lost update' rd_lost_update

# What happened is a schedule, which a controlled run follows.
RACE_OPTIONS=record=$scratch/recorded.race finds 'both read before either wrote it' pg_double_fulfillment
empty postgres
expect 66 "double effect" "${RACE:-$BUILD/race}" replay --db-force --db "$url" "$scratch/recorded.race" -- "$programs/pg_double_fulfillment"

# What OpenSSL encrypts is read before; what can't be read is named once, where something is said at all.
if command -v openssl > /dev/null; then
	server_certificate
	postgres_listen "ssl = on" "ssl_cert_file = '$CERTIFICATE'" "ssl_key_file = '$CERTIFICATE_KEY'"
	export PGSSLMODE=require
	finds 'serializability: double effect' pg_double_fulfillment
	RACE_OPTIONS=verbose observed pg_double_fulfillment_fixed
	[ $status -eq 0 ] && ! grep -q 'not observed: tls' "$scratch/err" || { cat "$scratch/err"; fail "encrypted: $status"; }
	moves='import asyncio, asyncpg, sys; asyncio.run(asyncpg.connect(sys.argv[1]))'
	if /usr/bin/python3 -c 'import asyncpg' 2> /dev/null; then
		RACE_OPTIONS=verbose LD_PRELOAD=$library timeout 20 /usr/bin/python3 -c "$moves" "$(postgres_url postgres)?sslmode=require" 2> "$scratch/err"
		[ "$(grep -c 'not observed: tls' "$scratch/err")" = 1 ] || { cat "$scratch/err"; fail "memory that is encrypted is not named"; }
	fi
fi
exit $failed
