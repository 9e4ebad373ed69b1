#!/bin/bash
# What checkpoints inside executions spare a depth-first search of a program that computes between its steps: processor
# time for one execution, of race and the program together, natively, forked (each from its start) and restored.
set -eu
build=${BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcc -O2 -pthread -o "$folder/long_steps" tests/programs/real/long_steps.c

PYTHONPATH=tests/bench PYTHONDONTWRITEBYTECODE=1 python3 - "$build/race" "$folder" <<'END'
import json
import sys

from measure import used

race, folder = sys.argv[1:]


def explored(reuse, n):
    return used([race, "explore", "--reuse", reuse, "--strategy", "dfs", "--bound", "none", "--oracle", "none",
        "--max-executions", str(n), "--json", folder + "/result.json", "--", folder + "/long_steps", "plain"])


print("a depth-first search, microseconds of processor time for one execution")
for _ in range(3):
    native = sum(used([folder + "/long_steps", "plain"]) for _ in range(20)) / 20
    forked = (-explored("fork", 50) + explored("fork", 550)) / 500
    restored = (-explored("restore", 50) + explored("restore", 2050)) / 2000
    with open(folder + "/result.json") as file:
        resumed = json.load(file)["resumed"]
    print(f"native {native:.0f}, fork {forked:.0f}, restore {restored:.0f} ({resumed} of 2050 went on from a checkpoint): "
        f"{forked / restored:.1f}x of fork, {native / restored:.1f}x of native", flush=True)
END
