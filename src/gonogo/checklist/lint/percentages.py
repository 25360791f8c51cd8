"""Stated percentages and progress bars against the boxes, and against each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gonogo.checklist.lint.lines import Line, Sort
from gonogo.checklist.lint.remark import Remark, Weight
from gonogo.checklist.lint.words import LintTable
from gonogo.checklist.normalise import normalise
from gonogo.checklist.progress import Progress, progress
from gonogo.model.checklist import Item

_PERCENT = re.compile(r"(?<![\d.<>≥≤])(\d{1,3}(?:\.\d+)?)\s*%")
_COMPARED = re.compile(r"(?:[<>≥≤]=?|이상|이하|at least|at most)\s*\d")
_BAR = re.compile(r"([█▓■▰●⬛🟩#=]{2,}|[█▓■▰●⬛🟩])([░▒□▱○⬜.·\-]*)")
_STATE = re.compile("[✅⚠❌🟢🟡🔴✔✗]")
_ROUNDED = 0.6
"""A figure that is rounded to whole percents is the same."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a line says of a section, or with an empty `section` of the whole."""

    line: Line
    percent: float
    section: tuple[str, ...]

    @property
    def state(self) -> str:
        found = _STATE.search(self.line.text)
        return found[0] if found is not None else ""


def percentages(lines: Sequence[Line], items: Sequence[Item], table: LintTable) -> Iterator[Remark]:
    """Every remark about figures that the file states of itself."""
    true = {p.section: p for p in progress(items)}
    own = {item.line for item in items}
    of_sections = [s for line in lines if line.number not in own and (s := _of_section(line, true))]
    taken = {stated.line.number for stated in of_sections}
    overall = [s for line in lines if line.number not in own | taken and (s := _overall(line, table))]
    told: dict[tuple[tuple[str, ...], float], list[Stated]] = {}
    for stated in (*of_sections, *(overall if () in true else ())):
        told.setdefault((stated.section, stated.percent), []).append(stated)
    yield from (_wrong(alike, true[section]) for (section, percent), alike in told.items() if not _is_true(percent, true[section]))
    yield from _differ(overall, [s for s in of_sections if s.line.sort is Sort.HEADING])
    yield from _states(of_sections)
    yield from _bars(lines)


def _of_section(line: Line, true: Mapping[tuple[str, ...], Progress]) -> Stated | None:
    found = _percent(line)
    if found is None:
        return None
    if line.sort is Sort.HEADING:
        return Stated(line, found, line.section) if line.section in true else None
    # `Security   ████░ 80 %`: the line of a summary begins with the name of a section.
    label = normalise(_BAR.split(line.text[: _figure(line)])[0]).strip(" :|")
    if len(label) < 2:
        return None
    named = [section for section in true if len(section) > 1 and (name := normalise(section[-1])) and (name == label or name.startswith(f"{label} "))]
    return Stated(line, found, min(named, key=len)) if named else None


def _overall(line: Line, table: LintTable) -> Stated | None:
    found = _percent(line)
    return Stated(line, found, ()) if found is not None and table.says("overall", line.words) else None


def _percent(line: Line) -> float | None:
    found = _PERCENT.search(line.text)
    return float(found[1]) if found is not None and float(found[1]) <= 100 and not _COMPARED.search(line.text) else None


def _figure(line: Line) -> int:
    found = _PERCENT.search(line.text)
    return found.start() if found is not None else 0


def _is_true(stated: float, true: Progress) -> bool:
    return any(abs(stated - ratio) < _ROUNDED for ratio in (true.ratio, true.required_ratio) if ratio is not None)


def _wrong(alike: Sequence[Stated], true: Progress) -> Remark:
    """A figure that is not so, where it is said first."""
    first, *others = alike
    what = first.section[-1] if first.section else "the whole checklist"
    again = f" (again on line {', '.join(str(s.line.number) for s in others)})" if others else ""
    return Remark(first.line.number, "stated-percentage", f"says {first.percent:g} % of {what}, where {true}{again}", tuple(s.line.number for s in others))


def _differ(overall: Sequence[Stated], sections: Sequence[Stated]) -> Iterator[Remark]:
    """One figure of the whole, said twice differently, or not the mean of what is said of the parts."""
    if not overall:
        return
    first, *rest = overall
    told = sorted({s.percent for s in overall})
    mean = sum(s.percent for s in sections) / len(sections) if sections else None
    beside = f"; the mean of its own sections is {mean:.1f} %" if mean is not None else ""
    if len(told) > 1:
        figures = ", ".join(f"{s.percent:g} % (line {s.line.number})" for s in overall)
        yield Remark(first.line.number, "overall-percentages-differ", f"the whole is said to be {figures}{beside}", tuple(s.line.number for s in rest))
    elif mean is not None and abs(mean - told[0]) > 1:
        yield Remark(first.line.number, "overall-percentages-differ", f"the whole is said to be {told[0]:g} %{beside}", tuple(s.line.number for s in sections), Weight.WARNING)


def _states(stated: Sequence[Stated]) -> Iterator[Remark]:
    for first in stated:
        for other in stated:
            if first.line.number < other.line.number and first.section == other.section:
                if first.percent != other.percent:
                    yield Remark(other.line.number, "section-percentages-differ", f"says {other.percent:g} % of {first.section[-1]}, line {first.line.number} {first.percent:g} %", (first.line.number,))
                if first.state and other.state and first.state != other.state:
                    yield Remark(other.line.number, "state-symbols-differ", f"marks {first.section[-1]} as {other.state}, line {first.line.number} as {first.state}", (first.line.number,))


def _bars(lines: Sequence[Line]) -> Iterator[Remark]:
    """A bar shows what it shows to within half a block; the same bar for figures that are further apart than that shows nothing."""
    alike: dict[str, list[tuple[Line, float]]] = {}
    for line in lines:
        found, percent = _BAR.search(line.text), _percent(line)
        if found is None or percent is None or len(found[0]) < 4:
            continue
        filled, size = len(found[1]), len(found[0])
        shown = 100 * filled / size
        alike.setdefault(found[0], []).append((line, percent))
        if abs(shown - percent) > 50 / size:
            yield Remark(line.number, "progress-bar", f"the bar shows {filled} of {size} blocks ({shown:.1f} %) for {percent:g} %", (), Weight.WARNING)
    for bar, told in alike.items():
        figures = sorted({percent for _, percent in told})
        if figures[-1] - figures[0] > 100 / len(bar):
            said = ", ".join(f"{percent:g}" for percent in figures)
            yield Remark(told[0][0].number, "progress-bar", f"one and the same bar stands for {said} %", tuple(line.number for line, _ in told[1:]), Weight.WARNING)
