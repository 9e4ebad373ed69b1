"""What the scripts of this folder measure with."""
import os
import resource
import subprocess

CPU = str(max(os.sched_getaffinity(0)))


def used(command):
    """Microseconds of processor time, on one core, of a command and all it waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["taskset", "-c", CPU, *command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e6 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
