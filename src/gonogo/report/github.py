"""Annotations of a GitHub Actions run, by workflow commands on standard output.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions. The runner keeps ten of a kind for each step
(https://docs.github.com/rest/checks/runs: the rest is dropped in silence), so that the rest is counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TextIO

from gonogo.model.assessment import Assessment
from gonogo.model.finding import Severity
from gonogo.report.notices import Notice, notices
from gonogo.report.statements import BAD, decision_line, shown, statements
from gonogo.translation.language import ENGLISH, Language

MAX_OF_A_KIND = 10


def render(assessment: Assessment, out: TextIO, language: Language = ENGLISH) -> None:
    """Write at most ten errors (what is ticked and not so, or violated) and ten warnings (what is open or unknown), then a notice with the rest."""
    left: Counter[str] = Counter()
    shown_of: Counter[str] = Counter()
    for notice in _varied(notices(assessment, language)):
        kind = "error" if notice.state in BAD else "warning"
        if shown_of[kind] == MAX_OF_A_KIND:
            left[kind] += 1
            continue
        shown_of[kind] += 1
        out.write(_command(kind, _properties(notice), notice.text))
    more = [language.count("{count} more error", "{count} more errors", left["error"])] if left["error"] else []
    more += [language.count("{count} more warning", "{count} more warnings", left["warning"])] if left["warning"] else []
    more += [language.say("{count} not read or not understood", count=len(assessment.gaps))] if assessment.gaps else []
    out.write(_command("notice", {"title": "gonogo"}, "; ".join([decision_line(assessment, statements(assessment), language), *more])))


def _varied(found: Iterable[Notice]) -> list[Notice]:
    """Worst first, and of what is equally bad each check once before any a second time: there is room for ten."""
    seen: Counter[str] = Counter()
    keyed = []
    for notice in found:
        rank = notice.severity.rank if notice.severity is not None else len(Severity)
        keyed.append(((notice.state.rank, rank, seen[notice.check]), notice))
        seen[notice.check] += 1
    return [notice for _, notice in sorted(keyed, key=lambda pair: pair[0])]


def _properties(notice: Notice) -> dict[str, str]:
    place = notice.place
    if place is None:
        return {"title": notice.title}
    return {"file": shown(place.file), **({"line": str(place.line)} if place.line else {}), "title": notice.title}


def _command(kind: str, properties: Mapping[str, str], message: str) -> str:
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{kind} {written}::{_data(message)}\n"


def _data(text: str) -> str:
    """As `escapeData` of @actions/core."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As `escapeProperty` of @actions/core."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
