#!/usr/bin/env bash
# What librace.so needs from elsewhere must be a subset of imports.txt, and each entry there must still be needed.
set -euo pipefail
cd "$(dirname "$0")/../.."
library=${BUILD:-build}/librace.so

# Weak ones (w) may be absent: the compiler's start files bring some.
needed=$(nm -D --undefined-only "$library" | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u)
allowed=$(sed 's/#.*//' tests/lint/imports.txt | awk 'NF { print $1 }' | sort -u)
status=0
for name in $(comm -23 <(echo "$needed") <(echo "$allowed")); do
	echo "librace.so imports $name, which tests/lint/imports.txt does not allow"
	status=1
done
for name in $(comm -13 <(echo "$needed") <(echo "$allowed")); do
	echo "tests/lint/imports.txt allows $name, which librace.so no longer imports"
	status=1
done
# libgcc_s runs the cleanup handlers of interpose/ when a thread is cancelled or a C++ exception passes through.
libraries=$(objdump -p "$library" | awk '$1 == "NEEDED" { print $2 }' |
	grep -vE '^(libc\.so\.6|ld-linux-x86-64\.so\.2|libgcc_s\.so\.1)$' || true)
[ -z "$libraries" ] || { echo "librace.so is linked against more than libc: $libraries"; status=1; }
exit $status
