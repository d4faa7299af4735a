"""The main program of all system tests and benchmarks: reads arguments, prepares the machine, runs one test."""

import ast
import contextlib
import importlib
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import namedtuple

from harness.arguments import ArgumentError, Values, read_arguments, table_of
from harness.checks import Checks, CheckFailed
from harness.http_client import Malformed, Unanswered
from harness.node import BINARY, ROOT, NodeFailure

VENV = os.path.join(ROOT, ".build/venv")
# The environment variable that marks a prepared process. The preparation of a test may start the test again in another
# process, which must not prepare itself a second time.
PREPARED = "SYSTEM_TEST_PREPARED"
EXPECTED_FAILURES = (CheckFailed, NodeFailure, Unanswered, Malformed)


class Test(namedtuple("Test", "name module summary parameters setup products needs_packages cuts_links needs_root "
                      "needs_node", defaults=((), ("checks",), (), False, False, "", True))):
    """One row of a table of tests.

    `module` has a function run(test_run), which returns nothing when the test passed and raises when it cannot go on.
    `setup` are the sets of tools that scripts/setup installs. `products` are products of the Swift package beside the
    two executables. `needs_packages` runs the test with the Python packages of scripts/requirements.txt. `cuts_links`
    runs it in a network namespace of its own where the machine permits it. `needs_root` is the reason for which it
    needs root. `needs_node` builds hedgehogdb first.
    """


class TestRun:
    """One run of a test: its arguments, a temporary folder, and its checks."""

    def __init__(self, test, values):
        self.name = test.name
        self.values = Values(values)
        self.checks = Checks()
        self.folder = tempfile.mkdtemp(prefix=f"hedgehog-{test.name}-", dir=os.environ.get("LOAD_FOLDER"))
        self.keeps_folder = os.environ.get("KEEP", "") not in ("", "0")
        self.stack = contextlib.ExitStack()

    def at_end(self, action, *arguments):
        """Calls `action` when the test ends, however it ends, in the reverse order of these calls."""
        self.stack.callback(action, *arguments)

    def say(self, line):
        print(line, flush=True)


def main(program, tests):
    """Runs the test that the command line names. Returns the exit code: 0 passed, 1 failed, 2 wrong arguments."""
    by_name = {test.name: test for test in tests}
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in ("", "help", "-h", "--help"):
        print_tests(program, tests, sys.stdout if name else sys.stderr)
        return 0 if name else 2
    if name not in by_name:
        print(f"{program}: there is no test '{name}'; the tests are {', '.join(by_name)}", file=sys.stderr)
        return 2
    test = by_name[name]
    if set(sys.argv[2:]) & {"help", "-h", "--help"}:
        print_usage(program, test, sys.stdout)
        return 0
    try:
        values = read_arguments(test.parameters, sys.argv[2:])
    except ArgumentError as error:
        print(f"{name}: {error}\n", file=sys.stderr)
        print_parameters(program, test, sys.stderr)
        return 2
    prepare(test)
    return run(test, values)


def print_tests(program, tests, stream):
    print(f"Usage: {program} TEST [NAME=value ...]\n\n"
          f"`{program} TEST help` prints what a test proves and its parameters.\n", file=stream)
    for test in tests:
        print(f"  {test.name:20} {test.summary}", file=stream)


def print_usage(program, test, stream):
    print_parameters(program, test, stream)
    with open(os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), test.module + ".py"),
              encoding="utf-8") as file:
        print("\n" + ast.get_docstring(ast.parse(file.read())), file=stream)
    print("\nEnvironment: HEDGEHOGDB and CHECK_HISTORY (executables to use; without them, they are built first),\n"
          "FLAGS (more flags of hedgehogdb), KEEP=1 (keeps stores and logs of a passed test too)", file=stream)


def print_parameters(program, test, stream):
    print(f"Usage: {program} {test.name}{' [NAME=value ...]' if test.parameters else ''}", file=stream)
    for line in table_of(test.parameters):
        print(line, file=stream)


def prepare(test):
    """Installs tools and builds executables. May replace this process by one in the venv or in a network namespace."""
    if PREPARED not in os.environ:
        if test.needs_root and (os.geteuid() != 0 or sys.platform != "linux"):
            print(f"{test.name}: needs root on Linux, {test.needs_root}", file=sys.stderr)
            sys.exit(2)
        command = [os.path.join(ROOT, "scripts/setup")]
        for tools in test.setup:
            command += ["--with", tools]
        call(command)
        if test.needs_node and not os.environ.get("HEDGEHOGDB"):
            call([os.path.join(ROOT, "scripts/build")])
        for product in test.products:
            # CHECK_HISTORY is the path of a built check-history, as HEDGEHOGDB is that of the node.
            if not (product == "check-history" and os.environ.get("CHECK_HISTORY")):
                call(["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", product])
        os.environ[PREPARED] = "1"
    if test.needs_packages and os.path.realpath(sys.prefix) != os.path.realpath(VENV):
        os.execv(os.path.join(ROOT, "scripts/python"), ["python", *sys.argv])
    if test.cuts_links:
        from faults import network
        network.enter()


def call(command):
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


def run(test, values):
    if "SEED" in values and values["SEED"] is None:
        values["SEED"] = random.randrange(1 << 32)
    if test.needs_node and not os.access(BINARY, os.X_OK):
        print(f"{test.name}: there is no executable {BINARY}; run make build", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the processes of the test are ended
    test_run = TestRun(test, values)
    settings = "".join(f" {name}={written(value)}" for name, value in values.items() if value not in (None, ""))
    test_run.say(f"{test.name}:{settings or ' started'}; stores and logs are in {test_run.folder}")
    began = time.monotonic()
    failure = None
    try:
        with test_run.stack:
            importlib.import_module(test.module).run(test_run)
    except EXPECTED_FAILURES as error:
        failure = error
    except Exception as error:  # an error of the machine or of the test code
        traceback.print_exc()
        failure = repr(error)
    if failure:
        test_run.say(f"  FAILED: {failure}")
    return report(test, settings, test_run, failure is None and test_run.checks.all_passed,
                  time.monotonic() - began)


def written(value):
    """Writes a value as it is given on the command line."""
    if isinstance(value, (bool, float)):
        return f"{value:g}"
    return shlex.quote(str(value))


def report(test, settings, test_run, has_passed, seconds):
    if has_passed:
        if not test_run.keeps_folder:
            shutil.rmtree(test_run.folder, ignore_errors=True)
        kept = f"; logs are kept in {test_run.folder}" if test_run.keeps_folder else ""
        test_run.say(f"{test.name}: passed in {seconds:.0f} s ({settings.strip() or 'no parameters'}){kept}")
        return 0
    note = " (SEED repeats the choices, not the timing)" if "SEED=" in settings else ""
    test_run.say(f"{test.name}: FAILED after {seconds:.0f} s; stores and logs are kept in {test_run.folder}\n"
                 f"  repeat with: make {test.name}{settings}{note}")
    return 1
