"""What stands around a step of a Jenkinsfile, as far as that is told by its blocks: Groovy itself is not evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gonogo.sources.ci.shell.run import Counts

MAX_TEXT = 200_000
MAX_HEAD = 300

_STRING = re.compile(r"""'''[\s\S]*?'''|\"\"\"[\s\S]*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\"""")
_NEVER = re.compile(r"\bwhen\s*\{\s*expression\s*\{\s*(?:return\s+)?false\s*;?\s*\}\s*\}")
# The build goes on, and its result stays what it was, or becomes unstable, which fails nothing.
_CATCHES = re.compile(r"""\bcatchError\b[^{]*buildResult\s*:\s*(null|['"](SUCCESS|UNSTABLE)['"])|\bwarnError\b""")
_FAILS = re.compile(r"""\berror\b\s*[('"]|\bthrow\b|currentBuild\.result\s*=\s*['"]FAILURE|\bsh\s*\(?['"]exit\s+[1-9]""")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Whether a step runs, and its failure fails the build."""

    runs: bool = True
    because: str = ""
    counts: Counts = True


def surroundings(text: str, start: int, end: int) -> Surroundings:
    """Of the step whose script lies from `start` to `end`. `text` is the file without its comments."""
    text = text[:MAX_TEXT]
    counts: Counts = True
    if re.search(r"\breturnStatus\s*:\s*true", _statement(text, start, end)):
        # What is made of the status is asked below it, by hand.
        counts = None if _FAILS.search(text, end) else False
    for opened, closed in _blocks(text, start):
        head = re.split(r"[{};]", text[max(0, opened - MAX_HEAD) : opened])[-1]
        if re.search(r"\bstage\b", head) and _NEVER.search(text, opened, closed):
            return Surroundings(False, "its condition is never true", counts)
        if re.search(r"\bif\s*\(\s*false\s*\)\s*$", head):
            return Surroundings(False, "its condition is never true", counts)
        if _CATCHES.search(head):
            counts = False
        elif re.search(r"\btry\s*$", head) and counts is True:
            caught = re.match(r"\s*catch\b[^{]*\{", text[closed + 1 : closed + 1 + MAX_HEAD])
            start_of = closed + 1 + caught.end() if caught is not None else 0
            # A nested block ends the part that is looked at: what stands in it runs under a condition.
            if caught is not None and not _FAILS.search(text[start_of : text.find("}", start_of) + 1]):
                counts = None
    return Surroundings(counts=counts)


def _statement(text: str, start: int, end: int) -> str:
    """The line of a step, its script left out."""
    after = text.find("\n", end)
    return text[text.rfind("\n", 0, start) + 1 : start] + text[start : start + 40] + text[end : after if after >= 0 else len(text)]


def _blocks(text: str, position: int) -> Iterator[tuple[int, int]]:
    """The blocks around a position, innermost first, by their braces."""
    bare = _STRING.sub(lambda m: " " * len(m.group()), text)
    stack: list[int] = []
    for brace in re.finditer(r"[{}]", bare):
        if brace.group() == "{":
            stack.append(brace.start())
        elif stack:
            opened = stack.pop()
            if opened < position < brace.start():
                yield opened, brace.start()
