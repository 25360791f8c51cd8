"""The scripts that git runs before a commit: which of their commands can stop it."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.value import Unknown, Value
from gonogo.sources.ci.command import Command, unwrap
from gonogo.sources.ci.shell.parser import parse
from gonogo.sources.ci.shell.run import Counts, Settings, run
from gonogo.sources.ci.shell.words import ShellSyntaxError

# They prepare, and check nothing.
_IDLE = frozenset({".", "source", "echo", "printf", "cd", "export", "set", "exit", "true", ":", "unset", "command", "test", "[", "[[", "read", "exec", "shift", "return", "local"})


def runs(script: str, program: str) -> bool:
    """Whether a script runs a program, and fails with it."""
    return any(command.program == program and counts is True for command, counts in _commands(script))


def checking(script: str) -> Value:
    """How many commands of a script can stop the commit; unknown where that cannot be told."""
    try:
        found = list(_commands(script))
    except ShellSyntaxError as error:
        return Unknown.because(f"the script of the hook cannot be parsed: {error}")
    working = [counts for command, counts in found if command.program not in _IDLE]
    # `if ! make lint; then exit 1; fi` asks for the failure itself.
    by_hand = any(command.program == "exit" and command.arguments and command.arguments[0].text != "0" for command, _ in found)
    sure = sum(1 for counts in working if counts is True)
    if sure or not working:
        return sure
    return Unknown.because("whether a command of the hook can stop the commit is not told") if by_hand or None in working else 0


def _commands(script: str) -> Iterator[tuple[Command, Counts]]:
    # husky, and git, run it with `sh -e` (https://typicode.github.io/husky/).
    for invocation in run(parse(script), Settings(errexit=True), script):
        for item in unwrap(invocation.words):
            if isinstance(item, Command):
                yield item, invocation.counts
