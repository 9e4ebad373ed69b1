#!/bin/bash
# Unmodified real programs behave under control as they do natively: 200 explored schedules each, without hang, with
# unchanged output, and with at least 20 distinct traces (fewer only where the result names what hides the points).
set -u
# time-limit: 600
build=$(cd "${BUILD:-build}" && pwd)
source=$(pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
count=${REAL_EXECUTIONS:-200}
failed=0
skipped=

# verdict NAME: looks at result.json; the distinct traces, and what could not be controlled
verdict() {
	python3 - "$1" "$2" "$count" <<'PYTHON'
import json, sys
name, status, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
result = json.load(open("result.json"))
hidden = ", ".join(sorted({u["reason"] + ": " + u["where"] for u in result["uncontrolled"]}))
good = status == 0 and result["executions"] == count and (result["distinct_traces"] >= min(20, count) or hidden)
print("%s %s: exit %d, %d executions, %d distinct traces, %.0f/s%s" % ("ok" if good else "FAIL", name, status,
	result["executions"], result["distinct_traces"], result["executions_per_second"],
	", uncontrolled: " + hidden if hidden else ""))
sys.exit(not good)
PYTHON
}

# prints NAME COMMAND...: what it prints is compared, line by line, over all executions
prints() {
	local name=$1
	shift
	"$@" >native 2>&1
	timeout 300 "$build/race" explore --strategy random --seed 7 --max-executions "$count" --oracle none \
		--show-output --json result.json -- "$@" 2>shown >report
	local status=$?
	for ((i = 0; i < count; i++)); do cat native; done | sort >expected
	grep -av '^execution [0-9]*:$' shown | sort >actual
	if ! cmp -s expected actual; then
		echo "FAIL $name: output differs: $(diff expected actual | head -3 | paste -sd' ')"
		failed=1
	fi
	verdict "$name" $status || { failed=1; head -30 report; }
}

# writes NAME CHECK COMMAND...: CHECK says whether the files it wrote are right
writes() {
	local name=$1 check=$2
	shift 2
	timeout 300 "$build/race" explore --strategy random --seed 7 --max-executions "$count" --oracle none \
		--check "$check" --json result.json -- "$@" >report 2>&1
	verdict "$name" $? || { failed=1; head -30 report; }
}

have() {
	command -v "$1" >/dev/null || { skipped="$skipped $1"; return 1; }
}

g++ -std=c++20 -O1 -g -pthread -o cpp_mix "$source/tests/programs/real/cpp_mix.cpp" && prints "C++ threads" ./cpp_mix
have rustc && rustc -O -o rust_mix "$source/tests/programs/real/rust_mix.rs" 2>/dev/null &&
	prints "Rust std" ./rust_mix 2>/dev/null

cat >shop.py <<'PYTHON'
import os, sqlite3, threading

def work(n):
    db = sqlite3.connect("py.db", timeout=5)
    for _ in range(2):
        with db:
            db.execute("UPDATE counter SET n = n + 1")
    db.close()

if os.path.exists("py.db"):
    os.unlink("py.db")
db = sqlite3.connect("py.db")
db.execute("CREATE TABLE counter (n INTEGER)")
db.execute("INSERT INTO counter VALUES (0)")
db.commit()
db.close()
lock = threading.Lock()
done = []

def guarded(n):
    work(n)
    with lock:
        done.append(n)

threads = [threading.Thread(target=guarded, args=(i,)) for i in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
db = sqlite3.connect("py.db")
print(db.execute("SELECT n FROM counter").fetchone()[0], sorted(done))
PYTHON
have /usr/bin/python3 && prints "CPython threading and sqlite3" /usr/bin/python3 shop.py

cat >web.py <<'PYTHON'
import http.server, threading, urllib.request

count = 0
lock = threading.Lock()

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global count
        with lock:
            count += 1
            body = b"%d" % count
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, name="server", daemon=True).start()
answers = []

def client():
    answers.append(int(urllib.request.urlopen("http://127.0.0.1:%d/" % server.server_port).read()))

clients = [threading.Thread(target=client) for _ in range(2)]
for thread in clients:
    thread.start()
for thread in clients:
    thread.join()
print(sorted(answers))
PYTHON
have /usr/bin/python3 && prints "Python web server and clients" /usr/bin/python3 web.py

seq 1 60000 >in.txt
have xz && writes "xz -T2" 'xz -dc in.txt.xz | cmp - in.txt' xz -T2 -k -f -0 --block-size=100000 in.txt
have pbzip2 && writes "pbzip2 -p2" 'bzip2 -dc in.txt.bz2 | cmp - in.txt' pbzip2 -p2 -k -f -b1 in.txt
seq 150000 | shuf --random-source=<(yes) >shuffled.txt
seq 150000 >sorted.txt
have sort && writes "sort --parallel=2" 'cmp out.txt sorted.txt' sort --parallel=2 -S 50M -n shuffled.txt -o out.txt

gcc -O2 -fopenmp -o openmp_sum "$source/tests/programs/real/openmp_sum.c" && prints "OpenMP" ./openmp_sum

cat >both.sh <<'SHELL'
seq 1 300 | sort -n | tail -n 1 >one &
printf 'b\na\n' >two &
wait
cat one two
SHELL
prints "shell script with two jobs" sh both.sh

if [ -n "$skipped" ]; then
	echo "skipped, not installed:$skipped"
fi
exit $failed
