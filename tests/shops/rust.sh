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
exit $failed
