#!/usr/bin/env bash
# What race does with a MariaDB database: refuses what is no test database, puts the start state back, also after a
# campaign that was killed, reads what it holds, and tells who waits for whom. time-limit: 120
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
mariadb_start
program=$BUILD/tests/programs/lost_update

# 1: what can't be used, and why
expect 2 "no database that race knows" "$RACE" doctor --db nonsense://x
expect 2 "is the server running" "$RACE" doctor --db 'mysql:///x?socket=/nonexistent'
expect 2 "names no database" "$RACE" doctor --db "mysql:///?socket=$MARIADB_FOLDER/socket&user=shop"
expect 2 "a parameter other than" "$RACE" doctor --db "mysql:///x?sockt=1"
expect 2 "Unknown database 'nothing'; it must be there" "$RACE" doctor --db "$(mariadb_url nothing)"
mariadb_sql <<< "CREATE USER secret@localhost IDENTIFIED BY 'p@ss'; CREATE USER poor@localhost;
	GRANT ALL ON filled.* TO poor@localhost; GRANT ALL ON *.* TO secret@localhost"
mariadb_make filled "CREATE TABLE precious (id int AUTO_INCREMENT PRIMARY KEY, name text); INSERT INTO precious (name) VALUES ('a'), ('b')"
url=$(mariadb_url filled)
expect 2 "Access denied for user 'secret'" "$RACE" doctor --db "${url/shop/secret}&password=wrong"
expect 0 "server" "$RACE" doctor --db "${url/shop/secret}&password=p%40ss"
expect 2 "needs the privilege PROCESS" "$RACE" doctor --db "${url/user=shop/user=poor}"
mariadb_sql <<< "GRANT PROCESS ON *.* TO poor@localhost"
expect 4 "GRANT ALL ON" "$RACE" doctor --db "${url/user=shop/user=poor}"

# 2: marked, here and now only
expect 2 "not empty and not marked" "$RACE" explore --db "$url" -- "$program"
expect 0 "not empty and not marked" "$RACE" doctor --db "$url"
expect 0 "marked now" "$RACE" doctor --mark --db "$url"
expect 0 "it is empty, or marked" "$RACE" doctor --db "$url"
mariadb_make elsewhere
mariadb-dump --no-defaults --socket="$MARIADB_FOLDER/socket" --user=root filled | mariadb_sql elsewhere
expect 0 "not empty and not marked" "$RACE" doctor --db "$(mariadb_url elsewhere)"
[ "$(mariadb_sql filled <<< 'SELECT COUNT(*) FROM precious')" = 2 ] || fail "a refused database was changed"

# 3: the content: no key, NULLs, bytes that are no text, all types, and what counts as equal
mariadb_make wide "CREATE TABLE bag (n int, x double, f float, d decimal(9,3), b varbinary(20), t text, j datetime, g int AS (n + 1));
	INSERT INTO bag (n, x, f, d, b, t, j) VALUES (1, 0.1, 0.1, 1.5, X'00ff27', 'it''s \`fine\`', '2020-01-02 03:04:05'),
	(1, 0.1, 0.1, 1.5, X'00ff27', 'it''s \`fine\`', '2020-01-02 03:04:05'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL);
	CREATE TABLE \`odd \`\`name\` (id bigint AUTO_INCREMENT PRIMARY KEY, \`a\`\`b\` blob); INSERT INTO \`odd \`\`name\` (\`a\`\`b\`) VALUES (REPEAT(X'fe', 3))"
ask "$(mariadb_url wide)"
tell show > /dev/null
has "bag: i1 f0.1 f0.10000000149011612 t1.500 b\\00\\ff' tit's\\20\`fine\` t2020-01-02\\2003:04:05"
has "bag: n n n n n n n"
has "odd \`name: i1 b\\fe\\fe\\fe"
before=$(tell digest)
same "three rows and one" "${before#* }" "2 4"

# 4: the start state, whatever is done to it
mariadb_sql wide <<< "CREATE TABLE large (id int PRIMARY KEY, name varchar(30) UNIQUE, n int);
	INSERT INTO large SELECT seq, CONCAT('name ', seq), 0 FROM seq_1_to_100000;
	CREATE TABLE parent (id int AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT=7; INSERT INTO parent VALUES (), ();
	CREATE TABLE child (id int PRIMARY KEY, parent_id int, FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE);
	INSERT INTO child VALUES (0, 7), (1, 8);
	CREATE TABLE log (what text); CREATE TRIGGER watch AFTER INSERT ON parent FOR EACH ROW INSERT INTO log VALUES (NEW.id)"
same keep "$(tell keep)" ok
before=$(tell digest)
changed() { # WHAT SQL: after this the start state is put back
	mariadb_sql wide <<< "$2" || fail "$1"
	same "$1: reset" "$(tell reset)" ok
	same "$1" "$(tell digest)" "$before"
}
changed nothing "SELECT 1"
changed "rows without a key" "DELETE FROM bag WHERE n IS NULL; UPDATE bag SET t = UPPER(t) LIMIT 1"
changed "few rows of many" "UPDATE large SET n = 1 WHERE id = 5; DELETE FROM large WHERE id = 6; INSERT INTO large VALUES (200000, 'new', 1)"
changed "letter case" "UPDATE large SET name = UPPER(name) WHERE id = 7"
changed "two rows' unique names" "UPDATE large SET name = 'x' WHERE id = 1; UPDATE large SET name = 'name 1' WHERE id = 2; UPDATE large SET name = 'name 2' WHERE id = 1"
changed "a cascade, and a trigger" "DELETE FROM parent WHERE id = 7; INSERT INTO parent VALUES (), ()"
changed "new things" "CREATE TABLE extra (a int); CREATE VIEW seen AS SELECT * FROM bag; CREATE PROCEDURE p() SELECT 1; CREATE SEQUENCE s"
changed "an altered table" "ALTER TABLE bag ADD COLUMN extra int, DROP COLUMN x"
changed "dropped tables" "SET foreign_key_checks = 0; DROP TABLE child; DROP TABLE large; DROP TABLE \`odd \`\`name\`"
changed "a truncated one" "TRUNCATE TABLE log; TRUNCATE TABLE bag"
mariadb_sql wide <<< "BEGIN; INSERT INTO parent VALUES (), (), (); ROLLBACK"
same "reset" "$(tell reset)" ok
same "the next number" "$(mariadb_sql wide <<< "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'wide' AND TABLE_NAME = 'parent'")" 9
same "a view left" "$(mariadb_sql wide <<< "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'wide'")" 6

# 5: killed in the middle: the next one mends it
expect 2 "another race is working" "$RACE" explore --db-force --db "$(mariadb_url wide)" -- "$program"
mariadb_sql wide <<< "DELETE FROM bag; CREATE TABLE extra (a int)"
hang_up KILL
ask "$(mariadb_url wide)"
same "mended" "$(tell digest)" "$before"
same "the copy" "$(mariadb_sql <<< "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '%race%'")" 0
mariadb_sql wide <<< "DROP TRIGGER watch; CREATE TABLE versioned (a int) WITH SYSTEM VERSIONING"
[[ "$(tell keep)" == *"system-versioned"* ]] || fail "a system-versioned table is kept"
hang_up

# 6: who waits for whom
mariadb_make locks "CREATE TABLE rows_ (id int PRIMARY KEY, n int); INSERT INTO rows_ VALUES (1, 0), (2, 0)"
ask "$(mariadb_url locks)"
a=0 a_id=0 b=0 b_id=0 c_id=0
client() { # NAME: a session; its number is in NAME_id, what it is sent by its descriptor in NAME
	local fifo=$scratch/$1.in
	rm -f "$fifo" && mkfifo "$fifo"
	timeout 60 mariadb --no-defaults --socket="$MARIADB_FOLDER/socket" --user=shop -N -B --unbuffered --force locks \
		< "$fifo" > "$scratch/$1.out" 2>&1 &
	exec {fd}> "$fifo"
	printf -v "$1" %s "$fd"
	echo "SELECT CONNECTION_ID();" >&"$fd"
	until grep -q . "$scratch/$1.out"; do sleep 0.01; done
	printf -v "$1_id" %s "$(head -n 1 "$scratch/$1.out")"
}
said() { until grep -q "$2" "$scratch/$1.out"; do sleep 0.01; done; }
blocked() { # WHAT: b waits for a, at once, and not for others
	for _ in $(seq 200); do [ "$(tell blocked "$b_id" "$a_id")" = 1 ] && break; sleep 0.01; done
	same "$1" "$(tell blocked "$b_id" "$a_id")" 1
	same "$1, of nobody" "$(tell blocked "$b_id")" 0
	same "$1, the holder" "$(tell blocked "$a_id" "$b_id")" 0
}
client a
client b
same "idle" "$(tell blocked "$b_id" "$a_id")" 0
echo "BEGIN; UPDATE rows_ SET n = 1 WHERE id = 1; SELECT 'a1';" >&"$a"
said a a1
echo "UPDATE rows_ SET n = 2 WHERE id = 1; SELECT 'b1';" >&"$b"
blocked "a row"
same "settled while blocked" "$(tell settle "$b_id" "$a_id")" 0
echo "COMMIT; SELECT 'a2';" >&"$a"
said b b1
same "a row that is free" "$(tell blocked "$b_id" "$a_id")" 0
echo "SELECT GET_LOCK('x', 0); SELECT 'a3';" >&"$a"
said a a3
echo "SELECT GET_LOCK('x', 9); SELECT 'b2';" >&"$b"
blocked "a user's lock"
echo "DO RELEASE_LOCK('x'); SELECT 'a4';" >&"$a"
said b b2
echo "BEGIN; SELECT * FROM rows_; SELECT 'a5';" >&"$a"
said a a5
echo "ALTER TABLE rows_ ADD COLUMN m int; SELECT 'b3';" >&"$b"
blocked "a table's definition"
echo "COMMIT; SELECT 'a6';" >&"$a"
said b b3

# 7: sessions that we are told of are ended, others not
same keep "$(tell keep)" ok
client c
echo "BEGIN; UPDATE rows_ SET n = 5 WHERE id = 1; SELECT 'a7';" >&"$a"
said a a7
same "reset with a session" "$(tell reset "$a_id" "$b_id")" ok
same "sessions left" "$(mariadb_sql <<< "SELECT GROUP_CONCAT(ID) FROM information_schema.PROCESSLIST WHERE DB = 'locks' AND ID IN ($a_id, $b_id, $c_id)")" "$c_id"
hang_up
same "a race left" "$(mariadb_sql <<< "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '%race%'")" 0

# 8: how long it takes: said, not judged
mariadb_make small "CREATE TABLE orders (id int PRIMARY KEY, n int); INSERT INTO orders SELECT seq, seq FROM seq_1_to_100; CREATE TABLE shipments LIKE orders"
ask "$(mariadb_url small)"
same keep "$(tell keep)" ok
echo "reset and digest of 2 small tables: $(tell time 100) us at best"
hang_up
exit $failed
