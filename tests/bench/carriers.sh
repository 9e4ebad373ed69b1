#!/bin/bash
# Processor time for one execution, of race and the program together, on one core in one run: the program's own threads
# made and joined in a loop (native), the program started (spawn), and race with each carrier and reuse. Start-up is left
# out: what is shown is the difference between a long and a short campaign. The third program has written to 100 MB of heap
# before main. Then what one point costs a program of 200 threads, and what handing on the turn costs.
set -eu
build=${BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcc -O2 -pthread -o "$folder/lock_loop" tests/bench/lock_loop.c
gcc -O2 -pthread -o "$folder/switch" tests/bench/switch.c runtime/fiber_switch.S

PYTHONPATH=tests/bench PYTHONDONTWRITEBYTECODE=1 python3 - "$build/race" "$folder" <<'END'
import os
import resource
import subprocess
import sys

from measure import CPU, used

race, folder = sys.argv[1:]


def each(command_of, few, many):
    return (used(command_of(many)) - used(command_of(few))) / (many - few)


def native(shape):
    return each(lambda n: [folder + "/lock_loop", *shape, str(n)], 100, 20000)


def spawned(shape):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(300):
        os.waitpid(os.posix_spawn(folder + "/lock_loop", ["lock_loop", *shape], os.environ), 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e6 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / 300


def explored(shape, carrier, reuse, many, few=50):
    return each(lambda n: [race, "explore", "--carrier", carrier, "--reuse", reuse, "--strategy", "random", "--oracle",
        "none", "--max-executions", str(n), "--", folder + "/lock_loop", *shape], few, many)


def points(shape):
    """Each thread begins, ends and is joined, takes the lock and gives it back."""
    nthreads, rounds = map(int, shape)
    return nthreads * (2 * rounds + 3)


print("microseconds of processor time for one execution")
names = ["native", "spawn", "thread+fork", "fiber+fork", "fiber+restore"]
print(f"{'':22}" + "".join(f"{name:>15}" for name in names) + "   restore is cheaper than fiber+fork, thread+fork, native by")
for shape, megabytes, forks in (["2", "5"], 0, 2050), (["4", "10"], 0, 2050), (["2", "5"], 100, 250):
    if megabytes:
        os.environ["LOCK_LOOP_HEAP"] = str(megabytes)
    name = shape[0] + " threads x " + shape[1] + (f", {megabytes} MB" if megabytes else "")
    for _ in range(3):
        row = [native(shape), spawned(shape), explored(shape, "thread", "fork", forks), explored(shape, "fiber", "fork", forks),
            explored(shape, "fiber", "restore", 20050)]
        factors = ", ".join(f"{row[i] / row[4]:.1f}x" for i in (3, 2, 0))
        print(f"{name:22}" + "".join(f"{value:15.1f}" for value in row) + "   " + factors, flush=True)
os.environ.pop("LOCK_LOOP_HEAP")
for _ in range(3):
    small, large = (explored(shape, "fiber", "restore", many, few) / points(shape)
        for shape, many, few in ((["2", "5"], 20050, 50), (["200", "50"], 55, 5)))
    print(f"a point costs {small:.2f} us in 2 threads x 5, {large:.2f} us in 200 threads x 50 ({points(['200', '50'])} points): "
        f"{large / small:.1f}x", flush=True)
for _ in range(3):
    fast, slow = map(float, subprocess.run(["taskset", "-c", CPU, folder + "/switch", "100000"], check=True,
        capture_output=True, text=True).stdout.split())
    print(f"a turn is handed on in {fast:.1f} ns between fibers, {slow:.0f} ns between kernel threads: {slow / fast:.0f}x")
END
