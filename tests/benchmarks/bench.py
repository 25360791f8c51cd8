"""Times gonogo on checkouts, beside Checkov where it is given: wall time, peak memory and the ratio, in one run.

usage: bench.py [--checkov PATH] [--timeout SECONDS] DIRECTORY...

Prints one row per directory for the whole scan, then one for its Terraform alone where there is any; exits 1 if a run of gonogo
crashed. Nothing of the directories is executed.
"""

from __future__ import annotations

import argparse
import compileall
import importlib.util
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_DECIDED = (0, 1, 3, 4)
_TERRAFORM = """
import gc, sys
from pathlib import Path
from gonogo.sources.terraform_resources import TerraformSource
from gonogo.sources.tree import open_tree
gc.disable()  # as the command does
for found in TerraformSource().read(open_tree(Path(sys.argv[1]))):
    pass
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds of wall time, peak resident MiB, and its exit code (None: not finished in time)."""

    seconds: float
    mebibytes: float
    code: int | None


def measure(command: list[str], timeout: float) -> Run:
    """Run `command` in a process of its own and report what it took."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = started + timeout
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            return Run(time.perf_counter() - started, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))
        if time.perf_counter() > deadline:
            process.kill()
            os.wait4(process.pid, 0)
            return Run(timeout, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, None)
        time.sleep(0.005)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkov", help="a checkov executable to compare with")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("directories", nargs="*", type=Path)
    options = parser.parse_args()
    gonogo = [sys.executable, "-m", "gonogo"]
    # A peer that pip installed is compiled; a checkout whose environment forbids writing bytecode is not.
    compileall.compile_dir(Path(importlib.util.find_spec("gonogo").origin).parent, quiet=1)  # type: ignore[union-attr,arg-type]
    start = min(measure([*gonogo, "--help"], options.timeout).seconds for _ in range(5))
    sys.stdout.write(f"{'--help':<44} {start:7.2f} s\n")
    codes: list[int | None] = []
    peer = [options.checkov, "--quiet", "--compact", "--directory"] if options.checkov else []
    for directory in options.directories:
        codes.append(_compare(directory, [*gonogo, "scan", str(directory)], [*peer, str(directory)] if peer else [], options.timeout))
    sys.stdout.write("\nTerraform alone\n")
    for directory in options.directories:
        if any(directory.rglob("*.tf")):
            mine = [sys.executable, "-c", _TERRAFORM, str(directory)]
            codes.append(_compare(directory, mine, [*peer, str(directory), "--framework", "terraform"] if peer else [], options.timeout))
    return int(any(code not in _DECIDED for code in codes))


def _compare(directory: Path, command: list[str], peer: list[str], timeout: float) -> int | None:
    """Print the row of a directory; returns gonogo's exit code."""
    mine = measure(command, timeout)
    row = f"{directory.name:<44} {mine.seconds:7.2f} s {mine.mebibytes:6.0f} MiB  exit {mine.code}"
    if peer:
        other = measure(peer, timeout)
        state = "" if other.code is not None else " (not finished)"
        row += f"   checkov {other.seconds:7.2f} s {other.mebibytes:6.0f} MiB{state}   {other.seconds / mine.seconds:5.1f}x"
    sys.stdout.write(row + "\n")
    sys.stdout.flush()
    return mine.code


if __name__ == "__main__":
    sys.exit(main())
