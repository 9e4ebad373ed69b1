#!/bin/bash
# What the bare preload records can be followed: race replay ends with 0 or 66, not with a divergence.
# time-limit: 120
set -u
build=$(cd "${BUILD:-build}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0
programs=$build/tests/programs

fail() {
	echo "FAIL $*"
	failed=1
}

# follows TIMES COMMAND...: so many runs, each recorded and replayed
follows() {
	local times=$1
	shift
	for ((round = 0; round < times; round++)); do
		rm -f run.race
		RACE_OPTIONS=record=run.race,quiet LD_PRELOAD=$build/librace.so timeout 20 "$@" >/dev/null 2>&1
		"$build/race" replay run.race -- "$@" >out 2>&1
		status=$?
		[ $status -eq 0 ] || [ $status -eq 66 ] || fail "$*: exit $status: $(cat out run.race)"
	done
}

follows 8 "$programs/observed_waits" sleeps
follows 8 "$programs/observed_waits" queue
follows 8 "$programs/observed_waits" limits
follows 8 "$programs/double_fulfillment"
follows 8 "$programs/lost_update"
follows 4 "$programs/abba_deadlock_fixed"
follows 8 "$programs/barrier_one_phase_fixed"

# Under control CPython has made other locks before the first that is observed.
cat >threads.py <<'END'
import sqlite3, sys, threading
def setup():
    db = sqlite3.connect("shop.db")
    db.executescript("drop table if exists o; create table o(id integer primary key, s); insert into o values(1, 'p')")
    db.close()
def work():
    db = sqlite3.connect("shop.db", timeout=20)
    if db.execute("select s from o where id = 1").fetchone()[0] == "p":
        barrier.wait()
        db.execute("update o set s = 'f' where id = 1")
        db.commit()
    db.close()
barrier = threading.Barrier(1)
setup()
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
END
python=$(python3 -c 'import os, sys; print(os.path.realpath(sys.executable))')
follows 3 "$python" threads.py

exit $failed
