"""The report a person reads: the decision first and last, worst first, every verdict with the line that proves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TextIO

from gonogo.model.assessment import Assessment, ControlResult, Decision, ItemResult
from gonogo.model.drift import Difference
from gonogo.model.finding import Severity, Verdict
from gonogo.report.details import deciding, finding_rows, hint_rows, place, reason_rows
from gonogo.report.drift import drift_section
from gonogo.report.escape import printable
from gonogo.report.layout import Row, Sheet, Style, columns, pad, wrap

MAX_GAPS = 10
MAX_INSTANCES = 5
MAX_ALIKE = 3
LEAST_TEXT = 30
"""The columns that the text of a one-line item has at least; what was found then stands below."""

_MARKS = {
    "refuted": ("✗", "red"),
    "violated": ("✗", "red"),
    "unsupported": ("✗", "red"),
    "unknown": ("?", "yellow"),
    "unchecked": ("?", "yellow"),
    "open": ("○", "cyan"),
    "absent": ("○", "cyan"),
    "manual": ("☐", ""),
    "unmapped": ("·", ""),
    "confirmed": ("✓", "green"),
    "satisfied": ("✓", "green"),
    "unclaimed": ("✓", "green"),
    "waived": ("~", "yellow"),
    "standing": ("~", "yellow"),
    "attested": ("✓", "green"),
    "ignored": ("–", "dim"),
}
_DECISION_COLORS = {Decision.GO: "green", Decision.NO_GO: "red", Decision.INCOMPLETE: "yellow", Decision.NOTHING: "yellow"}
# Group of an item -> (its words, why a required one of it stops or delays the release).
_GROUPS = {
    "refuted": ("ticked, refuted", "ticked but not true"),
    "unsupported": ("ticked, nothing found", "ticked without any trace"),
    "unchecked": ("ticked, could not be checked", "could not be checked"),
    "open": ("open", "open"),
    "standing": ("standing, as before", ""),
    "waived": ("waived", ""),
    "unmapped": ("not mapped to a control", "not mapped to a control"),
    "manual": ("for a person", "for a person"),
    "unclaimed": ("not ticked, but satisfied", ""),
    "confirmed": ("confirmed", ""),
    "attested": ("attested", ""),
    "ignored": ("ignored", ""),
}
_LISTED = ("refuted", "unsupported", "unchecked")
_SHORT = ("open", "standing", "waived", "unclaimed")


def render(assessment: Assessment, out: TextIO, style: Style) -> None:
    """Write the report."""
    sheet = Sheet(out, style)
    sheet.flow([(part, "") for part in _title(assessment)], indent=0)
    sheet.add()
    _decision(assessment, sheet, "  ")
    sheet.add()
    if assessment.items:
        _items(assessment, sheet)
    else:
        _controls(assessment, sheet)
    drift_section(assessment.drift, sheet)
    _gaps(assessment, sheet)
    for warning in assessment.warnings:
        sheet.paragraph(style.paint("!", "yellow") + " ", warning, 2)
    sheet.add()
    for line in wrap(_coverage(assessment), style.width):
        sheet.add(line)
    _decision(assessment, sheet, "")


def _decision(assessment: Assessment, sheet: Sheet, indent: str) -> None:
    word = assessment.decision.value
    lead = indent + sheet.style.paint(word, "bold", _DECISION_COLORS[assessment.decision]) + "    "
    sheet.paragraph(lead, _why(assessment), len(indent) + len(word) + 4)


def _title(assessment: Assessment) -> list[str]:
    inputs = assessment.inputs
    checklists = inputs.get("checklists")
    projects = inputs.get("projects")
    audited = ", ".join(map(str, projects[:MAX_INSTANCES])) if isinstance(projects, list) else ""
    places = [printable(text) for text in (str(inputs.get("root", "")), audited) if text]
    parts = [f"gonogo {assessment.versions.get('gonogo', '')}".rstrip(), *places]
    if isinstance(checklists, list) and checklists:
        parts.append("checklist " + printable(", ".join(map(str, checklists))) + f" ({len(assessment.items)} items)")
    else:
        parts.append(f"no checklist: all {len(assessment.asked)} controls")
    base = inputs.get("base")
    against = [f"against {printable(str(base.get('ref')))} ({printable(str(base.get('commit'))[:12])})"] if isinstance(base, Mapping) else []
    return [*parts, f"environment {printable(str(inputs.get('environment', '')))}", *against]


def _why(assessment: Assessment) -> str:
    if assessment.decision is Decision.NOTHING:
        return "nothing here to check"
    if assessment.items:
        groups = Counter(_group(item) for item in assessment.items if not item.binding.item.optional)
        said = [f"{groups[name]} {why}" for name, (_, why) in _GROUPS.items() if why and groups[name]]
        return "of what is required: " + ", ".join(said) if said else _holds("every required item holds", groups["standing"])
    standing = sum(1 for c in assessment.asked if c.standing)
    verdicts = Counter(c.verdict for c in assessment.asked if not c.standing)
    violated, unknown = verdicts[Verdict.VIOLATED], verdicts[Verdict.UNKNOWN]
    said = [f"{violated} control{'s'[: violated != 1]} violated"] if violated else []
    return ", ".join([*said, *([f"{unknown} unknown"] if unknown else [])]) or _holds("every control that applies holds", standing)


def _holds(words: str, standing: int) -> str:
    """What may be said where nothing stops the release, but something only for its being known."""
    return f"nothing beyond what was known: {standing} standing" if standing else words


def _group(item: ItemResult) -> str:
    if item.binding.ignored:
        return "ignored"
    if item.standing:
        return "standing"
    if item.verdict in (Verdict.MANUAL, Verdict.UNMAPPED):
        # Nobody looks at it for the team: without a tick it is as open as any other.
        return item.verdict.value if item.binding.item.claimed else "open"
    if item.verdict in (Verdict.WAIVED, Verdict.ATTESTED):
        return item.verdict.value
    return item.agreement.value


def _items(assessment: Assessment, sheet: Sheet) -> None:
    severity = {c.id: c.severity for c in assessment.controls}
    groups: dict[str, list[ItemResult]] = {name: [] for name in _GROUPS}
    for item in sorted(assessment.items, key=lambda i: (_rank(i, severity), i.binding.item.file, i.binding.item.line)):
        groups[_group(item)].append(item)
    sheet.flow([_tally(sheet.style, name, _GROUPS[name][0], len(items)) for name, items in groups.items() if items])
    sheet.add()
    blocks = _Items(sheet, severity, assessment.drift)
    for name, items in groups.items():
        if name in _LISTED or (name == "confirmed" and sheet.style.verbose):
            for item in items:
                blocks.block(item, name)
        elif items and (name in _SHORT or sheet.style.verbose):
            blocks.lines(items, name)
    hidden = [name for name, items in groups.items() if items and name not in (*_LISTED, *_SHORT)]
    if hidden and not sheet.style.verbose:
        tallies = [_tally(sheet.style, name, _GROUPS[name][0], len(groups[name])) for name in hidden]
        sheet.flow([*tallies, ("(-v lists them)", "dim")])


def _tally(style: Style, name: str, words: str, count: int) -> tuple[str, str]:
    mark, color = _MARKS[name]
    return f"{style.mark(mark)} {count} {words}", color


def _rank(item: ItemResult, severity: Mapping[str, Severity]) -> int:
    """The worst severity of an item's controls; an item without a control comes last."""
    return min((severity[c].rank for c in item.binding.controls if c in severity), default=len(Severity))


@dataclass(slots=True)
class _Items:
    """Writes items, and remembers which evidence it has shown: a checklist often asks for one thing twice."""

    sheet: Sheet
    severity: Mapping[str, Severity]
    drift: Sequence[Difference]
    _shown: dict[tuple[str, ...], str] = field(default_factory=dict)

    def block(self, item: ItemResult, name: str) -> None:
        sheet, style = self.sheet, self.sheet.style
        mark, color = _MARKS[name]
        written = item.binding.item
        rank = _rank(item, self.severity)
        tags = [list(Severity)[rank].value] if rank < len(Severity) else []
        tags.append("optional" if written.optional else "required")
        title = printable(written.text)
        if columns(title) + columns(" ".join(tags)) + 5 <= style.width:
            sheet.add(f"{style.paint(style.mark(mark), color)} {style.paint(title, 'bold')}   {' '.join(tags)}")
        else:
            sheet.paragraph(style.paint(style.mark(mark), color) + " ", f"{title}   {' '.join(tags)}", 2)
        source = f"{written.file}:{written.line}"
        section = f"   {' > '.join(written.section[-2:])}" if written.section else ""
        rows = [Row("ticked" if written.claimed else "open", None, source + section)]
        figures = "".join(f" {k}={v}" for k, v in sorted(item.binding.parameters.items()))
        rows.append(Row("control", None, f"{', '.join(item.binding.controls)}{figures} (binding: {item.binding.source.value})"))
        found = deciding(item.findings, item.verdict)
        evidence = tuple(f.fingerprint for f in found)
        if found and evidence in self._shown:
            rows.append(Row(item.verdict.value, None, f"as for {self._shown[evidence]} above", color))
        else:
            self._shown[evidence] = source
            rows.extend(finding_rows(found, style, self.drift))
            if item.verdict in (Verdict.ABSENT, Verdict.NOT_APPLICABLE):
                rows.append(Row(item.verdict.value.replace("_", " "), None, "nothing found that it could be true of", color))
            rows.extend(reason_rows(item.reasons, found, style))
            rows.extend(hint_rows(item.findings, style))
        sheet.rows(rows)
        sheet.add()

    def lines(self, items: Sequence[ItemResult], name: str) -> None:
        """One line each: where it is written, what it says, what was found."""
        sheet, style = self.sheet, self.sheet.style
        mark, color = _MARKS[name]
        lead = style.paint(style.mark(mark), color) + " "
        names = {i.binding.item.file: PurePosixPath(i.binding.item.file).name for i in items}
        short = names if len(set(names.values())) == len(names) else {}  # the title has the whole path
        places = [printable(f"{short.get(i.binding.item.file, i.binding.item.file)}:{i.binding.item.line}") for i in items]
        texts = [printable(i.binding.item.text) for i in items]
        start = 2 + max(map(columns, places)) + 2
        notes = [printable(_note(i)) for i in items]
        size = max(min(max(map(columns, texts)), style.width - start - 3 - max(map(columns, notes))), LEAST_TEXT)
        for where, text, note in zip(places, texts, notes, strict=True):
            head = lead + pad(where, start - 4) + "  "
            if columns(text) <= size and start + size + 3 + columns(note) <= style.width:
                sheet.add(head + pad(text, size) + "   " + style.paint(note, "dim"))
                continue
            sheet.paragraph(head, text, start)
            for line in wrap(note, max(style.width - start - 2, 20)):
                sheet.add(" " * (start + 2) + style.paint(line, "dim"))
        sheet.add()


def _note(item: ItemResult) -> str:
    """What was found for an item, on one line."""
    if item.verdict is Verdict.MANUAL:
        return "for a person"
    if item.binding.ignored or item.verdict is Verdict.UNMAPPED:
        fits = f"; could be {' or '.join(item.binding.candidates)}" if item.binding.candidates else ""
        return ("ignored" if item.binding.ignored else "not mapped to a control") + fits
    found = deciding(item.findings, item.verdict)
    word = "nothing found" if item.verdict is Verdict.ABSENT else item.verdict.value.replace("_", " ")
    return ", ".join(item.binding.controls) + f": {word}" + (f"  {place(found[0])}" if found else "")


def _controls(assessment: Assessment, sheet: Sheet) -> None:
    style, controls = sheet.style, assessment.asked
    order = ("violated", "unknown", "standing", "waived", "satisfied", "absent")
    groups = {name: sorted((c for c in controls if ("standing" if c.standing else c.verdict.value) == name), key=lambda c: (c.severity.rank, c.id)) for name in order}
    words = {"absent": "nothing found", "standing": "standing, as before"}
    sheet.flow([_tally(style, name, words.get(name, name), len(groups[name])) for name in order if groups[name]])
    sheet.add()
    listed = [name for name in order if name != "absent" and (name != "satisfied" or style.verbose)]
    for name in listed:
        alike = _alike(groups[name])
        for control in groups[name]:
            if control.reasons in alike:
                continue
            mark, color = _MARKS[name]
            head = f"{style.paint(style.mark(mark), color)} {style.paint(control.id, 'bold')}   {control.severity.value}   "
            sheet.paragraph(head, control.title, 2 + len(control.id) + 3 + len(control.severity.value) + 3)
            found = deciding(control.findings, control.verdict)
            sheet.rows([*finding_rows(found, style, assessment.drift), *reason_rows(control.reasons, found, style), *hint_rows(control.findings, style)])
            sheet.add()
        for reasons, same in alike.items():
            mark, color = _MARKS[name]
            sheet.paragraph(f"{style.paint(style.mark(mark), color)} ", ", ".join(c.id for c in same), 2)
            sheet.rows(list(reason_rows(reasons, (), style)))
            sheet.add()
    for name in ("satisfied", "absent"):
        if groups[name] and name not in listed:
            mark, color = _MARKS[name]
            lead = pad(f"{style.mark(mark)} {words.get(name, name)}", 17)
            sheet.paragraph(style.paint(lead, color), ", ".join(c.id for c in groups[name]), columns(lead))


def _alike(controls: Sequence[ControlResult]) -> dict[tuple[str, ...], list[ControlResult]]:
    """Controls of which nothing was found, for the same reasons: where they are many, they are told of together."""
    found: dict[tuple[str, ...], list[ControlResult]] = {}
    for control in controls:
        if control.reasons and not control.findings:
            found.setdefault(control.reasons, []).append(control)
    return {reasons: same for reasons, same in found.items() if len(same) > MAX_ALIKE}


def _gaps(assessment: Assessment, sheet: Sheet) -> None:
    """What was not looked at, the most frequent reason first."""
    if not assessment.gaps:
        return
    grouped: dict[str, list[str]] = {}
    for gap in assessment.gaps:
        where = f"{gap.file}:{gap.line}" if gap.line else gap.file
        grouped.setdefault(gap.reason, []).append(where or gap.source)
    ordered = sorted(grouped.items(), key=lambda entry: -len(entry[1]))
    shown = ordered if sheet.style.verbose else ordered[:MAX_GAPS]
    sheet.add()
    sheet.add(sheet.style.paint(f"? {len(assessment.gaps)} not read or not understood", "yellow"))
    rows: list[Row] = []
    for reason, places in shown:
        listed = places if sheet.style.verbose else places[:1]
        count = f"{len(places)} times" if len(places) > 1 else ""
        more = f" (and {len(places) - len(listed)} more)" if len(places) > len(listed) else ""
        rows.append(Row(count, listed[0], reason + more))
        rows.extend(Row("", other, "") for other in listed[1:])
    if len(shown) < len(ordered):
        rows.append(Row("", None, f"and {len(ordered) - len(shown)} more reasons (-v lists them)"))
    sheet.rows(rows)


def _coverage(assessment: Assessment) -> str:
    inputs = assessment.inputs
    formats = inputs.get("formats")
    parts = [f"Scanned {inputs.get('files', 0)} files"] if "files" in inputs else ["No code was looked at"]
    if isinstance(formats, dict):
        known = [f"{count} {name}" for name, count in formats.items() if name != "other"]
        if known:
            parts.append(": " + ", ".join(known))
    judged = _instances(inputs.get("instances"))
    if judged:
        parts.append(f". Terraform judged for {printable(str(inputs.get('environment', '')))}: " + ", ".join(judged))
    for key, text in (("out_of_scope", "Out of scope: "), ("other_environments", "Other environments, not judged: ")):
        left = inputs.get(key)
        if isinstance(left, dict) and left:
            parts.append(". " + text + ", ".join(f"{printable(str(n))} ({c})" for n, c in left.items()))
    live, projects = inputs.get("live"), inputs.get("projects")
    if isinstance(live, dict) and isinstance(projects, list):
        named = ", ".join(printable(str(p)) for p in projects[:MAX_INSTANCES])
        more = f" and {len(projects) - MAX_INSTANCES} more" if len(projects) > MAX_INSTANCES else ""
        if named or not inputs.get("clusters"):
            parts.append(f". Read {sum(live.values())} live resources of {named or 'no project'}{more}")
    objects, clusters = inputs.get("objects"), inputs.get("clusters")
    if isinstance(objects, dict) and isinstance(clusters, dict):
        parts.append(f". Read {sum(objects.values())} objects of {', '.join(printable(str(c)) for c in clusters)}")
    return "".join(parts) + "."


def _instances(instances: object) -> list[str]:
    """The Terraform roots of a named environment that were judged: the directory, and what tells this instance from others."""
    found: list[str] = []
    for instance in instances if isinstance(instances, list) else ():
        if isinstance(instance, Mapping) and instance.get("evaluated"):
            files, workspace = instance.get("varFiles"), instance.get("workspace")
            told = [*(map(str, files) if isinstance(files, list) else ()), *([f"workspace {workspace}"] if workspace else [])]
            found.append(printable(str(instance.get("root")) + (f" ({', '.join(told)})" if told else "")))
    return found if len(found) <= MAX_INSTANCES else [*found[:MAX_INSTANCES], f"and {len(found) - MAX_INSTANCES} more"]
