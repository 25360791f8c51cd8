"""The report a person reads: the decision first and last, worst first, every verdict with the line that proves it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TextIO

from gonogo.model.assessment import Agreement, Assessment, ControlResult, Decision, ItemResult
from gonogo.model.finding import Evidence, Finding, Role, Severity, Verdict
from gonogo.report.escape import printable

MAX_FINDINGS = 5
MAX_REASONS = 3
MAX_DETAILS = 3
MAX_GAPS = 10
MAX_LINES = 4

_STYLES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2"}


@dataclass(frozen=True, slots=True)
class Style:
    """How to draw: whether in colour, with which marks, how wide, and whether to list what is in order."""

    color: bool = False
    ascii: bool = False
    width: int = 100
    verbose: bool = False

    def paint(self, text: str, *names: str) -> str:
        if not self.color or not names:
            return text
        return f"\x1b[{';'.join(_STYLES[n] for n in names)}m{text}\x1b[0m"

    def mark(self, mark: str) -> str:
        return _ASCII.get(mark, mark) if self.ascii else mark


_ASCII = {"✓": "+", "✗": "x", "?": "?", "○": "o", "☐": "-", "~": "~", "–": "-", "·": "."}
_MARKS = {
    "refuted": ("✗", "red"),
    "violated": ("✗", "red"),
    "unsupported": ("✗", "red"),
    "unknown": ("?", "yellow"),
    "unchecked": ("?", "yellow"),
    "open": ("○", "cyan"),
    "absent": ("○", "cyan"),
    "manual": ("☐", "dim"),
    "unmapped": ("·", "dim"),
    "confirmed": ("✓", "green"),
    "satisfied": ("✓", "green"),
    "unclaimed": ("✓", "green"),
    "waived": ("~", "yellow"),
    "attested": ("✓", "green"),
    "not_applicable": ("–", "dim"),
}
_DECISION_COLORS = {Decision.GO: "green", Decision.NO_GO: "red", Decision.INCOMPLETE: "yellow", Decision.NOTHING: "yellow"}


def render(assessment: Assessment, out: TextIO, style: Style) -> None:
    """Write the report."""
    lines = _Lines(out, style)
    lines.add(_title(assessment))
    lines.add()
    lines.add("  " + style.paint(assessment.decision.value, "bold", _DECISION_COLORS[assessment.decision]) + "    " + _why(assessment))
    lines.add()
    if assessment.items:
        _items(assessment, lines)
    else:
        _controls(assessment.controls, lines)
    _gaps(assessment, lines)
    for warning in assessment.warnings:
        lines.add(style.paint("! ", "yellow") + printable(warning))
    lines.add()
    for line in wrap(_coverage(assessment), style.width):
        lines.add(line)
    lines.add(style.paint(assessment.decision.value, "bold", _DECISION_COLORS[assessment.decision]))


def columns(text: str) -> int:
    """The width of `text` on a terminal: East Asian wide characters take two columns, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns, broken at blanks; a word that is longer stands whole."""
    found: list[str] = []
    line, used = "", 0
    for word in text.split():
        size = columns(word)
        if line and used + 1 + size > width:
            found.append(line)
            line, used = "", 0
        line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*found, line] if line else found


class _Lines:
    def __init__(self, out: TextIO, style: Style) -> None:
        self._out = out
        self.style = style

    def add(self, text: str = "") -> None:
        self._out.write(text.rstrip() + "\n")

    def row(self, lead: str, rest: str, indent: int = 4) -> None:
        """A line whose first part is never cut; the rest is wrapped to the width, below itself."""
        start = " " * indent + printable(lead)
        room = max(self.style.width - columns(start) - 1, 30)
        first, *more = wrap(printable(rest), room) or [""]
        self.add(f"{start} {first}")
        for line in more[: MAX_LINES - 1]:
            self.add(" " * (columns(start) + 1) + line)


def _title(assessment: Assessment) -> str:
    inputs = assessment.inputs
    checklists = inputs.get("checklists")
    parts = [f"gonogo {assessment.versions.get('gonogo', '')}", printable(str(inputs.get("root", "")))]
    if isinstance(checklists, list) and checklists:
        parts.append("checklist " + printable(", ".join(map(str, checklists))) + f" ({len(assessment.items)} items)")
    else:
        parts.append(f"no checklist: all {len(assessment.controls)} controls")
    parts.append(f"environment {printable(str(inputs.get('environment', '')))}")
    return "   ".join(parts)


def _why(assessment: Assessment) -> str:
    if assessment.decision is Decision.NOTHING:
        return "nothing here to check"
    if assessment.items:
        agreements = Counter(i.agreement for i in assessment.items if not i.binding.item.optional)
        phrases = (
            (agreements[Agreement.REFUTED], "ticked but not true"),
            (agreements[Agreement.UNSUPPORTED], "ticked without any trace"),
            (agreements[Agreement.OPEN], "open"),
            (agreements[Agreement.UNCHECKED], "could not be checked"),
        )
        return ", ".join(f"{n} {text}" for n, text in phrases if n) or "every required item holds"
    verdicts = Counter(c.verdict for c in assessment.controls)
    counted = ((verdicts[Verdict.VIOLATED], "controls violated"), (verdicts[Verdict.UNKNOWN], "unknown"))
    return ", ".join(f"{n} {text}" for n, text in counted if n) or "every control that applies holds"


def _item_group(item: ItemResult) -> str:
    if item.verdict in (Verdict.MANUAL, Verdict.UNMAPPED, Verdict.WAIVED, Verdict.ATTESTED):
        return item.verdict.value
    return item.agreement.value


_ITEM_ORDER = ("refuted", "unsupported", "unchecked", "open", "waived", "manual", "unmapped", "unclaimed", "confirmed", "attested")
_LISTED = frozenset({"refuted", "unsupported", "unchecked"})
_SHORT = frozenset({"open", "waived", "unclaimed"})
_WORDS = {
    "refuted": "ticked, refuted",
    "unsupported": "ticked, nothing found",
    "unchecked": "ticked, could not be checked",
    "open": "open",
    "waived": "waived",
    "manual": "for a person",
    "unmapped": "not mapped to a control",
    "unclaimed": "not ticked, but satisfied",
    "confirmed": "confirmed",
    "attested": "attested",
}


def _items(assessment: Assessment, lines: _Lines) -> None:
    groups: dict[str, list[ItemResult]] = {name: [] for name in _ITEM_ORDER}
    for item in assessment.items:
        groups[_item_group(item)].append(item)
    lines.add("  " + "   ".join(_tally(lines.style, n, _WORDS[n], len(groups[n])) for n in _ITEM_ORDER if groups[n]))
    lines.add()
    severity = {c.id: c.severity for c in assessment.controls}
    for name in _ITEM_ORDER:
        listed = sorted(groups[name], key=lambda i: (_worst(i, severity).rank, i.binding.item.file, i.binding.item.line))
        if name in _LISTED or (lines.style.verbose and name != "unmapped"):
            for item in listed:
                _item(item, name, _worst(item, severity), lines)
        elif name in _SHORT:
            for item in listed:
                _item_line(item, name, lines)
        if listed and name in _SHORT:
            lines.add()
    hidden = [n for n in _ITEM_ORDER if groups[n] and n not in _LISTED | _SHORT]
    if hidden and not lines.style.verbose:
        lines.add("  " + "   ".join(_tally(lines.style, n, _WORDS[n], len(groups[n])) for n in hidden) + "   (-v lists them)")


def _tally(style: Style, name: str, words: str, count: int) -> str:
    mark, color = _MARKS[name]
    return style.paint(f"{style.mark(mark)} {count} {words}", color)


def _worst(item: ItemResult, severity: dict[str, Severity]) -> Severity:
    return min((severity[c] for c in item.binding.controls if c in severity), key=lambda s: s.rank, default=Severity.CRITICAL)


def _item(item: ItemResult, name: str, severity: Severity, lines: _Lines) -> None:
    style = lines.style
    mark, color = _MARKS[name]
    written = item.binding.item
    tags = " ".join([severity.value, "optional" if written.optional else "required"]) if item.binding.controls else ""
    lines.add(f"{style.paint(style.mark(mark), color)} {style.paint(printable(written.text), 'bold')}   {tags}")
    lines.row(f"{'ticked' if written.claimed else 'open':<11}", f"{written.file}:{written.line}   {' > '.join(written.section[-2:])}")
    if item.binding.controls:
        figures = "".join(f" {k}={v}" for k, v in sorted(item.binding.parameters.items()))
        lines.row("control    ", ", ".join(item.binding.controls) + figures + f"   (binding: {item.binding.source.value})")
    _findings(item.findings, item.verdict, lines)
    if item.verdict is Verdict.ABSENT:
        lines.row("absent     ", "nothing was found that it could be true of")
    _reasons(item.reasons, lines)
    lines.add()


def _item_line(item: ItemResult, name: str, lines: _Lines) -> None:
    mark, color = _MARKS[name]
    written = item.binding.item
    what = ", ".join(item.binding.controls)
    place = _first_place(item.findings, item.verdict)
    note = f"{item.verdict.value.replace('_', ' ')}" + (f"  {place}" if place else "")
    lines.add(
        f"{lines.style.paint(lines.style.mark(mark), color)} "
        + printable(f"{written.file}:{written.line} {written.text}")
        + (lines.style.paint(f"   {what}: {printable(note)}", "dim") if what else "")
    )


def _first_place(findings: Sequence[Finding], verdict: Verdict) -> str:
    for finding in findings:
        if finding.verdict is verdict and finding.evidence:
            return str(finding.evidence[0].location)
    return ""


def _controls(controls: Sequence[ControlResult], lines: _Lines) -> None:
    style = lines.style
    order = ("violated", "unknown", "waived", "satisfied", "absent")
    groups = {name: sorted((c for c in controls if c.verdict.value == name), key=lambda c: (c.severity.rank, c.id)) for name in order}
    lines.add("  " + "   ".join(_tally(style, name, name, len(groups[name])) for name in order if groups[name]))
    lines.add()
    for name in ("violated", "unknown", "waived", *(("satisfied",) if style.verbose else ())):
        for control in groups[name]:
            mark, color = _MARKS[name]
            head = f"{style.paint(style.mark(mark), color)} {style.paint(control.id, 'bold')}"
            lines.add(f"{head}   {control.severity.value}   {control.title}")
            _findings(control.findings, control.verdict, lines)
            _reasons(control.reasons, lines)
            lines.add()
    for name in ("satisfied", "absent"):
        if groups[name] and not (style.verbose and name == "satisfied"):
            mark, color = _MARKS[name]
            text = ", ".join(c.id for c in groups[name])
            for number, line in enumerate(wrap(text, style.width - 14)):
                lead = style.paint(f"{style.mark(mark)} {name:<10}", color) if number == 0 else " " * 12
                lines.add(f"{lead} {line}")


def _findings(findings: Iterable[Finding], verdict: Verdict, lines: _Lines) -> None:
    shown = [f for f in findings if f.verdict is verdict or (verdict is Verdict.WAIVED and f.waiver is not None)]
    for finding in shown[:MAX_FINDINGS]:
        _finding(finding, lines)
    if len(shown) > MAX_FINDINGS:
        lines.row("", f"and {len(shown) - MAX_FINDINGS} more {verdict.value}", indent=15)
    fixes = list(dict.fromkeys(f.fix for f in shown if f.fix and f.waiver is None))
    for fix in fixes[:2]:
        lines.row("fix        ", fix)


def _finding(finding: Finding, lines: _Lines) -> None:
    primary = [e for e in finding.evidence if e.role is Role.PRIMARY]
    lead = f"{finding.verdict.value:<11}"
    where = str(primary[0].location) if primary else finding.subject.name
    lines.row(f"{lead}{where}", finding.message)
    for evidence in [e for e in finding.evidence if _telling(e)][:MAX_DETAILS]:
        lines.row(f"{'':<11}{evidence.location}", f"{evidence.path} = {evidence.value}", indent=4)
    if finding.waiver is not None:
        until = f" until {finding.waiver.until}" if finding.waiver.until else ""
        lines.row(f"{'':<11}{finding.waiver.location}", f"waived{until}: {finding.waiver.reason}")
    for reason in finding.reasons[:MAX_REASONS]:
        lines.row(f"{'':<11}why", reason)


def _telling(evidence: Evidence) -> bool:
    """Whether a value is worth a line: a scalar somebody wrote or left out, not how much of something there is."""
    return bool(evidence.path) and bool(evidence.value) and not evidence.value.endswith(" entries]") and not evidence.value.endswith(" entries}")


def _reasons(reasons: Sequence[str], lines: _Lines) -> None:
    for reason in reasons[:MAX_REASONS]:
        lines.row("not checked", reason)
    if len(reasons) > MAX_REASONS:
        lines.row("           ", f"and {len(reasons) - MAX_REASONS} more reasons (-o json has them)")


def _gaps(assessment: Assessment, lines: _Lines) -> None:
    if not assessment.gaps:
        return
    lines.add(lines.style.paint(f"? {len(assessment.gaps)} not read or not understood", "yellow"))
    grouped: dict[str, list[str]] = {}
    for gap in assessment.gaps:
        place = f"{gap.file}:{gap.line}" if gap.line else gap.file
        grouped.setdefault(gap.reason, []).append(place or gap.source)
    shown = list(grouped.items()) if lines.style.verbose else list(grouped.items())[:MAX_GAPS]
    for reason, places in shown:
        listed = places if lines.style.verbose else places[:1]
        for place in listed:
            more = f" (and {len(places) - 1} more)" if len(places) > len(listed) else ""
            lines.row(place, reason + more)
    if len(shown) < len(grouped):
        lines.row("", f"and {len(grouped) - len(shown)} more reasons (-v lists all)")


def _coverage(assessment: Assessment) -> str:
    inputs = assessment.inputs
    formats = inputs.get("formats")
    parts = [f"Scanned {inputs.get('files', 0)} files"]
    if isinstance(formats, dict):
        known = [f"{count} {name}" for name, count in formats.items() if name != "other"]
        if known:
            parts.append(": " + ", ".join(known))
    for key, text in (("out_of_scope", "Out of scope: "), ("other_environments", "Other environments, not judged: ")):
        left = inputs.get(key)
        if isinstance(left, dict) and left:
            parts.append(". " + text + ", ".join(f"{printable(str(n))} ({c})" for n, c in left.items()))
    return "".join(parts) + "."
