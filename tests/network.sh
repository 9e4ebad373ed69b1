#!/usr/bin/env bash
# What a campaign lets its command connect to: this machine, what --allow-net names, databases of --db. Nothing leaves
# the machine here either: 192.0.2.1 is of a net for documentation (RFC 5737), and nobody answers there.
# time-limit: 120
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
folder=$(mktemp -d)
program=$BUILD/tests/programs/connects
mkdir -p "$OUT"
failed=0
python3 - "$folder" > "$folder/ports" 2> "$folder/errors" << 'PYTHON' &
# Servers that accept and say nothing: on a port, on paths that databases usually have.
import selectors, socket, sys
folder = sys.argv[1]
selector = selectors.DefaultSelector()
for path in ("", "/.s.PGSQL.5432", "/mysqld.sock", "/plain.sock"):
    server = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    server.bind(folder + path if path else ("127.0.0.1", 0))
    server.listen(100)
    selector.register(server, selectors.EVENT_READ)
    if not path:
        print(server.getsockname()[1], flush=True)
open(folder + "/ready", "w").close()
while True:
    for key, _ in selector.select():
        key.fileobj.accept()[0].close()
PYTHON
server=$!
trap 'kill $server; rm -rf "$folder"' EXIT
for _ in $(seq 100); do [ -e "$folder/ready" ] && break; sleep 0.1; done
port=$(cat "$folder/ports")

fail() { echo "FAILED: $*"; failed=1; }

# expect STATUS TEXT OPTION... -- ARGUMENT...: the campaign ends with STATUS and says TEXT
expect() {
	local wanted=$1 text=$2 status=0 options=()
	shift 2
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	timeout 60 "$RACE" explore --quiet --max-executions 3 --output "$folder/races" "${options[@]}" -- "$program" "$@" \
		> "$OUT/network.log" 2>&1 || status=$?
	[ "$status" -eq "$wanted" ] || { cat "$OUT/network.log"; fail "status $status, expected $wanted: ${options[*]} -- $*"; }
	grep -qF -- "$text" "$OUT/network.log" || { cat "$OUT/network.log"; fail "does not say \`$text': ${options[*]} -- $*"; }
}

# 1: beyond this machine: stopped before the connection is made, and the peer is named
expect 2 "connects to 192.0.2.1:443, which is not on this machine" -- 192.0.2.1 443
expect 2 "--allow-net 192.0.2.1 lets it" -- 192.0.2.1 443
expect 2 "connects to 192.0.2.1:443" -- -c 192.0.2.1 443
expect 2 "connects to [2001:db8:0:0:0:0:0:1]:80" -- 2001:db8::1 80
expect 2 "connects to 192.0.2.1:443" --allow-net 192.0.2.2 -- 192.0.2.1 443
expect 0 "" --allow-net 192.0.2.2 --allow-net 192.0.2.1 -- 192.0.2.1 443
expect 2 "--allow-net: no.such.host.invalid" --allow-net no.such.host.invalid -- 127.0.0.1 "$port"
printf '[race]\nallow-net = 192.0.2.1\n' > "$folder/race.ini"
(
	path=$(realpath "$RACE") target=$(realpath "$program")
	cd "$folder" && timeout 60 "$path" explore --quiet --max-executions 2 -- "$target" 192.0.2.1 443 > log 2>&1
) || { cat "$folder/log"; fail "race.ini's allow-net"; }

# 2: this machine, by whatever name, is no elsewhere
expect 0 "" -- 127.0.0.1 "$port"
expect 0 "" -- 127.0.0.1 1
expect 0 "" -- "$folder/plain.sock"
own=$(python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(("192.0.2.1", 9)); print(s.getsockname()[0])' 2> /dev/null)
[ -z "$own" ] || expect 0 "" -- "$own" "$port"

# 3: database servers that no --db names, by path, port and what is said; a port where nobody answers is none
expect 2 "talks to the PostgreSQL server at $folder/.s.PGSQL.5432, which no --db names" -- "$folder/.s.PGSQL.5432"
expect 2 "talks to the MySQL or MariaDB server at $folder/mysqld.sock" -- "$folder/mysqld.sock"
expect 2 "talks to the PostgreSQL server at 127.0.0.1:$port" -- 127.0.0.1 "$port" postgresql
expect 2 "talks to the MySQL or MariaDB server at 127.0.0.1:$port" -- 127.0.0.1 "$port" mysql
expect 2 "talks to the Redis server at $folder/plain.sock" -- "$folder/plain.sock" 0 redis
expect 2 "talks to the Redis server at 127.0.0.1:$port" -- -c 127.0.0.1 "$port" redis
expect 0 "" --db none -- 127.0.0.1 "$port" redis
expect 0 "" --db none -- "$folder/.s.PGSQL.5432"

# 4: no campaign, no guard
timeout 60 "$RACE" run -- "$program" "$folder/.s.PGSQL.5432" > "$OUT/network.log" 2>&1 || fail "race run has a guard"
LD_PRELOAD=$(realpath "$BUILD/librace.so") timeout 60 "$program" 127.0.0.1 "$port" redis > "$OUT/network.log" 2>&1 ||
	fail "the bare preload has a guard"
exit $failed
