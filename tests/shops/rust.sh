#!/usr/bin/env bash
# Rust, its standard library alone, threads that speak to Redis: no client library, and locks made of futexes.
# time-limit: 240
# shellcheck source=tests/shops/visiting
. "$(dirname "$0")/visiting"
need rustc curl redis-cli
rustc -O -o shop "$shops/shop.rs" > rustc.log 2>&1 || { cat rustc.log; fail "shop.rs does not compile"; exit 1; }

port=$(free_port)
on_redis
redis_run 0 SET order:1 pending > /dev/null
export SHOP_SOCKET=$REDIS_FOLDER/socket
statements='GET order:? / SET order:'
serves "Rust, Redis" -- ./shop "$port"

# what no lock is seen to keep apart is not predicted where locks can't be seen
rustc -O -o locked "$shops/locked.rs" > rustc.log 2>&1 || { cat rustc.log; fail "locked.rs does not compile"; exit 1; }
strip locked
LD_PRELOAD=$(dirname "$race")/librace.so RACE_OPTIONS=verbose timeout 30 ./locked > log 2>&1 || { cat log; fail "locked: status $?"; }
grep -q "observed .* operations of 3 tasks: 0 findings" log || { cat log; fail "a lock that is not seen is taken for none"; }
exit $failed
