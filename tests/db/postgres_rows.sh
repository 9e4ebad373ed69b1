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
value wide "ALTER TABLE bag ADD COLUMN extra int" > /dev/null
[[ "$(tell reset)" == *"was dropped or altered"* ]] || fail "an altered table is put back"
hang_up

# 3: bytes that are letters in no encoding that is known
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

# 4: who may not
value wide "CREATE ROLE secret LOGIN SUPERUSER PASSWORD 'p@ss'" > /dev/null
sed -i '1i local all secret scram-sha-256' "$POSTGRES_FOLDER/data/pg_hba.conf"
value wide "SELECT pg_reload_conf()" > /dev/null
url=$(postgres_url latin)
for _ in $(seq 50); do PGPASSWORD=wrong psql -X "${url/user=shop/user=secret}" -c '' 2> /dev/null || break; sleep 0.1; done
expect 2 'password authentication failed for user "secret"' "$RACE" explore --db "${url/user=shop/user=secret}&password=wrong" -- true
expect 2 "no password supplied" "$RACE" doctor --db "${url/user=shop/user=secret}"
expect 0 "superuser" "$RACE" doctor --db "${url/user=shop/user=secret}&password=p%40ss"
exit $failed
