"""What is declared against what is live, as rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gonogo.model.drift import Difference, Status
from gonogo.model.finding import Finding
from gonogo.model.resource import Origin
from gonogo.report.layout import Row, Sheet
from gonogo.translation.language import Language, noted

MAX_ROWS = 12
LISTED = (Status.DIFFERS, Status.MISSING_LIVE, Status.UNDECLARED)
"""What somebody can act on; what is only unmanaged or undecidable is counted unless everything is listed."""
WORDS = {
    Status.DIFFERS: noted("differs"),
    Status.MISSING_LIVE: noted("missing"),
    Status.UNDECLARED: noted("undeclared"),
    Status.UNMANAGED_LIVE: noted("unmanaged"),
    Status.UNDECIDABLE: noted("undecidable"),
}


def drift_section(drift: Sequence[Difference], sheet: Sheet) -> None:
    """The section of a report: counts, then what differs."""
    if not drift:
        return
    language = sheet.style.language
    counts = Counter(difference.status for difference in drift)
    order = list(WORDS)
    counted = ", ".join(f"{counts[status]} {language.say(WORDS[status])}" for status in order if counts[status])
    sheet.add()
    sheet.add(sheet.style.paint("~ " + language.say("declared against live: {counts}", counts=counted), "yellow"))
    listed = sorted((d for d in drift if d.status in LISTED or sheet.style.verbose), key=lambda d: order.index(d.status))
    shown = listed if sheet.style.verbose else listed[:MAX_ROWS]
    sheet.rows([row for difference in shown for row in _rows(difference, language)])
    if len(shown) < len(drift):
        sheet.rows([Row("", None, language.say("and {count} more (-v lists them)", count=len(drift) - len(shown)))])


def declared_rows(finding: Finding, drift: Sequence[Difference], language: Language) -> Iterator[Row]:
    """What the code says of the very settings that a live finding rests on, else where it declares them."""
    if finding.subject.origin is not Origin.LIVE:
        return
    paths = {evidence.path for evidence in finding.evidence if evidence.path}
    differing = [d for d in drift if d.name == finding.subject.name and any(_touch(d.field, path) for path in paths)]
    places = [str(evidence.location) for evidence in finding.evidence if evidence.location.file]
    texts = [told(difference, language) for difference in differing] or places[:1]
    yield from (Row(language.say("declared"), None, text) for text in texts)


def _rows(difference: Difference, language: Language) -> Iterator[Row]:
    yield Row(language.say(WORDS[difference.status]), difference.name, "")
    yield Row("", None, told(difference, language))


def told(difference: Difference, language: Language) -> str:
    """One sentence with the line of the declaration."""
    where = f"{difference.location}: " if difference.location is not None else ""
    reason = f" ({difference.reason})" if difference.reason else ""
    reason += "; " + language.say("{owners} can fix it", owners=", ".join(difference.owners)) if difference.owners else ""
    if difference.field:
        differs = language.say("{field} is {declared} in the code and {live} live", field=difference.field, declared=difference.expected, live=difference.found)
        return where + differs + reason
    return f"{where}{difference.declared or difference.kind}{reason}"


def _touch(field: str, path: str) -> bool:
    return bool(field) and (field == path or field.startswith(f"{path}.") or path.startswith(f"{field}."))
