#!/usr/bin/env bash
# A race that was built without the client libraries of database servers works, and says which one a --db lacks.
# time-limit: 240
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out}
# shellcheck source=tests/db/asking
. tests/db/asking
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
[ -d "$BUILD/objects" ] || { echo "nothing was built in $BUILD"; exit 77; }

# the objects that don't depend on it need not be made again
build() { # NAME WITHOUT
	mkdir -p "$folder/$1"
	cp -a "$BUILD/objects" "$BUILD/library" "$BUILD/generated" "$folder/$1/"
	rm -rf "$folder/$1/objects/explorer/db"
	make --no-print-directory BUILD="$folder/$1" WITHOUT="$2" "$folder/$1/race" "$folder/$1/librace.so" > "$scratch/make" 2>&1 ||
		{ cat "$scratch/make"; fail "make WITHOUT=\"$2\""; }
}
lacks() { # BUILD NAME PACKAGE URL
	expect 2 "this build of race has no adapter for $2: it was built without its client library (package $3)" \
		"$folder/$1/race" explore --db "$4" -- true
}
links() { ldd "$folder/$1/race" | grep -E "libpq|libmariadb|libhiredis"; }

build none "postgres mariadb redis"
lacks none PostgreSQL libpq-dev postgresql:///shop
lacks none MariaDB libmariadb-dev mysql:///shop
lacks none Redis libhiredis-dev redis:///0
expect 66 "double effect" "$folder/none/race" explore --output "$scratch/races" -- "$BUILD/tests/programs/double_fulfillment"
links none && fail "it is linked with a client library"

build one "postgres"
lacks one PostgreSQL libpq-dev postgresql:///shop
expect 2 "is the server running" "$folder/one/race" explore --db "mysql:///shop?socket=/nonexistent" -- true
links one | grep libpq && fail "it is linked with libpq"

make --no-print-directory -n WITHOUT=oracle > "$scratch/make" 2>&1 && fail "WITHOUT=oracle is taken"
grep -q "WITHOUT is some of: postgres mariadb redis" "$scratch/make" || fail "WITHOUT=oracle: $(cat "$scratch/make")"
make --no-print-directory -n programs WITHOUT="postgres redis" BUILD="$folder/none" | grep -E "/(pg|rd)_" && fail "programs are built"
exit $failed
