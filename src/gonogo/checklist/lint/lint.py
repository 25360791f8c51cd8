"""All remarks on one checklist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from gonogo.checklist.lint.claims import figures_conflict, optional_and_required, repeated, rest_on_open, spoken_of
from gonogo.checklist.lint.lines import Line, Sort, lines_of
from gonogo.checklist.lint.percentages import percentages
from gonogo.checklist.lint.remark import Remark, Weight
from gonogo.checklist.lint.words import LintTable, load_table
from gonogo.checklist.normalise import normalise, qualifiers
from gonogo.checklist.optional import is_optional_section
from gonogo.model.checklist import Binding, Checklist, Item

MAX_LINES = 8
_LABEL = re.compile(r"\*\*([^*]{2,60})\*\*\s*[:：]")
_BRACKET = re.compile(r"[\[<{]\s*([^\[\]<>{}()]{1,40}?)\s*[\]>}](?![(\[:])")
_BARE = re.compile(r"(?<![\w/])(?:TBD|TODO|FIXME|XXX+|\?\?\?+)(?![\w/])")
_DATES = (re.compile(r"(?<!\d)(20\d\d)[-./](\d{1,2})[-./](\d{1,2})(?!\d)"), re.compile(r"(20\d\d)\s*[년年]\s*(\d{1,2})\s*[월月]\s*(\d{1,2})\s*[일日]"))
_SEPARATOR = re.compile(r"\s*[,/·+&]\s*|\s+및\s+|\s+and\s+")

Bind = Callable[[Sequence[Item]], Sequence[Binding]]
"""Binds items as those of the checklist are bound."""


def lint_checklist(text: str, checklist: Checklist, bindings: Sequence[Binding], bind: Bind, today: date) -> tuple[Remark, ...]:
    """The remarks on a checklist, by line. `bindings` are those of its items; `bind` binds what it says elsewhere."""
    table = load_table()
    own = {item.line for item in checklist.items}
    lines = list(lines_of(text))
    around = [line for line in lines if line.number not in own]
    entries = [line for line in around if line.sort is Sort.ENTRY]
    later = [entry for entry in entries if any(map(is_optional_section, entry.section))]
    mentioned = [item for line in entries if line not in later for item in _mentions(line, checklist.file)]
    wanted = [item for line in later for item in _parts(line, checklist.file)]
    found = (
        *percentages(lines, checklist.items, table),
        *_release(around, bindings, table),
        *_complete(bindings, table),
        *repeated(bindings),
        *optional_and_required(bindings, list(zip(wanted, bind(wanted), strict=True))),
        *rest_on_open(bindings, table),
        *figures_conflict(bindings, table),
        *spoken_of(bindings, bind(mentioned)),
        *_placeholders(around, table),
        *_reviews(around, table, today),
    )
    return tuple(sorted(dict.fromkeys(found)))


def _release(lines: Sequence[Line], bindings: Sequence[Binding], table: LintTable) -> Iterator[Remark]:
    """What is said to stand in the way of a release is nothing, while required items are open."""
    for line in lines:
        nothing = line.sort is Sort.HEADING and table.says("no_go", line.words) and table.says("none", line.words)
        ready = table.says("all_ready", line.words) and any(table.says("no_go", normalise(name)) or table.says("go", normalise(name)) for name in line.section)
        if not nothing and not ready:
            continue
        standing = [b.item for b in bindings if not b.item.claimed and not b.item.optional and not _comes_later(b.item, table)]
        if standing:
            yield Remark(line.number, "go-criteria", f"says that nothing stands in the way, while {len(standing)} required items are open: {_listed(standing)}", tuple(i.line for i in standing))


def _complete(bindings: Sequence[Binding], table: LintTable) -> Iterator[Remark]:
    """A ticked item among the conditions of a release that says of a section that it is done, while required items of it are open."""
    items = [b.item for b in bindings]
    for claim in items:
        words = normalise(claim.text)
        if not claim.claimed or not any(table.says("go", normalise(name)) for name in claim.section) or not table.says("complete", words):
            continue
        named = {part for item in items for name in item.section for part in _SEPARATOR.split(normalise(name)) if _names(words, part)}
        open_ones = [
            i for i in items
            if not i.claimed and not i.optional and not _comes_later(i, table) and any(_names(normalise(t), part) for part in named for t in (*i.section, i.text))
        ]  # fmt: skip
        if open_ones:
            yield Remark(claim.line, "go-criteria", f"“{claim.text}” is ticked, while {len(open_ones)} required items of it are open: {_listed(open_ones)}", tuple(i.line for i in open_ones))


def _names(words: str, part: str) -> bool:
    """Whether a text speaks of a section: Korean and Chinese words take endings, others stand by themselves."""
    if len(part) < 2 or part.isdigit():
        return False
    return part in words if not part.isascii() else re.search(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])", words) is not None


def _comes_later(item: Item, table: LintTable) -> bool:
    """Work of the day of the release and after it, as the headings below the first say: it is open until then."""
    return any(table.says("later", normalise(name)) for name in item.section)


def _mentions(line: Line, file: str) -> Iterator[Item]:
    """What a plain entry names: its bold label, and what stands in its parentheses."""
    label = _LABEL.match(line.text)
    inside = qualifiers(normalise(line.text))[1]
    for text in dict.fromkeys([*([label[1]] if label is not None else []), *(part for inner in inside for part in _SEPARATOR.split(inner))]):
        if len(text) > 2:
            yield Item("", (), text, file, line.number, claimed=False)


def _parts(line: Line, file: str) -> Iterator[Item]:
    """A plain entry as an item, and each part of its parentheses as one."""
    item = Item("", line.section, line.text, file, line.number, claimed=False, optional=True)
    yield item
    for inner in qualifiers(normalise(line.text))[1]:
        yield from (replace(item, text=part) for part in _SEPARATOR.split(inner) if len(part) > 1)


def _placeholders(lines: Sequence[Line], table: LintTable) -> Iterator[Remark]:
    found = {line.number: [m[0] for m in _BRACKET.finditer(line.text) if _is_placeholder(m[1], table)] + _BARE.findall(line.text) for line in lines if line.sort in (Sort.ENTRY, Sort.TEXT)}
    for number, texts in found.items():
        if texts:
            yield Remark(number, "placeholder", f"{', '.join(dict.fromkeys(texts))} was never filled in", (), Weight.WARNING)


def _is_placeholder(text: str, table: LintTable) -> bool:
    words = normalise(text)
    return bool(words) and table.words["placeholder"].fill(words)


def _reviews(lines: Sequence[Line], table: LintTable, today: date) -> Iterator[Remark]:
    """A next review whose day has passed, or that was due before a release which is planned for this week."""
    planned = [line for line in lines if table.says("this_week", line.words) and line.sort is Sort.HEADING]
    for line in lines:
        if not table.says("review", line.words):
            continue
        for year, month, day in (m.groups() for pattern in _DATES for m in pattern.finditer(line.text)):
            try:
                due = date(int(year), int(month), int(day))
            except ValueError:
                yield Remark(line.number, "review-date", f"{year}-{month}-{day} is no date", (), Weight.WARNING)
                continue
            if due < today:
                yield Remark(line.number, "review-date", f"the review was due on {due}, and that has passed", (), Weight.WARNING)
        if planned and table.says("before_release", line.words):
            yield Remark(line.number, "review-date", f"the review is due a week before the release, which line {planned[0].number} plans for this week", (planned[0].number,), Weight.WARNING)


def _listed(items: Sequence[Item]) -> str:
    shown = ", ".join(str(item.line) for item in items[:MAX_LINES])
    return f"line {shown}" + (f" and {len(items) - MAX_LINES} more" if len(items) > MAX_LINES else "")
