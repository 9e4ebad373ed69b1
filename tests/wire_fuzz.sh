#!/usr/bin/env bash
# Recorded connections, spoilt at random, played to the decoders under sanitizers. Which ones depends on a fixed seed.
# WIRE_FUZZ_SECONDS and WIRE_FUZZ_SEED make it longer, and other.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${OUT:-build/tests/out}
mkdir -p "$out"

build() {
	${CC:-gcc} -std=gnu17 -D_GNU_SOURCE -O1 -g "$@" -DFUZZ_MAIN -I. -Iruntime -o "$out/wire_fuzz" \
		tests/fuzz/wire_fuzz.c runtime/shared/wire/*.c
}

build -fsanitize=address,undefined -fno-sanitize-recover=all 2> "$out/wire_fuzz.build" ||
	{ echo "no sanitizers here: without them"; build; }
timeout --kill-after=5 "$((${WIRE_FUZZ_SECONDS:-4} + 40))" \
	"$out/wire_fuzz" "${WIRE_FUZZ_SECONDS:-4}" "${WIRE_FUZZ_SEED:-1}" tests/corpus/wire/*.hex
