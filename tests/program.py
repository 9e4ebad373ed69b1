"""Runs race on a test program and compares with what the program's head comment expects.

usage: program.py SOURCE            (BUILD and OUT from the environment, see tests/run)

A head comment holds, each on a line that begins with ` * `:

    race: explore --strategy auto --max-executions 200      how race is run; the program itself comes last
    expect: assert within 50                                 kind of the first finding, and by which execution
    class: double effect                                     its class
    expect: clean                                            exit 0, no finding
    expect: status 4                                         that exit status, whatever the findings
    exhausted: all                                           a clean result must say that all was explored,
    exhausted: 2                                             or all with at most so many preemptions
    preemptions: 2                                           the schedule must not need more
    race: explore --strategy dfs -- wal                      what follows -- are arguments of the program
    replays: 100                                             how often the schedule is replayed (20)

`race:` and `expect:` may be repeated in pairs. Every schedule that is written is replayed.
"""
import json
import os
import re
import shlex
import subprocess
import sys

BUILD = os.environ.get("BUILD", "build")
OUT = os.environ.get("OUT", BUILD + "/tests/out")
RACE = BUILD + "/race"
SCHEMA = "tools/report/race.schema.json"
STATUS_CLEAN, STATUS_FINDINGS = 0, 66


class Failure(Exception):
    """What differs from the expectation, in a sentence."""


def read_head(path):
    """The fields of the head comment as a list of (name, value), in order."""
    head = open(path, encoding="utf-8").read().split("*/", 1)[0]
    return re.findall(r"^ \* ([a-z-]+): *(.*?)\s*$", head, re.MULTILINE)


def read_cases(fields):
    """Pairs of (race options, expectation)."""
    options = [value for name, value in fields if name == "race"]
    expectations = [value for name, value in fields if name == "expect"]
    if not options or len(options) != len(expectations):
        raise Failure("the head comment needs as many `expect:` lines as `race:` lines, and at least one")
    return list(zip(options, expectations))


def run(command, log):
    """Runs a command, shows it and what it prints; returns its exit status."""
    print("$", shlex.join(command), flush=True)
    with open(log, "w", encoding="utf-8") as out:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT).returncode
    print(open(log, encoding="utf-8", errors="replace").read()[-6000:], flush=True)
    return status


def check_schema(result):
    """The result against the JSON schema that ships with race."""
    try:
        import jsonschema
    except ImportError:
        return
    with open(SCHEMA, encoding="utf-8") as file:
        jsonschema.validate(result, json.load(file))


def check_finding(result, expectation, class_name):
    """The first finding against `KIND [within N]` and its class; returns it."""
    match = re.fullmatch(r"([a-z-]+)(?: within (\d+))?", expectation)
    if not match:
        raise Failure(f"can't read the expectation `{expectation}`")
    kind, within = match.groups()
    if not result["findings"]:
        raise Failure(f"no finding after {result['executions']} executions, expected {expectation}")
    finding = result["findings"][0]
    if finding["kind"] != kind:
        raise Failure(f"found {finding['kind']} ({finding['message']}), expected {expectation}")
    if class_name is not None and finding.get("class") != class_name:
        raise Failure(f"class is {finding.get('class')}, expected {class_name}")
    if within and finding["first_execution"] > int(within):
        raise Failure(f"found in execution {finding['first_execution']}, expected {expectation}")
    return finding


def check_exhausted(result, expected):
    """What a clean result says has been completely explored, against `all` or a bound of preemptions."""
    exhausted = result["exhausted"]
    if not expected or exhausted and exhausted["bound"] is None:
        return
    if expected == "all" or not exhausted or exhausted["bound"] < int(expected):
        raise Failure(f"after {result['executions']} executions exhausted is {exhausted}, expected {expected}")


def check_schedule(finding, fields, command, log):
    """The finding's schedule: short enough, and every replay shows the same."""
    path = finding["schedule"]
    if not path or not os.path.exists(path):
        raise Failure(f"no schedule was written ({path})")
    bound = fields.get("preemptions")
    if bound and finding.get("preemptions", 0) > int(bound):
        raise Failure(f"the schedule needs {finding['preemptions']} preemptions, expected at most {bound}")
    repeat = fields.get("replays", "20")
    status = run([RACE, "replay", "--repeat", repeat, path, "--", *command], log)
    if status != STATUS_FINDINGS:
        raise Failure(f"replay ended with {status}, expected {STATUS_FINDINGS}")


def check_case(name, options, expectation, fields):
    """One `race:` line and its `expect:` line."""
    base = f"{OUT}/programs/{name}"
    report = base + ".json"
    if os.path.exists(report):
        os.remove(report)
    options, _, arguments = options.partition(" -- ")
    words = shlex.split(options)
    command = [f"{BUILD}/tests/programs/{name}", *shlex.split(arguments)]
    status = run([RACE, words[0], "--json", report, "--output", base + ".races", *words[1:], "--", *command],
                 base + ".explore")
    if expectation.startswith("status "):
        if status != int(expectation.split()[1]):
            raise Failure(f"race ended with {status}, expected {expectation}")
        return
    if not os.path.exists(report):
        raise Failure(f"race ended with {status} and wrote no JSON")
    with open(report, encoding="utf-8") as file:
        result = json.load(file)
    check_schema(result)
    if status != result["exit_code"]:
        raise Failure(f"race ended with {status}, its JSON says {result['exit_code']}")
    if expectation == "clean":
        if status != STATUS_CLEAN or result["findings"]:
            raise Failure(f"expected clean, race ended with {status}: {result['findings']}")
        check_exhausted(result, fields.get("exhausted"))
        return
    finding = check_finding(result, expectation, fields.get("class"))
    if status != STATUS_FINDINGS:
        raise Failure(f"race ended with {status}, expected {STATUS_FINDINGS}")
    check_schedule(finding, fields, command, base + ".replay")


def main():
    source = sys.argv[1]
    name = os.path.splitext(os.path.basename(source))[0]
    os.makedirs(f"{OUT}/programs", exist_ok=True)
    head = read_head(source)
    fields = dict(head)
    try:
        for options, expectation in read_cases(head):
            check_case(name, options, expectation, fields)
    except Failure as failure:
        print(f"{source}: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
