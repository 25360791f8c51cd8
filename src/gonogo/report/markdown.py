"""GitHub Flavored Markdown for a step summary: `gonogo scan … -o markdown="$GITHUB_STEP_SUMMARY"`.

A summary over 1 MiB is lost as a whole (https://docs.github.com/actions/reference/workflow-commands-for-github-actions), so that
this one is cut before, and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from gonogo.model.assessment import Assessment
from gonogo.model.finding import Finding
from gonogo.report.details import telling, value_of
from gonogo.report.drift import LISTED, WORDS, told
from gonogo.report.gate import named
from gonogo.report.markdown_text import code, prose
from gonogo.report.statements import BAD, MET, UNASKED, State, Statement, alike, because, declared, fixes, primary, statements

MAX_BYTES = 900 * 1024
MAX_FINDINGS = 10
MAX_FOLDED = 100
MAX_GAPS = 20
MAX_DRIFT = 20
MAX_BLOCKERS = 20
MAX_CLIPPED = 400
_CUT = "\n**The report is cut here: it is longer than this place takes.** `gonogo scan … -o json=result.json` has all of it.\n"
_MARKS = {
    State.REFUTED: "❌ refuted",
    State.VIOLATED: "❌ violated",
    State.UNSUPPORTED: "❌ ticked, nothing found",
    State.UNKNOWN: "❓ could not be checked",
    State.OPEN: "⭕ open",
    State.UNMAPPED: "▫️ not mapped to a control",
    State.MANUAL: "👤 for a person",
    State.STANDING: "🟡 known before",
    State.WAIVED: "🟡 waived",
    State.UNCLAIMED: "✅ satisfied, not ticked",
    State.CONFIRMED: "✅ confirmed",
    State.SATISFIED: "✅ satisfied",
    State.NOT_APPLICABLE: "➖ not applicable",
    State.ABSENT: "➖ nothing found",
}
_DETAILED = (*BAD, State.UNKNOWN)
_BRIEF = (State.OPEN, State.STANDING, State.WAIVED)
_DECISIONS = {"GO": "✅", "NO-GO": "❌", "INCOMPLETE": "❓", "NOTHING": "❓"}


def render(assessment: Assessment, out: TextIO) -> None:
    """Write the report, at most 900 KiB of UTF-8."""
    write(assessment, out, MAX_BYTES, lambda text: len(text.encode("utf-8", "backslashreplace")))


def write(assessment: Assessment, out: TextIO, most: int, size: Callable[[str], int]) -> None:
    """Write whole blocks until `most`, as `size` measures, is reached; then say that the rest is missing."""
    left = most - size(_CUT)
    for block in _blocks(assessment):
        left -= size(block)
        if left < 0:
            out.write(_CUT)
            return
        out.write(block)


def _blocks(assessment: Assessment) -> Iterator[str]:
    """Paragraphs, list items and headings: a cut between two of them breaks nothing."""
    found = statements(assessment)
    yield _head(assessment)
    yield _table(found)
    yield from _blockers(assessment)
    for state in State:
        members = [s for s in found if s.state is state]
        if members and state in _DETAILED:
            yield f"\n### {_MARKS[state]}\n\n"
            yield from (_detailed(same[0]) if len(same) == 1 else _together(same) for same in alike(members))
        elif members and state in _BRIEF:
            yield f"\n### {_MARKS[state]}\n\n"
            yield from map(_brief, members)
        elif members and state not in UNASKED:
            yield _folded(state, members)
    yield from _drift(assessment)
    yield from _gaps(assessment)
    if assessment.warnings:
        yield "\n### Remarks\n\n"
        yield from (f"- {prose(warning, MAX_CLIPPED)}\n" for warning in assessment.warnings)
    yield f"\ngonogo {prose(assessment.versions.get('gonogo', ''))}, {prose(assessment.finished)}\n"


def _head(assessment: Assessment) -> str:
    inputs = assessment.inputs
    checklists, projects = inputs.get("checklists"), inputs.get("projects")
    about = [f"environment {code(str(inputs.get('environment', '')))}"]
    if inputs.get("root"):
        about.insert(0, code(str(inputs["root"])))
    for name, values in (("project", projects), ("checklist", checklists)):
        if isinstance(values, list) and values:
            about.append(f"{name} {', '.join(code(str(v)) for v in values[:5])}{f' and {len(values) - 5} more' if len(values) > 5 else ''}")
    word = assessment.decision.value
    seen = f"\n{assessment.coverage}\n" if assessment.coverage.asked else ""
    return f"## {_DECISIONS[word]} gonogo: {word}\n\n{', '.join(about)}\n{seen}"


def _table(found: Sequence[Statement]) -> str:
    counts = Counter(s.state for s in found)
    rows = "".join(f"| {_MARKS[state]} | {counts[state]} |\n" for state in State if counts[state])
    return f"\n| | |\n| :-- | --: |\n{rows}" if rows else ""


def _blockers(assessment: Assessment) -> Iterator[str]:
    """What stands in the way, the worst first, by name."""
    if not assessment.blockers:
        return
    yield f"\n### In the way of the release: {len(assessment.blockers)}\n\n"
    for blocker in assessment.blockers[:MAX_BLOCKERS]:
        place = f" · {code(blocker.place)}" if blocker.place else ""
        yield f"- {'❌' if blocker.kind.stops else '❓'} {blocker.kind.value}: {prose(named(blocker), MAX_CLIPPED)}{place}\n"
    if len(assessment.blockers) > MAX_BLOCKERS:
        yield f"- and {len(assessment.blockers) - MAX_BLOCKERS} more\n"


def _detailed(statement: Statement) -> str:
    lines = [f"- {_name(statement)}"]
    places = list(dict.fromkeys(map(_finding, statement.findings)))
    lines += [f"  - {place}" for place in places[:MAX_FINDINGS]]
    if len(places) > MAX_FINDINGS:
        lines.append(f"  - and {len(places) - MAX_FINDINGS} more")
    if not statement.findings:
        lines.append(f"  - {prose(statement.why, MAX_CLIPPED)}")
    lines += [f"  - fix: {prose(fix, MAX_CLIPPED)}" for fix in fixes(statement.findings)]
    return "\n".join(lines) + "\n"


def _together(same: Sequence[Statement]) -> str:
    return f"- {', '.join(code(s.id) for s in same)}\n  - {prose(same[0].why, MAX_CLIPPED)}\n"


def _brief(statement: Statement) -> str:
    obvious = not statement.why or statement.state in (*MET, State.MANUAL)
    why = "" if obvious else prose(statement.why, MAX_CLIPPED)
    places = [code(str(e.location)) for f in statement.findings[:1] if (e := primary(f)) is not None]
    said = ", ".join([*([why] if why else []), *places])
    return f"- {_name(statement)}{f': {said}' if said else ''}\n"


def _folded(state: State, members: Sequence[Statement]) -> str:
    """One block: a cut inside of it would hide what is said after it."""
    lines = "".join(map(_brief, members[:MAX_FOLDED]))
    more = f"- and {len(members) - MAX_FOLDED} more\n" if len(members) > MAX_FOLDED else ""
    return f"\n<details><summary>{_MARKS[state]} ({len(members)})</summary>\n\n{lines}{more}\n</details>\n"


def _name(statement: Statement) -> str:
    severity = f" · {statement.severity.value}" if statement.severity is not None else ""
    controls = f" · {', '.join(map(code, statement.controls))}" if statement.controls else ""
    place = f" · {code(statement.place)}" if statement.place else ""
    optional = " · optional" if statement.optional else ""
    return f"**{prose(statement.text, MAX_CLIPPED)}**{severity}{controls}{place}{optional}"


def _finding(finding: Finding) -> str:
    evidence = primary(finding)
    where = code(str(evidence.location)) if evidence is not None else code(finding.subject.name)
    value = f" ({code(value_of(evidence))})" if evidence is not None and telling(evidence) else ""
    declaration = f", declared at {code(declared(finding))}" if declared(finding) else ""
    return f"{where} {prose(because(finding), MAX_CLIPPED)}{value}{declaration}"


def _drift(assessment: Assessment) -> Iterator[str]:
    """Counts, then what somebody can act on."""
    if not assessment.drift:
        return
    counts = Counter(difference.status for difference in assessment.drift)
    yield "\n### Declared against live\n\n"
    yield ", ".join(f"{counts[status]} {word}" for status, word in WORDS.items() if counts[status]) + "\n\n"
    listed = [d for d in assessment.drift if d.status in LISTED]
    for difference in listed[:MAX_DRIFT]:
        yield f"- {WORDS[difference.status]} {code(difference.name)} {prose(told(difference), MAX_CLIPPED)}\n"
    if len(listed) > MAX_DRIFT:
        yield f"- and {len(listed) - MAX_DRIFT} more\n"


def _gaps(assessment: Assessment) -> Iterator[str]:
    """What was not looked at, the most frequent reason first."""
    if not assessment.gaps:
        return
    yield f"\n### ❓ {len(assessment.gaps)} not read or not understood\n\n"
    reasons = Counter(gap.reason for gap in assessment.gaps)
    first = {gap.reason: gap for gap in reversed(assessment.gaps)}
    for reason, count in reasons.most_common(MAX_GAPS):
        gap = first[reason]
        where = code(f"{gap.file}:{gap.line}" if gap.line else gap.file or gap.source)
        more = f" (and {count - 1} more)" if count > 1 else ""
        yield f"- {where} {prose(reason, MAX_CLIPPED)}{more}\n"
    if len(reasons) > MAX_GAPS:
        yield f"- and {len(reasons) - MAX_GAPS} more reasons\n"
