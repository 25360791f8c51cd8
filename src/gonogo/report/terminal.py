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
from gonogo.report.gate import blocker_rows, run_level
from gonogo.report.layout import Row, Sheet, Style, wrap
from gonogo.report.spoken import decided, spoken
from gonogo.translation.language import Language, noted
from gonogo.translation.width import columns, pad

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
    "refuted": (noted("ticked, refuted"), noted("{count} ticked but not true")),
    "unsupported": (noted("ticked, nothing found"), noted("{count} ticked without any trace")),
    "unchecked": (noted("ticked, could not be checked"), noted("{count} could not be checked")),
    "open": (noted("open"), noted("{count} open")),
    "standing": (noted("standing, as before"), ""),
    "waived": (noted("waived"), ""),
    "unmapped": (noted("not mapped to a control"), noted("{count} not mapped to a control")),
    "manual": (noted("for a person"), noted("{count} for a person")),
    "unclaimed": (noted("not ticked, but satisfied"), ""),
    "confirmed": (noted("confirmed"), ""),
    "attested": (noted("attested"), ""),
    "ignored": (noted("ignored"), ""),
}
_LISTED = ("refuted", "unsupported", "unchecked")
_SHORT = ("open", "standing", "waived", "unclaimed")


def render(assessment: Assessment, out: TextIO, style: Style) -> None:
    """Write the report."""
    sheet = Sheet(out, style)
    assessment = spoken(assessment, style.language)
    sheet.flow([(part, "") for part in _title(assessment, style.language)], indent=0)
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
    for line in wrap(_coverage(assessment, style.language), style.width):
        sheet.add(line)
    if assessment.blockers:
        sheet.add()
        sheet.add(style.paint(style.language.say("{count} in the way of the release", count=len(assessment.blockers)), "bold"))
        sheet.rows(list(blocker_rows(assessment, style)))
        sheet.add()
    if assessment.coverage.asked:
        sheet.add(style.language.sentence(str(assessment.coverage)) + ".")
    _decision(assessment, sheet, "")


def _decision(assessment: Assessment, sheet: Sheet, indent: str) -> None:
    word = decided(assessment.decision, sheet.style.language)
    lead = indent + sheet.style.paint(word, "bold", _DECISION_COLORS[assessment.decision]) + "    "
    sheet.paragraph(lead, _why(assessment, sheet.style.language), len(indent) + columns(word) + 4)


def _title(assessment: Assessment, language: Language) -> list[str]:
    inputs = assessment.inputs
    checklists = inputs.get("checklists")
    projects = inputs.get("projects")
    audited = ", ".join(map(str, projects[:MAX_INSTANCES])) if isinstance(projects, list) else ""
    places = [printable(text) for text in (str(inputs.get("root", "")), audited) if text]
    parts = [f"gonogo {assessment.versions.get('gonogo', '')}".rstrip(), *places]
    if isinstance(checklists, list) and checklists:
        names = printable(", ".join(map(str, checklists)))
        parts.append(language.count("checklist {names} ({count} item)", "checklist {names} ({count} items)", len(assessment.items), names=names))
    else:
        parts.append(language.say("no checklist: all {count} controls", count=len(assessment.asked)))
    base = inputs.get("base")
    environment = language.say("environment {name}", name=printable(str(inputs.get("environment", ""))))
    if not isinstance(base, Mapping):
        return [*parts, environment]
    ref, commit = printable(str(base.get("ref"))), printable(str(base.get("commit"))[:12])
    return [*parts, environment, language.say("against {ref} ({commit})", ref=ref, commit=commit)]


def _why(assessment: Assessment, language: Language) -> str:
    return "; ".join([_why_of_items(assessment, language), *run_level(assessment, language)])


def _why_of_items(assessment: Assessment, language: Language) -> str:
    if assessment.decision is Decision.NOTHING:
        return language.say("nothing here to check")
    if assessment.items:
        groups = Counter(_group(item) for item in assessment.items if not item.binding.item.optional)
        said = [language.say(why, count=groups[name]) for name, (_, why) in _GROUPS.items() if why and groups[name]]
        if said:
            return language.say("of what is required: {counts}", counts=", ".join(said))
        return _holds(language.say("every required item holds"), groups["standing"], groups["waived"], language)
    standing = sum(1 for c in assessment.asked if c.standing)
    verdicts = Counter(c.verdict for c in assessment.asked if not c.standing)
    violated, unknown = verdicts[Verdict.VIOLATED], verdicts[Verdict.UNKNOWN]
    said = [language.count("{count} control violated", "{count} controls violated", violated)] if violated else []
    said += [language.say("{count} unknown", count=unknown)] if unknown else []
    return ", ".join(said) or _holds(language.say("every control that applies holds"), standing, verdicts[Verdict.WAIVED], language)


def _holds(words: str, standing: int, waived: int, language: Language) -> str:
    """What may be said where nothing stops the release, but something only for its being known or accepted."""
    words = language.say("nothing beyond what was known: {count} standing", count=standing) if standing else words
    return language.say("{holds}, or is waived ({count})", holds=words, count=waived) if waived else words


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
        sheet.flow([*tallies, (sheet.style.language.say("(-v lists them)"), "dim")])


def _tally(style: Style, name: str, words: str, count: int) -> tuple[str, str]:
    mark, color = _MARKS[name]
    return f"{style.mark(mark)} {count} {style.language.say(words)}", color


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
        language = style.language
        mark, color = _MARKS[name]
        written = item.binding.item
        rank = _rank(item, self.severity)
        tags = [language.say(list(Severity)[rank].value)] if rank < len(Severity) else []
        tags.append(language.say("optional") if written.optional else language.say("required"))
        title = printable(written.text)
        if columns(title) + columns(" ".join(tags)) + 5 <= style.width:
            sheet.add(f"{style.paint(style.mark(mark), color)} {style.paint(title, 'bold')}   {' '.join(tags)}")
        else:
            sheet.paragraph(style.paint(style.mark(mark), color) + " ", f"{title}   {' '.join(tags)}", 2)
        source = f"{written.file}:{written.line}"
        section = f"   {' > '.join(written.section[-2:])}" if written.section else ""
        rows = [Row(language.say("ticked") if written.claimed else language.say("open"), None, source + section)]
        figures = "".join(f" {k}={v}" for k, v in sorted(item.binding.parameters.items()))
        if item.binding.controls:
            rows.append(Row(language.say("control"), None, ", ".join(item.binding.controls) + figures + " " + language.say("(binding: {source})", source=item.binding.source.value)))
        found = deciding(item.findings, item.verdict)
        evidence = tuple(f.fingerprint for f in found)
        if found and evidence in self._shown:
            rows.append(Row(language.say(item.verdict.value), None, language.say("as for {place} above", place=self._shown[evidence]), color))
        else:
            self._shown[evidence] = source
            rows.extend(finding_rows(found, style, self.drift))
            if item.verdict in (Verdict.ABSENT, Verdict.NOT_APPLICABLE):
                rows.append(Row(language.say(item.verdict.value.replace("_", " ")), None, language.say("nothing found that it could be true of"), color))
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
        notes = [printable(_note(i, style.language)) for i in items]
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


def _note(item: ItemResult, language: Language) -> str:
    """What was found for an item, on one line."""
    if item.verdict is Verdict.MANUAL:
        return language.say("for a person")
    if item.binding.ignored or item.verdict is Verdict.UNMAPPED:
        word = language.say("ignored") if item.binding.ignored else language.say("not mapped to a control")
        either = language.say(" or ").join(item.binding.candidates)
        return word + ("; " + language.say("could be {controls}", controls=either) if either else "")
    found = deciding(item.findings, item.verdict)
    word = language.say("nothing found" if item.verdict is Verdict.ABSENT else item.verdict.value.replace("_", " "))
    if item.verdict is Verdict.WAIVED and item.reasons and not found:
        word = item.reasons[0]
    return ": ".join(filter(None, (", ".join(item.binding.controls), word))) + (f"  {place(found[0])}" if found else "")


def _controls(assessment: Assessment, sheet: Sheet) -> None:
    style, controls = sheet.style, assessment.asked
    order = ("violated", "unknown", "standing", "waived", "satisfied", "absent")
    groups = {name: sorted((c for c in controls if ("standing" if c.standing else c.verdict.value) == name), key=lambda c: (c.severity.rank, c.id)) for name in order}
    words = {"absent": noted("nothing found"), "standing": noted("standing, as before")}
    sheet.flow([_tally(style, name, words.get(name, name), len(groups[name])) for name in order if groups[name]])
    sheet.add()
    listed = [name for name in order if name != "absent" and (name != "satisfied" or style.verbose)]
    for name in listed:
        alike = _alike(groups[name])
        for control in groups[name]:
            if control.reasons in alike:
                continue
            mark, color = _MARKS[name]
            severity = style.language.say(control.severity.value)
            head = f"{style.paint(style.mark(mark), color)} {style.paint(control.id, 'bold')}   {severity}   "
            sheet.paragraph(head, control.title, 2 + len(control.id) + 3 + columns(severity) + 3)
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
            lead = pad(f"{style.mark(mark)} {style.language.say(words.get(name, name))}", 17)
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
    language = sheet.style.language
    sheet.add()
    sheet.add(sheet.style.paint("? " + language.say("{count} not read or not understood", count=len(assessment.gaps)), "yellow"))
    rows: list[Row] = []
    for reason, places in shown:
        listed = places if sheet.style.verbose else places[:1]
        count = language.say("{count} times", count=len(places)) if len(places) > 1 else ""
        more = " " + language.say("(and {count} more)", count=len(places) - len(listed)) if len(places) > len(listed) else ""
        rows.append(Row(count, listed[0], reason + more))
        rows.extend(Row("", other, "") for other in listed[1:])
    if len(shown) < len(ordered):
        rows.append(Row("", None, language.count("and {count} more reason (-v lists them)", "and {count} more reasons (-v lists them)", len(ordered) - len(shown))))
    sheet.rows(rows)


def _coverage(assessment: Assessment, language: Language) -> str:
    inputs = assessment.inputs
    formats = inputs.get("formats")
    parts = [language.say("Scanned {count} files", count=inputs.get("files", 0)) if "files" in inputs else language.say("No code was looked at")]
    if isinstance(formats, dict):
        known = [f"{count} {name}" for name, count in formats.items() if name != "other"]
        if known:
            parts.append(": " + ", ".join(known))
    judged = _instances(inputs.get("instances"), language)
    if judged:
        environment = printable(str(inputs.get("environment", "")))
        parts.append(". " + language.say("Terraform judged for {environment}: {roots}", environment=environment, roots=", ".join(judged)))
    for key, text in (("out_of_scope", noted("Out of scope: ")), ("other_environments", noted("Other environments, not judged: "))):
        left = inputs.get(key)
        if isinstance(left, dict) and left:
            parts.append(". " + language.say(text) + ", ".join(f"{printable(str(n))} ({c})" for n, c in left.items()))
    live, projects = inputs.get("live"), inputs.get("projects")
    if isinstance(live, dict) and isinstance(projects, list):
        named = ", ".join(printable(str(p)) for p in projects[:MAX_INSTANCES])
        more = " " + language.say("and {count} more", count=len(projects) - MAX_INSTANCES) if len(projects) > MAX_INSTANCES else ""
        of = (named or language.say("no project")) + more
        if named or not inputs.get("clusters"):
            parts.append(". " + language.say("Read {count} live resources of {projects}", count=sum(live.values()), projects=of))
    objects, clusters = inputs.get("objects"), inputs.get("clusters")
    if isinstance(objects, dict) and isinstance(clusters, dict):
        names = ", ".join(printable(str(c)) for c in clusters)
        parts.append(". " + language.say("Read {count} objects of {clusters}", count=sum(objects.values()), clusters=names))
    return "".join(parts) + "."


def _instances(instances: object, language: Language) -> list[str]:
    """The Terraform roots of a named environment that were judged: the directory, and what tells this instance from others."""
    found: list[str] = []
    for instance in instances if isinstance(instances, list) else ():
        if isinstance(instance, Mapping) and instance.get("evaluated"):
            files, workspace = instance.get("varFiles"), instance.get("workspace")
            told = [*(map(str, files) if isinstance(files, list) else ()), *([f"workspace {workspace}"] if workspace else [])]
            found.append(printable(str(instance.get("root")) + (f" ({', '.join(told)})" if told else "")))
    return found if len(found) <= MAX_INSTANCES else [*found[:MAX_INSTANCES], language.say("and {count} more", count=len(found) - MAX_INSTANCES)]
