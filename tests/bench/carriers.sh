#!/bin/bash
# Processor time for one execution, of race and the program together, on one core in one run: the program's own threads
# made and joined in a loop (native), the program started (spawn), and race with each carrier and reuse. Start-up is left
# out: what is shown is the difference between a long and a short campaign. Then what handing on the turn costs.
set -eu
build=${BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gcc -O2 -pthread -o "$folder/lock_loop" tests/bench/lock_loop.c
gcc -O2 -pthread -o "$folder/switch" tests/bench/switch.c runtime/fiber_switch.S
cpu=$(taskset -cp $$ | sed 's/.*[ ,-]//')

python3 - "$build/race" "$folder" "$cpu" <<'END'
import os
import resource
import subprocess
import sys

race, folder, cpu = sys.argv[1:]


def used(command):
    """Microseconds of processor time of a command and all it waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["taskset", "-c", cpu, *command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e6 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


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


def explored(shape, carrier, reuse, many):
    return each(lambda n: [race, "explore", "--carrier", carrier, "--reuse", reuse, "--strategy", "random", "--oracle",
        "none", "--max-executions", str(n), "--", folder + "/lock_loop", *shape], 50, many)


print("microseconds of processor time for one execution")
names = ["native", "spawn", "thread+fork", "fiber+fork", "fiber+restore"]
print(f"{'':22}" + "".join(f"{name:>15}" for name in names) + "   restore is cheaper than fiber+fork, thread+fork, native by")
for shape in ["2", "5"], ["4", "10"]:
    for _ in range(3):
        row = [native(shape), spawned(shape), explored(shape, "thread", "fork", 1050), explored(shape, "fiber", "fork", 2050),
            explored(shape, "fiber", "restore", 20050)]
        factors = ", ".join(f"{row[i] / row[4]:.1f}x" for i in (3, 2, 0))
        print(f"{shape[0] + ' threads x ' + shape[1]:22}" + "".join(f"{value:15.1f}" for value in row) + "   " + factors,
            flush=True)
for _ in range(3):
    fast, slow = map(float, subprocess.run(["taskset", "-c", cpu, folder + "/switch", "100000"], check=True,
        capture_output=True, text=True).stdout.split())
    print(f"a turn is handed on in {fast:.1f} ns between fibers, {slow:.0f} ns between kernel threads: {slow / fast:.0f}x")
END
