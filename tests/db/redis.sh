#!/usr/bin/env bash
# What race does with a Redis database: refuses what is no test database, puts the start state back, also after a
# campaign that was killed, reads what it holds, and tells who waits. time-limit: 120
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
redis_start
program=$BUILD/tests/programs/lost_update
url=$(redis_url 3)

# 1: what can't be used, and why
expect 2 "is the server running" "$RACE" doctor --db 'redis:///0?socket=/nonexistent'
expect 2 "Connection refused: is the server running" "$RACE" doctor --db 'redis://127.0.0.1:1/0'
expect 2 "is no number" "$RACE" doctor --db "$(redis_url x)"
expect 2 "out of range" "$RACE" doctor --db "$(redis_url 99)"
redis_run 0 ACL SETUSER secret on '>p@ss' allkeys allchannels +@all > /dev/null
redis_run 0 ACL SETUSER poor on '>poor' allkeys +@all -eval > /dev/null
expect 2 "WRONGPASS" "$RACE" doctor --db "$url&user=secret&password=wrong"
expect 0 "free database" "$RACE" doctor --db "$url&user=secret&password=p%40ss"
expect 4 "NOPERM" "$RACE" doctor --db "$url&user=poor&password=poor"
redis_run 15 DEL race_start_state > /dev/null

# 2: empty is a test database; otherwise marked, here and now only
expect 0 "it is empty, or marked" "$RACE" doctor --db "$url"
redis_run 3 SET precious 1 > /dev/null
redis_run 7 SET other 1 > /dev/null
expect 2 "not empty and not marked" "$RACE" explore --db "$url" -- "$program"
expect 0 "marked now" "$RACE" doctor --mark --db "$url"
expect 0 "it is empty, or marked" "$RACE" doctor --db "$url"
redis_run 3 COPY race_test_database race_test_database DB 7 > /dev/null
expect 0 "not empty and not marked" "$RACE" doctor --db "$(redis_url 7)"

# 3: the content
redis_run 3 SET $'by\xfftes' $'\x01\xfe' > /dev/null
redis_run 3 HSET hash f 1 g 2 > /dev/null
redis_run 3 RPUSH list b a b > /dev/null
redis_run 3 SADD set x > /dev/null
redis_run 3 ZADD zset 1.5 m > /dev/null
redis_run 3 XADD stream 1-1 f v g w > /dev/null
redis_run 3 SET expiring 1 PX 600000 > /dev/null
ask "$url"
tell show > /dev/null
has 'strings: tby\fftes t\01\fe'
has 'hashes: thash tg t2'
has 'lists: tlist i2 tb'
has 'sets: tset tx'
has 'sorted_sets: tzset tm t1.5'
has 'streams: tstream t1-1 i1 tg tw'
has 'keys: texpiring tstring i1'
has 'keys: tprecious tstring i0'

# 4: the start state, whatever is done to it; other databases are left alone
redis_run 3 EVAL "for i = 1, 20000 do redis.call('SET', 'many:' .. i, i) end" 0 > /dev/null
same keep "$(tell keep)" ok
before=$(tell digest)
changed() { # COMMAND...: after this the start state is put back
	redis_run 3 "$@" > /dev/null || fail "$*"
	[ "$(tell digest)" != "$before" ] || [ "$1" = PING ] || fail "$*: changes nothing"
	same "$*: reset" "$(tell reset)" ok
	same "$*" "$(tell digest)" "$before"
}
changed PING
changed SET many:7 8
changed DEL many:8
changed SET new 1
changed RENAME hash list
changed LPUSH list 1
changed PERSIST expiring
changed EXPIRE precious 1000
changed XADD stream '*' f v
changed ZADD zset 2 m
changed SPOP set
changed FLUSHDB
same "a key of another database" "$(redis_run 7 GET other)" 1
left=$(redis_run 3 PTTL expiring)
[ "$left" -gt 500000 ] || fail "time to live: $left"

# 5: killed in the middle: the next one mends it
expect 2 "another race is working" "$RACE" doctor --db "$url"
redis_run 3 FLUSHDB > /dev/null
hang_up KILL
ask "$url"
same "mended" "$(tell digest)" "$before"
same "the copy" "$(redis_run 0 INFO keyspace | grep -c '^db')" 2
redis_run 3 SET race_start_state 1 > /dev/null
[[ "$(tell keep)" == *"race_start_state, which race needs"* ]] || fail "a key of ours is kept"
redis_run 3 DEL race_start_state > /dev/null

# 6: who waits, and sessions that we are told of are ended
same keep "$(tell keep)" ok
same "nobody waits" "$(tell blocked 0)" 0
timeout 30 redis-cli -s "$REDIS_FOLDER/socket" -n 3 BLPOP none 30 < /dev/null > "$scratch/blpop" 2>&1 &
for _ in $(seq 200); do [ "$(tell blocked 0)" = 1 ] && break; sleep 0.01; done
same "BLPOP waits" "$(tell blocked 0)" 1
id=$(redis_run 0 CLIENT LIST | sed -n 's/^id=\([0-9]*\) .*cmd=blpop.*/\1/p')
same "BLPOP of a known number" "$(tell blocked "$id")" 1
own=$(redis_run 0 CLIENT LIST | sed -n 's/^id=\([0-9]*\) .*name=race:3 .*/\1/p')
same "another" "$(tell blocked "$own")" 0
same "settled" "$(tell settle "$id")" 0
same "reset with a session" "$(tell reset "$id")" ok
same "a session left" "$(redis_run 0 CLIENT LIST | grep -c cmd=blpop)" 0
same "put back" "$(tell digest)" "$before"
hang_up
same "the copy" "$(redis_run 0 INFO keyspace | grep -c '^db')" 2

# 7: how long it takes: said, not judged
redis_run 9 EVAL "for i = 1, 100 do redis.call('SET', 'k:' .. i, i) end" 0 > /dev/null
ask "$(redis_url 9)"
same keep "$(tell keep)" ok
echo "reset and digest of 100 keys: $(tell time 100) us at best"
hang_up
# no other database is free
for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do redis_run "$i" SET x 1 > /dev/null; done
expect 4 "none of" "$RACE" doctor --db "$url"
exit $failed
