#!/usr/bin/env bash
# Requests to an HTTP server that nobody controls are effects: charging twice is found although the database is perfect,
# and replays; the repaired program is clean. time-limit: 120
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3
BUILD=${BUILD:-build} OUT=${OUT:-$BUILD/tests/out} RACE=$(realpath "${RACE:-$BUILD/race}")
programs=$(realpath "$BUILD/tests/programs")
folder=$(mktemp -d)
failed=0
python3 - "$folder" 2> "$folder/errors" << 'PYTHON' &
import http.server, socketserver, sys
class Provider(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
    def log_message(self, *unused):
        pass
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 100
server = Server(("127.0.0.1", 0), Provider)
with open(sys.argv[1] + "/port.new", "w") as file:
    file.write(str(server.server_port))
import os
os.rename(sys.argv[1] + "/port.new", sys.argv[1] + "/port")
server.serve_forever()
PYTHON
provider=$!
trap 'kill $provider; rm -rf "$folder"' EXIT
for _ in $(seq 100); do [ -e "$folder/port" ] && break; sleep 0.1; done
port=$(cat "$folder/port") || exit 3
cd "$folder" || exit 3

expect() { # STATUS TEXT COMMAND...
	local wanted=$1 text=$2 status=0
	shift 2
	"$@" > log 2>&1 || status=$?
	if [ "$status" -ne "$wanted" ] || ! grep -qF -- "$text" log; then
		cat log
		echo "FAILED: status $status, expected $wanted and \`$text': $*"
		failed=1
	fi
}

expect 66 "POST /charges" "$RACE" explore --output races -- "$programs/outside_charge" "$port"
grep -q "double effect" log || { cat log; echo "FAILED: no double effect"; failed=1; }
expect 66 "identical 20 of 20" "$RACE" replay --repeat 20 races/*.race -- "$programs/outside_charge" "$port"
expect 0 "no finding" "$RACE" explore --max-executions 200 -- "$programs/outside_charge_fixed" "$port"
exit $failed
