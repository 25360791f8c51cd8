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
from gonogo.report.spoken import decided, spoken
from gonogo.report.statements import BAD, MET, UNASKED, State, Statement, alike, because, declared, fixes, primary, statements
from gonogo.translation.language import ENGLISH, Language, noted

MAX_BYTES = 900 * 1024
MAX_FINDINGS = 10
MAX_FOLDED = 100
MAX_GAPS = 20
MAX_DRIFT = 20
MAX_BLOCKERS = 20
MAX_CLIPPED = 400
_CUT = noted("**The report is cut here: it is longer than this place takes.** `gonogo scan … -o json=result.json` has all of it.")
_MARKS = {
    State.REFUTED: noted("❌ refuted"),
    State.VIOLATED: noted("❌ violated"),
    State.UNSUPPORTED: noted("❌ ticked, nothing found"),
    State.UNKNOWN: noted("❓ could not be checked"),
    State.OPEN: noted("⭕ open"),
    State.UNMAPPED: noted("▫️ not mapped to a control"),
    State.MANUAL: noted("👤 for a person"),
    State.STANDING: noted("🟡 known before"),
    State.WAIVED: noted("🟡 waived"),
    State.UNCLAIMED: noted("✅ satisfied, not ticked"),
    State.CONFIRMED: noted("✅ confirmed"),
    State.SATISFIED: noted("✅ satisfied"),
    State.NOT_APPLICABLE: noted("➖ not applicable"),
    State.ABSENT: noted("➖ nothing found"),
}
_DETAILED = (*BAD, State.UNKNOWN)
_BRIEF = (State.OPEN, State.STANDING, State.WAIVED)
_DECISIONS = {"GO": "✅", "NO-GO": "❌", "INCOMPLETE": "❓", "NOTHING": "❓"}


def render(assessment: Assessment, out: TextIO, language: Language = ENGLISH) -> None:
    """Write the report, at most 900 KiB of UTF-8."""
    write(assessment, out, MAX_BYTES, lambda text: len(text.encode("utf-8", "backslashreplace")), language)


def write(assessment: Assessment, out: TextIO, most: int, size: Callable[[str], int], language: Language) -> None:
    """Write whole blocks until `most`, as `size` measures, is reached; then say that the rest is missing."""
    cut = f"\n{language.say(_CUT)}\n"
    left = most - size(cut)
    for block in _blocks(spoken(assessment, language), language):
        left -= size(block)
        if left < 0:
            out.write(cut)
            return
        out.write(block)


def _blocks(assessment: Assessment, language: Language) -> Iterator[str]:
    """Paragraphs, list items and headings: a cut between two of them breaks nothing."""
    found = statements(assessment)
    yield _head(assessment, language)
    yield _table(found, language)
    yield from _blockers(assessment, language)
    for state in State:
        members = [s for s in found if s.state is state]
        if members and state in _DETAILED:
            yield f"\n### {language.say(_MARKS[state])}\n\n"
            yield from (_detailed(same[0], language) if len(same) == 1 else _together(same, language) for same in alike(members))
        elif members and state in _BRIEF:
            yield f"\n### {language.say(_MARKS[state])}\n\n"
            yield from (_brief(member, language) for member in members)
        elif members and state not in UNASKED:
            yield _folded(state, members, language)
    yield from _drift(assessment, language)
    yield from _gaps(assessment, language)
    if assessment.warnings:
        yield f"\n### {language.say('Remarks')}\n\n"
        yield from (f"- {prose(warning, MAX_CLIPPED)}\n" for warning in assessment.warnings)
    yield f"\ngonogo {prose(assessment.versions.get('gonogo', ''))}, {prose(assessment.finished)}\n"


def _head(assessment: Assessment, language: Language) -> str:
    inputs = assessment.inputs
    checklists, projects = inputs.get("checklists"), inputs.get("projects")
    about = [language.say("environment {name}", name=code(str(inputs.get("environment", ""))))]
    if inputs.get("root"):
        about.insert(0, code(str(inputs["root"])))
    for name, values in ((noted("project {names}"), projects), (noted("checklist {names}"), checklists)):
        if isinstance(values, list) and values:
            more = " " + language.say("and {count} more", count=len(values) - 5) if len(values) > 5 else ""
            about.append(language.say(name, names=", ".join(code(str(v)) for v in values[:5]) + more))
    mark = _DECISIONS[assessment.decision.value]
    seen = f"\n{language.sentence(str(assessment.coverage))}\n" if assessment.coverage.asked else ""
    return f"## {mark} gonogo: {decided(assessment.decision, language)}\n\n{', '.join(about)}\n{seen}"


def _table(found: Sequence[Statement], language: Language) -> str:
    counts = Counter(s.state for s in found)
    rows = "".join(f"| {language.say(_MARKS[state])} | {counts[state]} |\n" for state in State if counts[state])
    return f"\n| | |\n| :-- | --: |\n{rows}" if rows else ""


def _blockers(assessment: Assessment, language: Language) -> Iterator[str]:
    """What stands in the way, the worst first, by name."""
    if not assessment.blockers:
        return
    yield "\n### " + language.say("In the way of the release: {count}", count=len(assessment.blockers)) + "\n\n"
    for blocker in assessment.blockers[:MAX_BLOCKERS]:
        place = f" · {code(blocker.place)}" if blocker.place else ""
        yield f"- {'❌' if blocker.kind.stops else '❓'} {language.say(blocker.kind.value)}: {prose(named(blocker), MAX_CLIPPED)}{place}\n"
    if len(assessment.blockers) > MAX_BLOCKERS:
        yield "- " + language.say("and {count} more", count=len(assessment.blockers) - MAX_BLOCKERS) + "\n"


def _detailed(statement: Statement, language: Language) -> str:
    lines = [f"- {_name(statement, language)}"]
    places = list(dict.fromkeys(_finding(finding, language) for finding in statement.findings))
    lines += [f"  - {place}" for place in places[:MAX_FINDINGS]]
    if len(places) > MAX_FINDINGS:
        lines.append("  - " + language.say("and {count} more", count=len(places) - MAX_FINDINGS))
    if not statement.findings:
        lines.append(f"  - {prose(statement.why(language), MAX_CLIPPED)}")
    lines += ["  - " + language.say("fix: {fix}", fix=prose(fix, MAX_CLIPPED)) for fix in fixes(statement.findings)]
    return "\n".join(lines) + "\n"


def _together(same: Sequence[Statement], language: Language) -> str:
    return f"- {', '.join(code(s.id) for s in same)}\n  - {prose(same[0].why(language), MAX_CLIPPED)}\n"


def _brief(statement: Statement, language: Language) -> str:
    obvious = not statement.why(language) or statement.state in (*MET, State.MANUAL)
    why = "" if obvious else prose(statement.why(language), MAX_CLIPPED)
    places = [code(str(e.location)) for f in statement.findings[:1] if (e := primary(f)) is not None]
    said = ", ".join([*([why] if why else []), *places])
    return f"- {_name(statement, language)}{f': {said}' if said else ''}\n"


def _folded(state: State, members: Sequence[Statement], language: Language) -> str:
    """One block: a cut inside of it would hide what is said after it."""
    lines = "".join(_brief(member, language) for member in members[:MAX_FOLDED])
    more = "- " + language.say("and {count} more", count=len(members) - MAX_FOLDED) + "\n" if len(members) > MAX_FOLDED else ""
    return f"\n<details><summary>{language.say(_MARKS[state])} ({len(members)})</summary>\n\n{lines}{more}\n</details>\n"


def _name(statement: Statement, language: Language) -> str:
    severity = f" · {language.say(statement.severity.value)}" if statement.severity is not None else ""
    controls = f" · {', '.join(map(code, statement.controls))}" if statement.controls else ""
    place = f" · {code(statement.place)}" if statement.place else ""
    optional = " · " + language.say("optional") if statement.optional else ""
    return f"**{prose(statement.text, MAX_CLIPPED)}**{severity}{controls}{place}{optional}"


def _finding(finding: Finding, language: Language) -> str:
    evidence = primary(finding)
    where = code(str(evidence.location)) if evidence is not None else code(finding.subject.name)
    value = f" ({code(value_of(evidence, language))})" if evidence is not None and telling(evidence) else ""
    declaration = ", " + language.say("declared at {place}", place=code(declared(finding))) if declared(finding) else ""
    return f"{where} {prose(because(finding, language), MAX_CLIPPED)}{value}{declaration}"


def _drift(assessment: Assessment, language: Language) -> Iterator[str]:
    """Counts, then what somebody can act on."""
    if not assessment.drift:
        return
    counts = Counter(difference.status for difference in assessment.drift)
    yield f"\n### {language.say('Declared against live')}\n\n"
    yield ", ".join(f"{counts[status]} {language.say(word)}" for status, word in WORDS.items() if counts[status]) + "\n\n"
    listed = [d for d in assessment.drift if d.status in LISTED]
    for difference in listed[:MAX_DRIFT]:
        yield f"- {language.say(WORDS[difference.status])} {code(difference.name)} {prose(told(difference, language), MAX_CLIPPED)}\n"
    if len(listed) > MAX_DRIFT:
        yield "- " + language.say("and {count} more", count=len(listed) - MAX_DRIFT) + "\n"


def _gaps(assessment: Assessment, language: Language) -> Iterator[str]:
    """What was not looked at, the most frequent reason first."""
    if not assessment.gaps:
        return
    yield "\n### ❓ " + language.say("{count} not read or not understood", count=len(assessment.gaps)) + "\n\n"
    reasons = Counter(gap.reason for gap in assessment.gaps)
    first = {gap.reason: gap for gap in reversed(assessment.gaps)}
    for reason, count in reasons.most_common(MAX_GAPS):
        gap = first[reason]
        where = code(f"{gap.file}:{gap.line}" if gap.line else gap.file or gap.source)
        more = " " + language.say("(and {count} more)", count=count - 1) if count > 1 else ""
        yield f"- {where} {prose(reason, MAX_CLIPPED)}{more}\n"
    if len(reasons) > MAX_GAPS:
        yield "- " + language.count("and {count} more reason", "and {count} more reasons", len(reasons) - MAX_GAPS) + "\n"
