#!/usr/bin/env bash
# Python, SQLite, threads: the ordinary test of the shop, which starts it in its own process. time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"

# Of several Pythons the one that is no script which looks for another.
python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
finds "Python, SQLite" -- "$python" "$shops/shop_test.py"
holds "Python, SQLite" -- "$python" "$shops/shop_test.py"
exit $failed
