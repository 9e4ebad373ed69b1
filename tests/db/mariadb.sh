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
expect 0 "nothing does not exist: race takes that for one that the command creates" "$RACE" doctor --db "$(mariadb_url nothing)"
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

# 5: row by row: values and keys of all types, of all character sets; keys that form a cycle; an engine without transactions
hang_up
mariadb_make rows_ "SET time_zone = '+00:00'; CREATE TABLE kinds (id int AUTO_INCREMENT PRIMARY KEY, e enum('a', 'b'), s set('x', 'y'), j json, b bit(12), y year, t time(3),
		ts timestamp(6) NULL, u uuid, i6 inet6, d double, f float, n decimal(12,4), z date, m mediumint unsigned, w char(8) CHARACTER SET ucs2,
		l varchar(20) CHARACTER SET latin1, g int AS (m + 1) PERSISTENT, p point, big longblob);
	INSERT INTO kinds (e, s, j, b, y, t, ts, u, i6, d, f, n, z, m, w, l, p, big) SELECT 'a', 'x,y', '{\"a\": [1, null]}', b'101000001111', 2020, '-01:02:03.5',
		'2020-01-02 03:04:05.000006', '00000000-0000-0000-0000-00000000000a', '::1', 0.1, 0.1, 1.5, '2020-02-29', seq, 'ab', 'x', POINT(1, 2), REPEAT(X'00ff27', 50) FROM seq_1_to_20;
	CREATE TABLE words (word varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, part varbinary(5), n int, PRIMARY KEY (word, part));
	INSERT INTO words VALUES (X'c3a974c3a9', X'00', 1), ('it''s', X'27', 2), ('back\\\\', X'5c', 3), ('', '', 4);
	CREATE TABLE bits (b bit(12) PRIMARY KEY, d date, n int); INSERT INTO bits VALUES (b'1', '2020-01-01', 1), (b'101000001111', '2020-01-02', 2);
	SET foreign_key_checks = 0; CREATE TABLE heads (id int PRIMARY KEY, tail int, FOREIGN KEY (tail) REFERENCES tails (id) ON DELETE CASCADE);
	CREATE TABLE tails (id int PRIMARY KEY, head int, FOREIGN KEY (head) REFERENCES heads (id) ON DELETE CASCADE); INSERT INTO heads VALUES (1, 1), (2, 2);
	INSERT INTO tails VALUES (1, 2), (2, 1), (3, NULL); CREATE TABLE uses (n int, m int); INSERT INTO uses VALUES (1, 1), (1, 1), (2, NULL);
	CREATE TABLE many (id int PRIMARY KEY, n int); INSERT INTO many SELECT seq, 0 FROM seq_1_to_100000"
ask "$(mariadb_url rows_)"
same keep "$(tell keep)" ok
before=$(tell digest)
compared() { mariadb_sql <<< "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'COM_CHECKSUM'"; }
back() { # WHAT SQL: this changes something, and is put back row by row: nothing is compared on the server
	local count
	mariadb_sql rows_ <<< "$2" || fail "$1"
	[ "$(tell digest)" != "$before" ] || fail "$1: nothing has changed"
	count=$(compared)
	same "$1: reset" "$(tell reset)" ok
	same "$1: comparisons" "$(compared)" "${3:-$count}"
	same "$1" "$(tell digest)" "$before"
}
back "all types" "UPDATE kinds SET e = 'b', s = '', j = '1', b = 0, y = NULL, t = '1:00', ts = NOW(6), u = NULL, i6 = '::2', d = 0.3, f = 0.3, n = 2, z = NULL, m = 0, w = 'c', l = '', p = NULL, big = '' WHERE id < 5; DELETE FROM kinds WHERE id = 7; INSERT INTO kinds (e) VALUES ('a')"
back "one row of all types" "UPDATE kinds SET e = 'b', s = '', j = '1', b = 0, y = NULL, t = '1:00', ts = NOW(6), u = NULL, i6 = '::2', d = 0.3, f = 0.3, n = 2, z = NULL, m = 0, w = 'c', l = '', p = NULL, big = '' WHERE id = 5"
back "a row that takes what another one had" "UPDATE kinds SET m = 0 WHERE id = 5; DELETE FROM kinds WHERE id = 6; INSERT INTO kinds (e) VALUES ('b')"
back "another letter case" "UPDATE kinds SET l = 'X' WHERE id = 1"
back "keys that are texts and bytes" "UPDATE words SET n = 0; DELETE FROM words WHERE part = ''; INSERT INTO words VALUES ('new', '', 1)"
back "a key of another letter case" "UPDATE words SET word = 'IT''S' WHERE n = 2"
back "keys that are bits" "UPDATE bits SET n = 9; DELETE FROM bits WHERE b = 1; INSERT INTO bits VALUES (2, NULL, 1)"
back "a cycle of keys" "DELETE FROM heads WHERE id = 1; INSERT INTO tails VALUES (9, NULL); UPDATE tails SET head = NULL"
back "a cascade that nobody counts" "DELETE FROM heads WHERE id = 2"
back "what was rolled back, then something" "BEGIN; UPDATE kinds SET m = 99; ROLLBACK; UPDATE bits SET n = 7"
same "counted while it is looked at" "$(mariadb_sql <<< "SELECT @@userstat")" 1
back "no key" "DELETE FROM uses LIMIT 1; INSERT INTO uses VALUES (NULL, NULL)"
back "few of many" "UPDATE many SET n = 1 WHERE id IN (5, 50000); INSERT INTO many VALUES (200000, 1); DELETE FROM many WHERE id = 6"
back "a definition changes in the middle" "INSERT INTO uses VALUES (8, 8); CREATE TABLE extra (a int); INSERT INTO words VALUES ('new', '', 1); DROP TABLE extra" $(($(compared) + 14))
mariadb_sql rows_ <<< "UPDATE many SET n = id; TRUNCATE TABLE words"
same "many of many: reset" "$(tell reset)" ok
same "many of many" "$(tell digest)" "$before"
hang_up
same "not counted any more" "$(mariadb_sql <<< "SELECT @@userstat")" 0
mariadb_sql <<< "CREATE USER owner@localhost; GRANT PROCESS ON *.* TO owner@localhost; GRANT ALL ON rows_.* TO owner@localhost;
	GRANT ALL ON \`rows__race_start_state\`.* TO owner@localhost"
url=$(mariadb_url rows_)
expect 0 "all rows are read after each execution" "$RACE" doctor --db "${url/user=shop/user=owner}"
ask "${url/user=shop/user=owner}" # who may not have changes counted
same keep "$(tell keep)" ok
before=$(tell digest)
same "not counted" "$(mariadb_sql <<< "SELECT @@userstat")" 0
back "few of many, not counted" "UPDATE many SET n = 1 WHERE id IN (5, 50000); INSERT INTO many VALUES (200000, 1); DELETE FROM many WHERE id = 6"
hang_up
mariadb_sql rows_ <<< "CREATE TABLE plain (id int PRIMARY KEY, n int) ENGINE = Aria; INSERT INTO plain VALUES (1, 1)"
ask "$(mariadb_url rows_)"
same keep "$(tell keep)" ok
before=$(tell digest)
changed_plain=$(mariadb_sql rows_ <<< "UPDATE plain SET n = 2; INSERT INTO uses VALUES (3, 3)")
same "no transactions: reset" "$changed_plain$(tell reset)" ok
same "no transactions" "$(tell digest)" "$before"
hang_up
ask "$(mariadb_url wide)"
same keep "$(tell keep)" ok
before=$(tell digest)

# 6: killed in the middle: the next one mends it
expect 2 "another race is working" "$RACE" explore --db-force --db "$(mariadb_url wide)" -- "$program"
mariadb_sql wide <<< "DELETE FROM bag; CREATE TABLE extra (a int)"
hang_up KILL
ask "$(mariadb_url wide)"
same "mended" "$(tell digest)" "$before"
same "the copy" "$(mariadb_sql <<< "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '%race%'")" 0
mariadb_sql wide <<< "DROP TRIGGER watch; CREATE TABLE versioned (a int) WITH SYSTEM VERSIONING"
[[ "$(tell keep)" == *"system-versioned"* ]] || fail "a system-versioned table is kept"
hang_up

# 7: who waits for whom
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

# 8: sessions that we are told of are ended, others not
same keep "$(tell keep)" ok
client c
echo "BEGIN; UPDATE rows_ SET n = 5 WHERE id = 1; SELECT 'a7';" >&"$a"
said a a7
same "reset with a session" "$(tell reset "$a_id" "$b_id")" ok
same "sessions left" "$(mariadb_sql <<< "SELECT GROUP_CONCAT(ID) FROM information_schema.PROCESSLIST WHERE DB = 'locks' AND ID IN ($a_id, $b_id, $c_id)")" "$c_id"
hang_up
same "a race left" "$(mariadb_sql <<< "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '%race%'")" 0

# 9: definitions are looked at unless nobody but those who are followed has said anything, and what they said is plain
mariadb_make told "CREATE TABLE rows_ (id int AUTO_INCREMENT PRIMARY KEY, n int); INSERT INTO rows_ VALUES (1, 0)"
ask "$(mariadb_url told)"
same keep "$(tell keep)" ok
client a
statuses() { # how often statuses were asked for, COM_STATISTICS included, by a, who says two things for that
	echo "SHOW GLOBAL STATUS LIKE 'Com_show_status'; SELECT 'status $1';" >&"$a"
	said a "status $1"
	grep Com_show_status "$scratch/a.out" | tail -n 1 | cut -f 2
}
told() { # WHAT TIMES STATEMENT COUNT PLAIN: after a has said this and two more, race asks so often
	local before after
	echo "$3; SELECT 'said $1';" >&"$a"
	said a "said $1"
	before=$(statuses "before $1")
	same hear "$(tell hear $(($4 + 3)) "$5")" ok
	same "told, $1" "$(tell digest)" "$6"
	after=$(statuses "after $1")
	same "$1: asked" $((after - before - 2)) "$2"
	same hear "$(tell hear 2 1)" ok
	same "$1: reset" "$(tell reset)" ok
	same "$1: put back" "$(tell digest)" "$start"
}
echo "USE told; SELECT 'here';" >&"$a"
said a here
start=$(tell digest)
# not by a client that goes then: the server may count its goodbye later
echo "UPDATE rows_ SET n = 1; SELECT 'changed';" >&"$a"
said a changed
changed_told=$(tell digest)
same reset "$(tell reset)" ok
told "a row" 0 "UPDATE rows_ SET n = 1" 1 1 "$changed_told"
told "another" 0 "UPDATE rows_ SET n = 1" 1 1 "$changed_told"
told "a number" 0 "INSERT INTO rows_ VALUES (NULL, 0); DELETE FROM rows_ WHERE id > 1" 2 1 "$start"
told "what was not told" 1 "UPDATE rows_ SET n = 1" 0 1 "$changed_told"
told "what was not plain" 1 "CREATE VIEW seen AS SELECT 1; UPDATE rows_ SET n = 1" 2 0 "$changed_told"
told "a view of nobody" 1 "CREATE VIEW seen AS SELECT 1; UPDATE rows_ SET n = 1" 1 1 "$changed_told"
same "views left" "$(mariadb_sql <<< "SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'told'")" 0
same "the next number" "$(mariadb_sql <<< "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'told'")" 2
hang_up

# 10: how long it takes: said, not judged
mariadb_make small "CREATE TABLE orders (id int PRIMARY KEY, n int); INSERT INTO orders SELECT seq, seq FROM seq_1_to_100; CREATE TABLE shipments LIKE orders"
ask "$(mariadb_url small)"
same keep "$(tell keep)" ok
echo "reset and digest of 2 small tables: $(tell time 100) us at best"
hang_up
exit $failed
