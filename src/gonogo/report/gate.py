"""What stands in the way of a release, and how much of what was asked was looked at, for people."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.assessment import Assessment
from gonogo.model.gate import Blocker, BlockerKind
from gonogo.report.layout import Row, Style
from gonogo.translation.language import Language

MAX_BLOCKERS = 10


def blocker_rows(assessment: Assessment, style: Style) -> Iterator[Row]:
    """Each blocker with its kind and its place, worst first."""
    shown = assessment.blockers if style.verbose else assessment.blockers[:MAX_BLOCKERS]
    for blocker in shown:
        yield Row(style.language.say(blocker.kind.value), blocker.place or None, named(blocker), "red" if blocker.kind.stops else "yellow")
    if len(shown) < len(assessment.blockers):
        yield Row("", None, style.language.say("and {count} more (-v lists them)", count=len(assessment.blockers) - len(shown)))


def named(blocker: Blocker) -> str:
    """What it is about: an item by its text, a control by its id and title, what is of the run by its sentence."""
    return f"{', '.join(blocker.controls)}: {blocker.text}" if blocker.controls and not blocker.place else blocker.text


def run_level(assessment: Assessment, language: Language) -> list[str]:
    """What stands in the way beside the items, as sentences; several of a kind are counted."""
    kinds: dict[BlockerKind, list[str]] = {}
    for blocker in assessment.blockers:
        if not blocker.kind.of_items:
            kinds.setdefault(blocker.kind, []).append(blocker.text)
    return [
        texts[0] if len(texts) == 1 else language.say("{first}, and {count} more of that kind", first=texts[0], count=len(texts) - 1)
        for texts in kinds.values()
    ]
