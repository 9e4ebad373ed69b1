"""Runs race on a test program and compares with what the program's head comment expects.

usage: program.py SOURCE            (BUILD and OUT from the environment, see tests/run)

A head comment holds one case or several. Each begins with a `race:` line and ends before the next one; each line
begins with ` * `:

    race: explore --strategy dfs                  how race is run; the program itself comes last
    race: explore --strategy dfs -- wal           what follows -- are arguments of the program
    expect: assert within 50                      kind of the first finding, and by which execution
    expect: clean                                 exit 0, no finding
    expect: status 4                              that exit status, whatever the findings
    class: double effect                          the finding's class
    message: a waits for b                        its message has this in it
    exhausted: all                                a clean result must say that all was explored,
    exhausted: 2                                  or all with at most so many preemptions,
    exhausted: yes                                or all in the sense of its strategy
    preemptions: 2                                the schedule must not need more
    replays: 100                                  how often the schedule is replayed (20), identical each time

A line `database: postgresql` (or `mariadb`, `redis`) before the first case gives the program an empty database on a server of its own; its URL
is in SHOP_URL, and race gets it with --db. `database: postgresql, redis` gives it two, the second one's URL in CACHE_URL.
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


# How each kind of server is started, with an empty database that SHOP_URL names.
START_SERVER = {
    "postgresql": "postgres_start && postgres_make shop && SHOP_URL=$(postgres_url shop)",
    "mariadb": "mariadb_start && mariadb_make shop && SHOP_URL=$(mariadb_url shop)",
    "redis": "redis_start && SHOP_URL=$(redis_url 0)",
}


class Failure(Exception):
    """What differs from the expectation, in a sentence."""


def read_cases(path):
    """The cases of the head comment: dictionaries of their fields."""
    head = open(path, encoding="utf-8").read().split("*/", 1)[0]
    cases = []
    for name, value in re.findall(r"^ \* ([a-z-]+): *(.*?)\s*$", head, re.MULTILINE):
        if name == "race":
            cases.append({})
        if cases:
            cases[-1][name] = value
    if not cases or any("expect" not in case for case in cases):
        raise Failure("the head comment needs an `expect:` line for each `race:` line, and at least one")
    return cases


def ensure_database(path, program):
    """Starts over with a database server at hand where the head comment asks for one."""
    head = open(path, encoding="utf-8").read().split("*/", 1)[0]
    kinds = re.search(r"^ \* database: (\w+)(?:, (\w+))?$", head, re.MULTILINE)
    if kinds and not os.path.exists(program):
        print(f"{program} was not built: a client library is absent")
        sys.exit(77)
    if kinds and "SHOP_URL" not in os.environ:
        start = ". tests/db/servers && "
        if kinds.group(2):
            start += START_SERVER[kinds.group(2)] + " && export CACHE_URL=$SHOP_URL && "
        start += START_SERVER[kinds.group(1)] + ' && export SHOP_URL && exec "$@"'
        os.execvp("bash", ["bash", "-c", start, "bash", sys.executable, *sys.argv])


def database_options():
    """The options by which race is told of the databases."""
    urls = [os.environ[name] for name in ("SHOP_URL", "CACHE_URL") if name in os.environ]
    return [word for url in urls for word in ("--db", url)]


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


def check_finding(result, expectation, case):
    """The first finding against `KIND [within N]`, its class and its message; returns it."""
    match = re.fullmatch(r"([a-z-]+)(?: within (\d+))?", expectation)
    if not match:
        raise Failure(f"can't read the expectation `{expectation}`")
    kind, within = match.groups()
    if not result["findings"]:
        raise Failure(f"no finding after {result['executions']} executions, expected {expectation}")
    finding = result["findings"][0]
    if finding["kind"] != kind:
        raise Failure(f"found {finding['kind']} ({finding['message']}), expected {expectation}")
    if case.get("class", finding.get("class")) != finding.get("class"):
        raise Failure(f"class is {finding.get('class')}, expected {case['class']}")
    if case.get("message", "") not in finding["message"]:
        raise Failure(f"says `{finding['message']}', expected `{case['message']}'")
    if within and finding["first_execution"] > int(within):
        raise Failure(f"found in execution {finding['first_execution']}, expected {expectation}")
    return finding


def check_exhausted(result, expected):
    """What a clean result says has been completely explored, against `all`, `yes` or a bound."""
    exhausted = result["exhausted"]
    if not expected or exhausted and (exhausted["bound"] is None or expected == "yes"):
        return
    if expected in ("all", "yes") or not exhausted or exhausted["bound"] < int(expected):
        raise Failure(f"after {result['executions']} executions exhausted is {exhausted}, expected {expected}")


def check_schedule(finding, case, command, log):
    """The finding's schedule: short enough, and every replay shows the same."""
    path = finding["schedule"]
    if not path or not os.path.exists(path):
        raise Failure(f"no schedule was written ({path})")
    bound = case.get("preemptions")
    if bound and finding["preemptions"] > int(bound):
        raise Failure(f"the schedule needs {finding['preemptions']} preemptions, expected at most {bound}")
    repeat = case.get("replays", "20")
    status = run([RACE, "replay", *database_options(), "--repeat", repeat, path, "--", *command], log)
    if status != STATUS_FINDINGS:
        raise Failure(f"replay ended with {status}, expected {STATUS_FINDINGS}")
    with open(log, encoding="utf-8", errors="replace") as file:
        if f"identical {repeat} of {repeat}" not in file.read():
            raise Failure("not every replay was identical")


def check_result(result, case, command, log):
    """What race found, against the case."""
    expectation = case["expect"]
    if expectation == "clean":
        if result["exit_code"] != STATUS_CLEAN or result["findings"]:
            raise Failure(f"expected clean, race ended with {result['exit_code']}: {result['findings']}")
        check_exhausted(result, case.get("exhausted"))
        return
    finding = check_finding(result, expectation, case)
    if result["exit_code"] != STATUS_FINDINGS:
        raise Failure(f"race ended with {result['exit_code']}, expected {STATUS_FINDINGS}")
    check_schedule(finding, case, command, log)


def check_case(name, case):
    """Runs race for one case, and checks what it came to."""
    base = f"{OUT}/programs/{name}"
    report = base + ".json"
    if os.path.exists(report):
        os.remove(report)
    options, _, arguments = case["race"].partition(" -- ")
    words = shlex.split(options)
    command = [f"{BUILD}/tests/programs/{name}", *shlex.split(arguments)]
    status = run([RACE, words[0], "--json", report, "--output", base + ".races", *database_options(),
                  *words[1:], "--", *command],
                 base + ".explore")
    if case["expect"].startswith("status "):
        if status != int(case["expect"].split()[1]):
            raise Failure(f"race ended with {status}, expected {case['expect']}")
        return
    if not os.path.exists(report):
        raise Failure(f"race ended with {status} and wrote no JSON")
    with open(report, encoding="utf-8") as file:
        result = json.load(file)
    check_schema(result)
    if status != result["exit_code"]:
        raise Failure(f"race ended with {status}, its JSON says {result['exit_code']}")
    check_result(result, case, command, base + ".replay")


def main():
    source = sys.argv[1]
    name = os.path.splitext(os.path.basename(source))[0]
    ensure_database(source, f"{BUILD}/tests/programs/{name}")
    os.makedirs(f"{OUT}/programs", exist_ok=True)
    try:
        for case in read_cases(source):
            check_case(name, case)
    except Failure as failure:
        print(f"{source}: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
