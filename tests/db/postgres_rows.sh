#!/usr/bin/env bash
# What PostgreSQL's tables may hold: no key, NULLs, bytes that are no text, letters of no known encoding, many rows, large
# ones. It is read as it is, and put back whatever is done to it; and who may not, is told why. time-limit: 120
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=${RACE:-$BUILD/race}
# shellcheck source=tests/db/servers
. tests/db/servers
# shellcheck source=tests/db/asking
. tests/db/asking
postgres_start

value() { psql -X -A -t -q -v ON_ERROR_STOP=1 "$(postgres_url "$1")" -c "$2"; }

# 1: the content
postgres_make wide "CREATE TABLE bag (n int, x float8, f real, d numeric(9,3), b bytea, t text, j timestamp, a int[], g int GENERATED ALWAYS AS (n + 1) STORED);
	INSERT INTO bag (n, x, f, d, b, t, j, a) VALUES (1, 0.1, 0.1, 1.5, '\\x00ff27', 'it''s fine', '2020-01-02 03:04:05', '{1,NULL}'),
	(1, 0.1, 0.1, 1.5, '\\x00ff27', 'it''s fine', '2020-01-02 03:04:05', '{1,NULL}'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
	CREATE TABLE \"odd \"\"name\" (id bigserial PRIMARY KEY, \"a\"\"b\" bytea); INSERT INTO \"odd \"\"name\" (\"a\"\"b\") VALUES ('\\xfefefe')"
ask "$(postgres_url wide)"
tell show > /dev/null
has "bag: i1 f0.1 f0.1 t1.500 b\\x00ff27 tit's\\20fine t2020-01-02\\2003:04:05 t{1,NULL} i2"
has "bag: n n n n n n n n n"
has 'odd "name: i1 b\xfefefe'

# 2: the start state, whatever is done to it
value wide "CREATE TABLE large (id int PRIMARY KEY, name text UNIQUE, n int);
	INSERT INTO large SELECT i, 'name ' || i, 0 FROM generate_series(1, 100000) i;
	CREATE TABLE parent (id serial PRIMARY KEY); INSERT INTO parent DEFAULT VALUES; INSERT INTO parent DEFAULT VALUES;
	CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent ON DELETE CASCADE); INSERT INTO child VALUES (0, 1), (1, 2);
	CREATE TABLE log (what text);
	CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END \$\$;
	CREATE TRIGGER watch AFTER INSERT ON parent FOR EACH ROW EXECUTE FUNCTION note()"
same keep "$(tell keep)" ok
before=$(tell digest)
same "tables and rows" "${before#* }" "6 100008"
changed() { # WHAT SQL: after this the start state is put back
	value wide "$2" > /dev/null || fail "$1"
	same "$1: reset" "$(tell reset)" ok
	same "$1" "$(tell digest)" "$before"
}
changed nothing "SELECT 1"
changed "rows without a key" "DELETE FROM bag WHERE n IS NULL; UPDATE bag SET t = upper(t) WHERE ctid = (SELECT min(ctid) FROM bag)"
changed "few rows of many" "UPDATE large SET n = 1 WHERE id = 5; DELETE FROM large WHERE id = 6; INSERT INTO large VALUES (200000, 'new', 1)"
changed "two rows' unique names" "UPDATE large SET name = 'x' WHERE id = 1; UPDATE large SET name = 'name 1' WHERE id = 2; UPDATE large SET name = 'name 2' WHERE id = 1"
changed "a cascade, and a trigger" "DELETE FROM parent WHERE id = 1; INSERT INTO parent DEFAULT VALUES"
changed "new things" "CREATE TABLE extra (a int); CREATE SCHEMA more CREATE TABLE extra (a int)"
changed "truncated ones" "TRUNCATE bag, log"
same "the next number" "$(value wide "SELECT nextval('parent_id_seq')")" 3
definitions="SELECT count(*), sum(hashtext(pg_describe_object(classid, objid, objsubid))::bigint) FROM (SELECT DISTINCT classid, objid, objsubid
	FROM pg_depend WHERE objid >= 16384) d"
kept=$(value wide "$definitions")
changed "new definitions" "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE PROCEDURE p() LANGUAGE sql AS '';
	CREATE TYPE mood AS ENUM ('sad', 'fine'); CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE TYPE pair AS (a int, b mood);
	CREATE FUNCTION feel(mood) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE free; CREATE VIEW seen AS SELECT * FROM large;
	CREATE MATERIALIZED VIEW stored AS SELECT n FROM bag; CREATE INDEX more_bag ON bag (n); CREATE UNIQUE INDEX more_bag_2 ON bag (n, t) WHERE n > 9;
	ALTER TABLE log ADD CONSTRAINT short CHECK (length(what) < 99); CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int);
	CREATE RULE quiet AS ON DELETE TO log DO ALSO NOTHING; CREATE STATISTICS st ON n, t FROM bag; CREATE POLICY mine ON log;
	CREATE TRIGGER watch_2 AFTER INSERT ON bag FOR EACH ROW EXECUTE FUNCTION note(); CREATE EXTENSION btree_gist;
	CREATE FUNCTION same_as(int, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE OPERATOR <=> (LEFTARG = int, RIGHTARG = text, FUNCTION = same_as); CREATE CAST (mood AS int) WITH FUNCTION feel(mood)"
same "new definitions are gone" "$(value wide "$definitions")" "$kept"
changed "the same definitions again" "DROP TRIGGER watch ON parent; DROP FUNCTION note; CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
	\$\$ BEGIN INSERT INTO log VALUES (NEW.id); RETURN NEW; END \$\$; CREATE TRIGGER watch AFTER INSERT ON parent FOR EACH ROW EXECUTE FUNCTION note()"
changed "once more" "INSERT INTO parent DEFAULT VALUES"
value wide "DROP TRIGGER watch ON parent" > /dev/null
[[ "$(tell reset)" == *"the trigger watch on public.parent was dropped"* ]] || fail "a trigger that was dropped is put back"
value wide "CREATE TRIGGER watch AFTER INSERT ON parent FOR EACH ROW EXECUTE FUNCTION note()" > /dev/null
same "a trigger is there again" "$(tell reset)" ok
value wide "ALTER TABLE bag ADD COLUMN extra int" > /dev/null
[[ "$(tell reset)" == *"was dropped or altered"* ]] || fail "an altered table is put back"
hang_up

# 3: types, keys and triggers of all kinds; for a user who may leave triggers and keys out, and for one who may not
everything="CREATE TYPE mood AS ENUM ('sad', 'fine'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
	CREATE TABLE kinds (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood, p positive, j jsonb, k json, a text[], r int4range, u uuid,
		b bytea, d date, i interval, n numeric, x float8, c char(5), g int GENERATED ALWAYS AS (p * 2) STORED);
	INSERT INTO kinds (m, p, j, k, a, r, u, b, d, i, n, x, c) SELECT 'sad', i, '{\"a\": [1, null]}', '{\"b\":  1}', '{\"x y\",NULL}', '[1,5)',
		'00000000-0000-0000-0000-000000000001', '\\x00ff', '2020-02-29', '1 mon -2 days', 1.50, 0.1, 'ab' FROM generate_series(1, 20) i;
	CREATE TABLE heads (id int PRIMARY KEY, tail int NOT NULL); CREATE TABLE tails (id int PRIMARY KEY, head int REFERENCES heads ON DELETE CASCADE);
	ALTER TABLE heads ADD FOREIGN KEY (tail) REFERENCES tails ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;
	BEGIN; INSERT INTO heads VALUES (1, 1), (2, 2); INSERT INTO tails VALUES (1, 2), (2, 1), (3, NULL); COMMIT;
	CREATE TABLE tree (id int PRIMARY KEY, name text UNIQUE, parent int REFERENCES tree ON DELETE SET NULL);
	INSERT INTO tree VALUES (1, 'a', NULL), (2, 'b', 1), (3, 'c', 2);
	CREATE TABLE codes (code text PRIMARY KEY, shown text UNIQUE); CREATE TABLE uses (n int, shown text REFERENCES codes (shown) ON UPDATE CASCADE);
	INSERT INTO codes VALUES ('x', 'X'), ('y', 'Y'); INSERT INTO uses VALUES (1, 'X'), (1, 'X'), (2, NULL);
	CREATE TABLE log (what text); CREATE TABLE noisy (id int PRIMARY KEY, n int); INSERT INTO noisy VALUES (1, 1), (2, 2);
	CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN INSERT INTO log VALUES (TG_OP); NEW.n := NEW.n + 1; RETURN NEW; END \$\$;
	CREATE TRIGGER watch BEFORE INSERT OR UPDATE ON noisy FOR EACH ROW EXECUTE FUNCTION note();
	CREATE TABLE parted (id int, n int, PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (10);
	CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (10) TO (100); INSERT INTO parted VALUES (1, 1), (20, 2);
	CREATE TABLE ancestor (n int); CREATE TABLE heir (m int) INHERITS (ancestor); INSERT INTO ancestor VALUES (1); INSERT INTO heir VALUES (2, 3);
	CREATE TABLE keys (id int PRIMARY KEY); INSERT INTO keys SELECT generate_series(1, 9);
	CREATE TABLE \"50%s;-- %1\$I\" (id int PRIMARY KEY, \"%L\" int); INSERT INTO \"50%s;-- %1\$I\" VALUES (1, 1), (2, 2);
	CREATE TABLE many (id int PRIMARY KEY, n int); INSERT INTO many SELECT i, 0 FROM generate_series(1, 100000) i"
puts_all_back() { # DATABASE USER
	local url
	url=$(postgres_url "$1") url=${url/user=shop/user=$2}
	as_user() { psql -X -A -t -q -v ON_ERROR_STOP=1 "$url" -c "$1"; }
	as_user "$everything" > /dev/null || fail "$2 makes its tables"
	ask "$url"
	same "$2: keep" "$(tell keep)" ok
	before=$(tell digest)
	back() { # WHAT SQL
		as_user "$2" > /dev/null || fail "$1"
		[ "$(tell digest)" != "$before" ] || fail "$2: $1: nothing has changed"
		same "$2: $1: reset" "$(tell reset)" ok
		same "$2: $1" "$(tell digest)" "$before"
	}
	back "all types" "UPDATE kinds SET m = 'fine', p = 7, j = '1', k = '1', a = '{}', r = NULL, b = NULL, n = 1.5 WHERE id % 2 = 0; DELETE FROM kinds WHERE id = 3; INSERT INTO kinds (m) VALUES ('sad')"
	back "an identity again" "DELETE FROM kinds; INSERT INTO kinds (p) VALUES (3)"
	back "a text that is another for the same number" "UPDATE kinds SET n = 1.500 WHERE id = 1"
	back "a cycle of keys" "BEGIN; INSERT INTO heads VALUES (3, 4); INSERT INTO tails VALUES (4, 3); COMMIT; DELETE FROM tails WHERE id = 3; UPDATE tails SET head = 3 WHERE id = 1"
	back "a cascade" "BEGIN; DELETE FROM heads; COMMIT"
	back "a tree" "DELETE FROM tree WHERE id = 1; INSERT INTO tree VALUES (4, 'a', 2), (5, 'd', 4)"
	back "unique names that change places" "UPDATE tree SET name = 'z' WHERE id = 1; UPDATE tree SET name = 'a' WHERE id = 2; UPDATE tree SET name = 'b' WHERE id = 1"
	back "an update that cascades" "UPDATE codes SET shown = 'Z' WHERE code = 'x'"
	back "rows without a key" "DELETE FROM uses WHERE ctid = '(0,1)'; INSERT INTO uses VALUES (2, NULL), (9, 'Y')"
	back "a trigger" "INSERT INTO noisy VALUES (3, 3); UPDATE noisy SET n = 9 WHERE id = 1; DELETE FROM noisy WHERE id = 2"
	back "another partition" "UPDATE parted SET id = 30 WHERE id = 1; INSERT INTO parted VALUES (2, 2)"
	back "an heir" "UPDATE ancestor SET n = 5; DELETE FROM heir WHERE m = 3"
	back "names with signs in them" "UPDATE \"50%s;-- %1\$I\" SET \"%L\" = 7; CREATE TABLE \"%s%I\" (a int)"
	back "truncated ones" "TRUNCATE codes, uses, parted"
	back "a definition changes in the middle" "UPDATE tree SET name = 'q' WHERE id = 1; CREATE TABLE more (id serial PRIMARY KEY); INSERT INTO more DEFAULT VALUES; UPDATE codes SET shown = 'W' WHERE code = 'y'"
	back "nothing was committed, then something" "BEGIN; DELETE FROM kinds; ROLLBACK; INSERT INTO log VALUES ('x')"
	# queries without ORDER BY get rows in another order; where triggers would fire nothing is moved
	rows() { as_user "SELECT string_agg(id::text, ' ') FROM (SELECT id FROM $1 LIMIT 20) f"; }
	for table in kinds heads tree many keys noisy; do
		was=$(rows $table)
		same "$2: reset" "$(tell reset)" ok
		same "$2: reorder" "$(tell reorder)" ok
		same "$2: after another order" "$(tell digest)" "$before"
		if [ "$2 $table" = "owner noisy" ]; then same "$2: $table" "$(rows noisy)" "$was"; continue; fi
		[ "$(rows $table)" != "$was" ] || fail "$2: $table has no other order: $was"
	done
	back "after another order" "UPDATE kinds SET p = 7 WHERE id = 2; DELETE FROM tree WHERE id = 3; INSERT INTO uses VALUES (1, 'X')"
	# an update of a few of many rows writes few
	first=$(as_user "SELECT txid_current()")
	back "few of many" "UPDATE many SET n = 1 WHERE id IN (5, 50000); INSERT INTO many VALUES (200000, 1)"
	same "$2: rows of many that were written" "$(as_user "SELECT count(*) FROM many WHERE xmin::text::bigint >= $first")" 2
	same "$2: triggers that are on" "$(as_user "SELECT tgenabled FROM pg_trigger WHERE tgname = 'watch'")" O
	same "$2: the next number" "$(as_user "INSERT INTO kinds (p) VALUES (1) RETURNING id")" 21
	hang_up
}
postgres_make all_super
puts_all_back all_super shop
value wide "CREATE ROLE owner LOGIN; CREATE ROLE granted LOGIN; GRANT SET ON PARAMETER session_replication_role TO granted" > /dev/null
for user in owner granted; do
	psql -X -q "$(postgres_url postgres)" -c "CREATE DATABASE all_$user OWNER $user"
	puts_all_back "all_$user" "$user"
	url=$(postgres_url "all_$user")
	expect 0 "marked now" "$RACE" doctor --mark --db "${url/user=shop/user=$user}"
done
expect 0 "put back without triggers and foreign keys" "$RACE" doctor --db "${url/user=shop/user=granted}"
url=$(postgres_url all_owner)
expect 0 "put back under foreign keys" "$RACE" doctor --db "${url/user=shop/user=owner}"
value wide "CREATE ROLE guest LOGIN" > /dev/null
expect 4 "GRANT CREATE ON DATABASE" "$RACE" doctor --db "${url/user=shop/user=guest}"
value all_owner "GRANT CREATE ON DATABASE all_owner TO guest" > /dev/null
expect 4 "tables can't be put back: GRANT SELECT" "$RACE" doctor --db "${url/user=shop/user=guest}"

# 4: bytes that are letters in no encoding that is known
postgres_make latin && psql -X -q "$(postgres_url postgres)" -c "DROP DATABASE latin" -c "CREATE DATABASE latin ENCODING SQL_ASCII TEMPLATE template0"
PGCLIENTENCODING=SQL_ASCII value latin "CREATE TABLE words (id int PRIMARY KEY, word text); INSERT INTO words VALUES (1, E'\\xe9t\\xe9'), (2, E'\\xff\\xfe')"
ask "$(postgres_url latin)"
tell show > /dev/null
has 'words: i1 t\e9t\e9'
has 'words: i2 t\ff\fe'
same keep "$(tell keep)" ok
before=$(tell digest)
PGCLIENTENCODING=SQL_ASCII value latin "UPDATE words SET word = E'\\xe8'"
[ "$(tell digest)" != "$before" ] || fail "another word is no difference"
same reset "$(tell reset)" ok
same "words that are put back" "$(tell digest)" "$before"
hang_up

# 5: what is put back again and again does not make tables grow: what is left of deleted rows is cleared away. Definitions
# are looked at when somebody has said what may change them.
postgres_make narrow "CREATE TABLE kept (id int PRIMARY KEY, n int); INSERT INTO kept SELECT i, 0 FROM generate_series(1, 100) i;
	CREATE TABLE grown (id serial PRIMARY KEY, n int)"
ask "$(postgres_url narrow)"
same keep "$(tell keep)" ok
before=$(tell digest)
for round in $(seq 15); do
	value narrow "UPDATE kept SET n = n + 1 WHERE id < 7; INSERT INTO grown (n) SELECT 0 FROM generate_series(1, 2000)"
	tell hear 2 1 > /dev/null
	[ "$(tell digest)" != "$before" ] || fail "$round: nothing has changed"
	same "$round: reset" "$(tell reset)" ok
	same "$round" "$(tell digest)" "$before"
done
[ "$(value narrow "SELECT pg_relation_size('grown') / 8192")" -le 40 ] || fail "deleted rows make their table grow"
same "the next number" "$(value narrow "SELECT nextval('grown_id_seq')")" 1
definitions=${definitions//bigint/numeric}
kept=$(value narrow "$definitions")
for statement in "CREATE TYPE mood AS ENUM ('sad')" "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'" "CREATE SCHEMA more" \
	"CREATE POLICY mine ON kept"; do
	value narrow "$statement; UPDATE kept SET n = 1 WHERE id = 1" > /dev/null
	tell hear 2 0 > /dev/null
	same "$statement: reset" "$(tell reset)" ok
	same "$statement" "$(tell digest)" "$before"
	same "$statement is undone" "$(value narrow "$definitions")" "$kept"
done
hang_up

# 6: who may not
value wide "CREATE ROLE secret LOGIN SUPERUSER PASSWORD 'p@ss'" > /dev/null
sed -i '1i local all secret scram-sha-256' "$POSTGRES_FOLDER/data/pg_hba.conf"
value wide "SELECT pg_reload_conf()" > /dev/null
url=$(postgres_url latin)
for _ in $(seq 50); do PGPASSWORD=wrong psql -X "${url/user=shop/user=secret}" -c '' 2> /dev/null || break; sleep 0.1; done
expect 2 'password authentication failed for user "secret"' "$RACE" explore --db "${url/user=shop/user=secret}&password=wrong" -- true
expect 2 "no password supplied" "$RACE" doctor --db "${url/user=shop/user=secret}"
expect 0 "without triggers and foreign keys" "$RACE" doctor --db "${url/user=shop/user=secret}&password=p%40ss"
exit $failed
