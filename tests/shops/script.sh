#!/usr/bin/env bash
# A test that is a shell script. How often it looks for its server before that answers depends on the interleaving; that
# the requests are the same ones nevertheless is known, so that none of the outcomes has to be left open. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need curl sqlite3

python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
port=$(free_port)
fresh() { rm -f shop.db; sqlite3 shop.db "$(schema INTEGER)"; }
fresh
executions=40
finds "A shell script" -- "$shops/shop_test" "$port" "$python" "$shops/shop.py" "$port"
holds "A shell script" -- "$shops/shop_test" "$port" "$python" "$shops/shop.py" "$port"
grep -q '^units .*suspect' report && fail "some outcomes are left open"
exit $failed
