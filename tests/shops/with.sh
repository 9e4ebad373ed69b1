#!/usr/bin/env bash
# A suite that asks one thing after another: the requests that should come together are given to race. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need curl sqlite3

# fails TEXT OPTION... -- COMMAND...: the command fails by itself, and its output says TEXT
fails() {
	local text=$1 status=0
	shift
	timeout 60 "$race" explore --quiet "$@" > report 2>&1 || status=$?
	[ "$status" -eq 1 ] || fail "status $status, expected 1: $*"
	grep -qF -- "$text" report || { cat report; fail "does not say \`$text': $*"; }
}

python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
port=$(free_port)
sqlite3 shop.db "$(schema INTEGER)"
serves "Python, --with" -- "$python" "$shops/shop.py" "$port"
fails "did not listen within 30 seconds" --with true -- sleep 1000
fails "ended before it listened" --with true -- false
fails "--with 'exit 3' ended with status 3" --with "curl -s http://127.0.0.1:$port/" --with 'exit 3' -- "$python" "$shops/shop.py" "$port"
exit $failed
