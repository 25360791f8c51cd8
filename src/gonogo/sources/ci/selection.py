"""Which tests a step runs: of what type, as its words say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gonogo.model.value import OpenList, Unknown, Value
from gonogo.sources.ci.command import Command
from gonogo.sources.types_of_tests import Types, word

# Runners whose words are paths of tests; what another runner does with a word is its own affair.
_BY_PATH = frozenset({"pytest", "py.test", "jest", "vitest", "mocha", "ava", "go", "gotestsum", "ginkgo", "nose2", "nosetests", "rspec", "phpunit"})
# What runs an application in a browser tests it from one end to the other.
_BROWSERS = frozenset({"playwright", "cypress", "testcafe"})
_WHOLE = frozenset({"", ".", "./", "...", "./...", "test", "tests", "spec", "specs", "__tests__", "src", "src/...", "run", "--"})
_NARROWS = re.compile(r"^(-m|-k|-t|-g|-run|--(run|testNamePattern|testPathPatterns?|grep|tag|filter|project|suite|testsuite|spec|group|only)\b)")
_LEAVES_OUT = re.compile(r"^(-x|-skip|--(ignore|ignore-glob|deselect|exclude|exclude-task|exclude-group|skip|testPathIgnorePatterns|invert|not)\b)")
_NEGATED = re.compile(r"\b(?:not\s+|!\s*)([\w-]+)")
_APART = re.compile(r"[\s/:=,@.()'\"!]+")


@dataclass(frozen=True, slots=True)
class Selection:
    """`types`: of what type the tests are that the words name; `whole`: no word narrows what the configuration collects;
    `left_out`: the types that the words leave out."""

    types: Value = field(default_factory=list)
    whole: Value = False
    left_out: Value = field(default_factory=list)


def selection(command: Command | None, action: str, types: Types) -> Selection:
    """The tests that a step with `tests` runs. What a step runs that is no command of its own is not told."""
    if command is None:
        if action.startswith("cypress-io/"):
            return Selection(["e2e"])
        reason = Unknown.because(f"which tests {action or 'the step'} runs is not told")
        return Selection(OpenList([], reason), reason)
    named: set[str] = {"e2e"} if command.program in _BROWSERS else set()
    left_out: set[str] = set()
    narrows = False
    unknown: Unknown | None = None
    before = ""
    for argument in command.arguments:
        text, option = argument.text, before
        before = text if text.startswith("-") and "=" not in text else ""
        if not argument.known:
            unknown = Unknown.because(f"which tests {command.program} runs is decided by {text[:80]}")
        if _LEAVES_OUT.match(text) or _LEAVES_OUT.match(option):
            left_out |= _named(text, types)
            continue
        negated = {found for wanted in _NEGATED.findall(text) for found in _named(wanted, types)}
        left_out |= negated
        named |= _named(_NEGATED.sub(" ", text), types)
        narrows |= bool(_NARROWS.match(option) or ("=" in text and _NARROWS.match(text))) and not negated
        if not text.startswith("-") and not option and command.program in _BY_PATH:
            narrows |= text.rstrip("/") not in _WHOLE
    if unknown is not None:
        return Selection(OpenList(sorted(named), unknown), unknown, sorted(left_out))
    if named:
        return Selection(sorted(named - left_out), False, sorted(left_out))
    if narrows:
        reason = Unknown.because(f"of what type the tests are that `{str(command)[:80]}` selects is not told")
        return Selection(OpenList([], reason), reason, sorted(left_out))
    return Selection([], True, sorted(left_out))


def _named(text: str, types: Types) -> set[str]:
    """The types that the parts of a word name: of a path, an expression of marks, a script."""
    parts = {word(part) for part in _APART.split(text) if part}
    joined = {word("_".join(part for part in _APART.split(text) if part))}
    return {found for part in parts | joined for found in types.named(part)}
