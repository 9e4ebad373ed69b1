"""gdb commands of `race replay --gdb`: race tasks, waits, schedule, step, until.

race starts gdb with this script while the program stands still before its main(). All that is known here is
struct debugger of librace.so's control block (runtime/shared/debugger.h): race itself answers what is asked, in words.
"""
import os
import time

import gdb

LIBRARY = "librace.so"
SYSTEM = LIBRARY, "libc.so.6", "libpthread.so.0", "ld-linux-x86-64.so.2"
STOP = "-source runtime/debugger.c -function debugger_stop"
PROBE_SIGNAL = 63  # of race's watchdog, see runtime/shared/probe.h
ANSWER_SECONDS = 10
POLL_SECONDS = 0.002


def block():
    """struct debugger in the program's memory. Looked up each time: exec maps it anew."""
    if gdb.selected_inferior().pid == 0:
        raise gdb.GdbError("The program has ended.")
    try:
        symbol = gdb.lookup_objfile(LIBRARY).lookup_global_symbol("control")
    except ValueError:
        raise gdb.GdbError("The program runs without librace.so.")
    if symbol is None:
        raise gdb.GdbError(LIBRARY + " has no debug information: was it stripped?")
    return symbol.value()["debugger"]


def get(name):
    return int(block()[name])


def put(name, value):
    data = value if isinstance(value, bytes) else value.to_bytes(4, "little")
    gdb.selected_inferior().write_memory(int(block()[name].address), data)


def ask(view):
    """What race says about the program as it stands."""
    number = get("asked") + 1
    put("view", view.encode() + b"\0")
    put("asked", number)
    end = time.monotonic() + ANSWER_SECONDS
    while get("answered") != number:
        if time.monotonic() > end:
            raise gdb.GdbError("race does not answer.")
        time.sleep(POLL_SECONDS)
    text = gdb.selected_inferior().read_memory(int(block()["text"].address), get("nbytes"))
    return "".join(it if it.isprintable() or it in "\n\t" else "?" for it in bytes(text).decode(errors="replace"))


def library_of(frame):
    return os.path.basename(gdb.solib_name(frame.pc()) or "")


def select_program_frame():
    """The innermost frame that is neither race's nor the C library's, if there is one: a task may be just beginning."""
    frame = gdb.newest_frame()
    while frame is not None and library_of(frame) in SYSTEM:
        frame = frame.older()
    if frame is not None:
        frame.select()
        gdb.execute("frame")


class Stop(gdb.Breakpoint):
    """Called when the schedule has come to where the program is to stop."""

    def __init__(self):
        super().__init__(STOP, internal=True)
        self.silent = True


def on_stop(event):
    if isinstance(event, gdb.BreakpointEvent) and any(isinstance(it, Stop) for it in event.breakpoints):
        gdb.write(ask("place"))
        select_program_frame()
    elif isinstance(event, gdb.SignalEvent) and library_of(gdb.newest_frame()) == LIBRARY:
        select_program_frame()


class Race(gdb.Command):
    """What race knows of the program, and steps from one scheduling point to the next."""

    def __init__(self):
        super().__init__("race", gdb.COMMAND_USER, prefix=True)


class View(gdb.Command):
    """A command that shows something and changes nothing."""

    def __init__(self, name, text):
        self.name = name
        self.__doc__ = text
        super().__init__("race " + name, gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        gdb.write(ask(self.name))


class Step(gdb.Command):
    """Continue to the next scheduling point of the program, whichever task it is that goes on there."""

    def __init__(self):
        super().__init__("race step", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        put("step", 1)
        gdb.execute("continue")


class Until(gdb.Command):
    """race until N: continue until line N of the schedule is the next to be followed."""

    def __init__(self):
        super().__init__("race until", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        line, nlines, here = argument.strip(), get("nlines"), get("line")
        if not line.isdigit() or not 1 <= int(line) <= nlines:
            raise gdb.GdbError("Which line? The schedule has %d, see race schedule." % nlines)
        if int(line) <= here:
            raise gdb.GdbError("Line %s is not ahead: the schedule has come to line %d." % (line, here))
        put("until", int(line))
        gdb.execute("continue")


class Killed(gdb.Command):
    """Tells race that it is the user who ends the program. Not for users."""

    def __init__(self):
        super().__init__("race killed", gdb.COMMAND_OBSCURE)

    def invoke(self, argument, from_tty):
        if gdb.selected_inferior().pid != 0:
            put("killed", 1)


def define_commands():
    Race()
    View("tasks", "Every task: who has the turn (*), what it is about to do, what it holds.")
    View("waits", "Every task that can't go on: what it waits for, and who holds it.")
    View("schedule", "The schedule, and the line that is followed next.")
    View("place", "Where the program stands.")
    Step()
    Until()
    Killed()
    for name in "kill", "run", "start", "starti":
        gdb.execute("define hook-%s\nrace killed\nend" % name)


def quietly(command):
    """Without a word on where the program stands: in race's own code."""
    try:
        gdb.execute("set suppress-cli-notifications on")
    except gdb.error:
        pass  # an older gdb has no such setting
    gdb.execute(command, to_string=True)
    try:
        gdb.execute("set suppress-cli-notifications off")
    except gdb.error:
        pass


def attach():
    """The main process only; what it forks goes on by itself, under race's control."""
    for setting in "follow-fork-mode parent", "detach-on-fork on", "print thread-events off":
        gdb.execute("set " + setting)
    gdb.execute("handle SIG%d nostop noprint pass" % PROBE_SIGNAL, to_string=True)
    quietly("attach " + os.environ.pop("RACE_DEBUGGEE"))


def begin():
    Stop()
    gdb.events.stop.connect(on_stop)
    put("attached", 1)
    if get("until"):
        gdb.execute("continue")
    else:
        gdb.write("before the program begins\n")


def main():
    try:
        attach()
        define_commands()
        begin()
    except gdb.error as error:
        gdb.write("race: gdb can't attach to the program: %s\n" % error, gdb.STDERR)
        gdb.execute("quit 3")


main()
