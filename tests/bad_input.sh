#!/usr/bin/env bash
# What race is given that it can't use, and programs that behave badly: a clear sentence, the right exit code, no process
# and no file left behind, the database as it was. Prints a line for each case: ok, FAIL or skip. Runs alone:
# tests/bad_input.sh [NAME]. time-limit: 240
set -uo pipefail
only=${1:-}
build=$(cd "${BUILD:-build}" && pwd) || exit 77
race=$build/race
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$race" ] || { echo "$race is missing"; exit 77; }
folder=$(mktemp -d)
mkdir "$folder/kept"
mounts=()
trap 'for mount in "${mounts[@]}"; do umount "$mount"; done; rm -rf "$folder"' EXIT
chmod 755 "$folder"
misbehave=$folder/misbehave
cc=${CC:-gcc}

"$cc" -std=gnu17 -D_GNU_SOURCE -O1 -g -pthread -o "$misbehave" "$here/programs/hostile/misbehave.c" -lsqlite3 || exit 3
"$cc" -std=gnu17 -D_GNU_SOURCE -O1 -g -pthread -I"$here/../runtime" -I"$here/.." -o "$folder/deadlock" \
	"$here/programs/abba_deadlock.c" || exit 3
python3 - "$folder/original.db" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript("CREATE TABLE item (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO item VALUES (1, 0), (2, 0);")
PYTHON

result() { echo "$2 $1${3:+: $3}"; [ "$2" != FAIL ] || echo "$1" >> "$folder/failed"; }
skip() { result "$1" skip "$2"; }

# Of this case, by the folder that its processes' command lines name. The guardian has a moment to clean up after race.
processes_of() { ps -e -o pid=,args= | awk -v folder="$1/" 'index($0, folder) && !/awk -v|ps -e/'; }

# Called after race has ended: says what it left behind.
leftovers() {
	local case=$1 tries
	for tries in 1 2 3 4 5 6 7 8 9 10; do
		[ -n "$(processes_of "$case")$(ls -A "$case/tmp")" ] || break
		sleep 0.1
	done
	processes_of "$case" | sed 's/^/process left: /'
	ls -A "$case/tmp" | sed 's/^/file left: /'
	cmp -s "$folder/original.db" "$case/shop.db" || echo "the database was changed"
}

# A folder for a case, with its own name for the program, so that its processes can be told from others.
open_case() {
	local case=$folder/$1
	mkdir -p "$case/tmp" && cp "$folder/original.db" "$case/shop.db" && ln "$misbehave" "$case/misbehave" &&
		ln "$folder/deadlock" "$case/deadlock" && cd "$case"
}

# run NAME CODES PATTERN COMMAND...: in the case's folder; one of the codes, and the pattern somewhere in what it says.
run() {
	local name=$1 codes=$2 pattern=$3 status=0 complaint=
	shift 3
	[ -z "$only" ] || [ "$only" = "$name" ] || return 0
	(
		[ -d "$folder/$name" ] || open_case "$name"
		cd "$folder/$name" || exit 3
		TMPDIR=$PWD/tmp timeout --kill-after=5 60 "$@" > out 2> err < /dev/null || status=$?
		case " $codes " in *" $status "*) ;; *) complaint="exit $status instead of $codes" ;; esac
		[ -z "$pattern" ] || cat out err | grep -qE -- "$pattern" || complaint="$complaint; nothing says '$pattern'"
		complaint="$complaint$(leftovers "$PWD")"
		[ -z "$complaint" ] || { result "$name" FAIL "$complaint"; sed 's/^/    | /' out err | head -n 20; exit; }
		result "$name" ok
	)
}
explore() { local name=$1 codes=$2 pattern=$3; shift 3; run "$name" "$codes" "$pattern" "$race" explore --max-executions 5 "$@"; }
# misbehave WORD CODES PATTERN [OPTION]...
misbehave() { local word=$1 codes=$2 pattern=$3; shift 3; explore "$word" "$codes" "$pattern" "$@" -- ./misbehave "$word"; }
prepare() { [ -z "$only" ] || [ "$only" = "$1" ] || return 1; (open_case "$1"); }

# --- commands that can't be run, or not controlled

commands() {
	explore missing 2 'command not found|No such file' -- no-such-command-anywhere
	explore missing-path 2 'No such file' -- ./not/there
	explore folder 2 'is a folder' -- ./tmp
	explore no-command 2 'which command'
	prepare not-executable && cp "$misbehave" "$folder/not-executable/file" && chmod 644 "$folder/not-executable/file" &&
		explore not-executable 2 'not executable' -- ./file
	prepare not-a-program && printf 'hello\n' > "$folder/not-a-program/file" && chmod 755 "$folder/not-a-program/file" &&
		explore not-a-program 2 'neither a program nor a script' -- ./file
	prepare damaged-elf && head -c 40 "$misbehave" > "$folder/damaged-elf/file" && chmod 755 "$folder/damaged-elf/file" &&
		explore damaged-elf 2 'damaged|no program|read' -- ./file
	if echo 'int main(void) { return 0; }' | "$cc" -static -o "$folder/kept/static" -x c - 2> /dev/null; then
		explore static 4 'linked statically' -- "$folder/kept/static"
	else
		skip static 'no static C library'
	fi
	# Without a 32-bit compiler the class in the header of a 64-bit program says 32.
	if ! echo 'int main(void) { return 0; }' | "$cc" -m32 -o "$folder/kept/narrow" -x c - 2> /dev/null; then
		cp "$misbehave" "$folder/kept/narrow" && printf '\001' | dd of="$folder/kept/narrow" bs=1 seek=4 conv=notrunc status=none
	fi
	explore 32-bit 4 '32-bit' -- "$folder/kept/narrow"
	sed 's|/lib64/ld-linux-x86-64.so.2|/lib/ld-musl-x86_64.so.1\x00\x00\x00|' "$misbehave" > "$folder/kept/musl"
	chmod 755 "$folder/kept/musl"
	explore musl 4 'musl' -- "$folder/kept/musl"
	if [ "$(id -u)" = 0 ]; then
		cp "$misbehave" "$folder/kept/privileged" && chown 65534 "$folder/kept/privileged" && chmod 4755 "$folder/kept/privileged"
		explore setuid 4 'setuid' -- "$folder/kept/privileged"
	else
		skip setuid 'only root can make one of another user'
	fi
}

# --- schedules that are none

schedules() {
	local valid=$folder/valid.race case
	(cd "$folder" && "$race" explore --quiet --output found -- ./deadlock > /dev/null 2>&1; mv found/*.race "$valid")
	[ -s "$valid" ] || { result schedules FAIL 'no schedule to damage'; return; }
	: > "$folder/empty.race"
	head -c 5000 /dev/urandom > "$folder/garbage.race"
	head -c 100000 /dev/zero > "$folder/zeros.race"
	{ cat "$valid"; printf 'run \377\376\200 until nonsense\n'; } > "$folder/corrupt.race"
	sed 's/^run /rum /' "$valid" > "$folder/misspelt.race"
	sed '1s/1$/99/' "$valid" > "$folder/newer.race"
	head -c $(($(stat -c %s "$valid") - 30)) "$valid" | sed '$s/ .*//' > "$folder/truncated.race"
	echo '{"not": "a schedule"}' > "$folder/foreign.race"
	for case in empty garbage zeros corrupt misspelt newer truncated foreign; do
		run "schedule-$case" 2 'no schedule|is no schedule' "$race" replay "$folder/$case.race" -- ./deadlock
	done
	run schedule-missing 2 'No such file' "$race" replay ./none.race -- ./deadlock
	run schedule-folder 2 'directory' "$race" replay ./tmp -- ./deadlock
	run schedule-none 2 'which schedule' "$race" replay
	run schedule-of-another 4 'diverged' "$race" replay "$valid" -- ./misbehave plain
	run schedule-fits 66 'identical' "$race" replay "$valid" -- ./deadlock
	run report-garbage 2 'garbage' "$race" report "$folder/garbage.race"
	run minimize-garbage 2 'schedule' "$race" minimize "$folder/garbage.race" -- ./deadlock
}

# --- no room, no permission

small_disk() {
	mkdir -p "$1" && mount -t tmpfs -o size="$2" none "$1" 2> /dev/null && mounts+=("$1")
}

room() {
	: > "$folder/file"
	run output-below-a-file 3 "can't be written" "$race" explore --output "$folder/file/findings" -- ./deadlock
	run output-in-proc 3 "can't be (written|made)" "$race" explore --output /proc/findings -- ./deadlock
	run json-nowhere 3 'nowhere' "$race" explore --json "$folder/nowhere/result.json" -- ./deadlock
	[ ! -w /dev/full ] || run standard-output-full 3 'could not be written' sh -c "'$race' explore -- ./deadlock > /dev/full"
	run output-file-size 3 'too large' bash -o pipefail -c "(ulimit -S -f 0; exec '$race' explore -- ./deadlock 2>&1) | cat"
	if small_disk "$folder/full" 16k; then
		head -c 1000000 /dev/zero > "$folder/full/fill" 2> /dev/null
		run output-full 3 'No space left' "$race" explore --output "$folder/full/findings" -- ./deadlock
		# Room for the folders, none for the copy of the database.
		run temporary-full 3 "can't be copied.*No space left" env TMPDIR="$folder/full" "$race" explore --max-executions 5 -- \
			./misbehave use-database shop.db
	else
		skip output-full 'no disk can be mounted'
		skip temporary-full 'no disk can be mounted'
	fi
	run temporary-nowhere 0 'no finding' env TMPDIR="$folder/nowhere" "$race" explore --max-executions 5 -- ./misbehave plain
	if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
		prepare output-forbidden && mkdir "$folder/output-forbidden/locked" && chmod 755 "$folder/output-forbidden/locked" &&
			chmod 777 "$folder/output-forbidden/tmp" && mkdir "$folder/bin" && cp "$race" "$build/librace.so" "$folder/bin/" &&
			run output-forbidden 3 'Permission denied' setpriv --reuid=65534 --regid=65534 --clear-groups "$folder/bin/race" \
				explore --output locked/findings -- ./deadlock
	fi
	run address-space 3 'address space' sh -c "ulimit -v 1000000; '$race' explore -- ./misbehave plain"
	run descriptors-64 '0' 'no finding' sh -c "ulimit -n 64; '$race' explore --max-executions 5 -- ./misbehave open-many"
	prepare descriptors-inherited && cat > "$folder/descriptors-inherited/go.py" <<'PYTHON'
import os, resource, sys
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 1024), hard))
for i in range(1000):
    os.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)
os.execv(sys.argv[1], ["race", "explore", "--max-executions", "5", "--", "./misbehave", "exec-itself"])
PYTHON
	run descriptors-inherited 0 'no finding' python3 go.py "$race"
	run descriptors-5 3 'descriptor|open files' sh -c "ulimit -n 5; '$race' explore --max-executions 5 -- ./misbehave plain"
	run file-size 0 'no finding' sh -c "ulimit -S -f 100; '$race' explore --max-executions 5 -- ./misbehave plain"
	run file-size-hard 3 'ulimit -f' sh -c "ulimit -f 100; '$race' explore --max-executions 5 -- ./misbehave plain"
}

# --- surroundings

surroundings() {
	run stdin-closed 0 'no finding' sh -c "'$race' explore --max-executions 5 -- ./misbehave plain <&-"
	run stdout-closed 3 'could not be written' sh -c "'$race' explore --max-executions 5 -- ./misbehave plain >&-"
	run all-closed 3 '' sh -c "'$race' explore --max-executions 5 -- ./misbehave plain <&- >&- 2>&-"
	run run-closed 0 '' sh -c "'$race' run -- ./misbehave plain <&- >&- 2>&-"
	prepare folder-deleted && mkdir "$folder/folder-deleted/gone" &&
		run folder-deleted 0 'no finding' sh -c "cd gone; rmdir ../gone; '$race' explore --max-executions 5 -- ../misbehave plain ||
			'$race' explore --max-executions 5 -- '$folder/folder-deleted/misbehave' plain"
	prepare environment-huge && python3 - "$folder/environment-huge/go" "$race" <<'PYTHON'
import os, stat, sys
with open(sys.argv[1], "w") as file:
    print("#!/usr/bin/env python3\nimport os", file=file)
    print("for i in range(12): os.environ['V%d' % i] = 'x' * 100000", file=file)
    print(f"os.execv('{sys.argv[2]}', ['race', 'explore', '--max-executions', '5', '--', './misbehave', 'exec-itself'])", file=file)
os.chmod(sys.argv[1], 0o755)
PYTHON
	run environment-huge 0 'no finding' ./go
	run environment-empty 0 'no finding' env -i "$race" explore --max-executions 5 -- ./misbehave exec-itself
	misbehave wipe-environment 0 'no finding'
	misbehave limit-memory 0 'no finding'
}

# --- programs that behave badly

descriptors() {
	misbehave close-all 0 'no finding'
	misbehave close-all-raw 0 'no finding'
	misbehave open-many 0 'no finding'
	run run-close-all-raw 0 '' "$race" run -- ./misbehave close-all-raw
	misbehave print-much 0 'no finding'
	if [ -x /usr/bin/time ]; then
		run print-much-memory 0 'no finding' sh -c "/usr/bin/time -f '%M' -o memory '$race' explore --max-executions 5 -- \
			./misbehave print-much && test \$(tail -n 1 memory) -lt 200000"
	fi
	run print-much-run 0 '' sh -c "'$race' run -- ./misbehave print-much | wc -c | grep -qx 104857600"
}

processes() {
	misbehave fork-endless 4 '512 processes'
	misbehave fork-children 4 '512 processes'
	misbehave ignore-sigterm 0 'processes outlived'
	misbehave daemonize 0 'processes outlived'
	misbehave hide-child 0 'raw clone'
	misbehave die-robust 0 'no finding'
	misbehave die-stalled 66 'held by misbehave'
	misbehave kill-waiting 0 'no finding'
	misbehave kill-parent 1 'SIGKILL'
	misbehave child-faults 0 'no finding'
	misbehave exec-itself 0 'no finding'
	misbehave exec-endless 66 'processor time' --timeout 1s
	run run-daemonize 0 'processes outlived' "$race" run -- ./misbehave daemonize
	run run-hide-child 0 'processes outlived' "$race" run -- ./misbehave hide-child
	run exec-reuse-hide-child 0 'processes outlived' "$race" explore --reuse exec --max-executions 5 -- ./misbehave hide-child
	run run-fork-endless 4 '512' "$race" run -- ./misbehave fork-endless
}

endings() {
	misbehave exit-in-thread-now 0 'no finding'
	misbehave exit-in-thread 0 'no finding'
	misbehave main-leaves 0 'no finding'
	misbehave thread-vanishes '0 66' ''
	misbehave crash-early 1 'Segmentation fault'
	misbehave exit-early 1 'status 3'
	misbehave crash-late 1 'SEGV'
	explore use-database 0 'no finding' -- ./misbehave use-database shop.db
}

# --- programs that don't end, one beside the other: they take seconds

slow() {
	prepare sleep-outside && explore sleep-outside 66 'waits for something outside' --timeout 1s -- ./misbehave sleep-outside "$folder/fifo" &
	misbehave spin-alone 66 'spins on memory' &
	misbehave spin-for-other 0 'spins on memory' --max-executions 3 &
	wait
	run compute-long 0 '' sh -c "'$race' run -- ./misbehave compute-long 2> talk && ! grep uncontrolled talk" &
	run compute-beside 0 'uncontrolled *none|no finding' sh -c "'$race' explore --max-executions 1 --oracle none --json r.json -- \
		./misbehave compute-long && ! grep -q spins r.json" &
	run spin-early 4 'did not reach its main' "$race" explore --timeout 1s -- ./misbehave spin-early &
	wait
	run compute-longer 66 'processor time' "$race" run --timeout 1s -- ./misbehave compute-long
}

# --- race itself is ended in the middle

# end NAME SIGNAL COMMAND...: sends the signal when a target has been seen.
end() {
	local name=$1 signal=$2 pid status=0 tries complaint=
	shift 2
	[ -z "$only" ] || [ "$only" = "$name" ] || return 0
	open_case "$name"
	TMPDIR=$PWD/tmp env --default-signal=INT "$@" > out 2> err < /dev/null &
	pid=$!
	for tries in $(seq 50); do
		[ "$(processes_of "$PWD" | grep -c -- "misbehave use")" -gt 2 ] && break
		sleep 0.05
	done
	sleep 0.3
	kill "-$signal" $pid
	wait $pid 2> /dev/null
	status=$?
	complaint=$(leftovers "$PWD")
	[ $status = $((128 + $(kill -l "$signal"))) ] || complaint="$complaint; exit $status"
	if [ -n "$complaint" ]; then result "$name" FAIL "$complaint"; else result "$name" ok; fi
}

# A signal that comes twice at once, as from timeout(1), ends the campaign in order; one more ends race at once.
twice() {
	local status=0 complaint=
	[ -z "$only" ] || [ "$only" = stopped-twice ] || return 0
	open_case stopped-twice
	python3 - "$race" > out 2> err < /dev/null <<'PYTHON' || complaint="$(cat err)"
import json, os, signal, subprocess, sys, time
command = [sys.argv[1], "explore", "--strategy", "random", "--max-executions", "0", "--json", "result.json", "--", "./misbehave"]

def start(word):
    race = subprocess.Popen(command + [word], env=dict(os.environ, TMPDIR="tmp"), stdout=subprocess.DEVNULL)
    time.sleep(1)
    return race

race = start("plain")
race.send_signal(signal.SIGTERM)
time.sleep(0.002)
race.send_signal(signal.SIGTERM)
race.wait()
assert json.load(open("result.json"))["executions"] > 0, "no result"
PYTHON
	complaint="$complaint$(leftovers "$PWD")"
	if [ -n "$complaint" ]; then result stopped-twice FAIL "$complaint"; else result stopped-twice ok; fi
}

ended() {
	local signal
	(twice)
	for signal in KILL INT TERM HUP; do
		(end "killed-$signal" $signal "$race" explore --max-executions 0 --strategy random -- \
			"$folder/killed-$signal/misbehave" use-database-long shop.db)
	done
	(end killed-asleep TERM "$race" explore -- "$folder/killed-asleep/misbehave" use-nothing "$folder/fifo")
	(end killed-hidden KILL "$race" explore --max-executions 0 --strategy random -- \
		"$folder/killed-hidden/misbehave" use-database-hidden shop.db)
	(end killed-run KILL "$race" run -- "$folder/killed-run/misbehave" use-nothing "$folder/fifo")
	(end killed-exec KILL "$race" explore --reuse exec --max-executions 0 --strategy random -- \
		"$folder/killed-exec/misbehave" use-database-long shop.db)
}

mkfifo "$folder/fifo"
(
	slow
	ended
) &
commands
schedules
room
surroundings
descriptors
processes
endings
wait
if [ -e "$folder/failed" ]; then
	echo "failed: $(tr '\n' ' ' < "$folder/failed")"
	exit 1
fi
