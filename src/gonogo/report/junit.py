"""JUnit XML as Jenkins, GitLab and Azure Pipelines read it: a test suite for each checklist, a test case for each item.

What is ticked and not so, or required and open, fails; what nobody could check, what is for a person and what is waived is
skipped, with the reason: only what is satisfied passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from gonogo.model.assessment import Assessment
from gonogo.model.finding import Finding, Verdict
from gonogo.report.details import telling, value_of
from gonogo.report.gate import run_level
from gonogo.report.spoken import spoken
from gonogo.report.statements import BAD, MET, State, Statement, because, decision_line, declared, fixes, primary, shown, statements
from gonogo.translation.language import ENGLISH, Language

MAX_PLACES = 20


def render(assessment: Assessment, out: TextIO, language: Language = ENGLISH) -> None:
    """Write the document, an XML declaration first. Messages are of the language; names and types are not, by which runs are compared."""
    assessment = spoken(assessment, language)
    found = statements(assessment)
    suites: dict[str, list[Statement]] = {}
    for statement in found:
        suites.setdefault(statement.file or "catalogue", []).append(statement)
    root = Element("testsuites", {"name": "gonogo", **_counts(found)})
    for name, members in sorted(suites.items()):
        _suite(root, assessment, name, members, language)
    indent(root)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    ElementTree(root).write(out, encoding="unicode")
    out.write("\n")


def _suite(root: Element, assessment: Assessment, name: str, members: Sequence[Statement], language: Language) -> None:
    skipped = str(sum(_outcome(s) == "skipped" for s in members))
    # Local time without a zone is what the format has; ours is UTC.
    stamp = assessment.started.removesuffix("Z")
    suite = SubElement(root, "testsuite", {"name": _xml(name), **_counts(members), "skipped": skipped, "timestamp": stamp})
    properties = SubElement(suite, "properties")
    told = {
        "decision": assessment.decision.value,
        "environment": str(assessment.inputs.get("environment", "")),
        "coverage": language.sentence(str(assessment.coverage)),
        **({"blockers": "; ".join(of_run)} if (of_run := run_level(assessment, language)) else {}),
        **assessment.versions,
    }
    for key, value in sorted(told.items()):
        SubElement(properties, "property", {"name": _xml(key), "value": _xml(value)})
    seen: dict[tuple[str, str], int] = {}
    for statement in sorted(members, key=lambda s: (s.line, s.id)):
        _case(suite, statement, seen, language)
    unread = "; " + language.say("{count} not read or not understood", count=len(assessment.gaps)) if assessment.gaps else ""
    SubElement(suite, "system-out").text = _xml(decision_line(assessment, members, language) + unread)


def _case(suite: Element, statement: Statement, seen: dict[tuple[str, str], int], language: Language) -> None:
    group = _xml(" > ".join(statement.section) or statement.id)
    name = _xml(statement.text)
    seen[group, name] = seen.get((group, name), 0) + 1
    again = f" ({seen[group, name]})" if seen[group, name] > 1 else ""
    case = SubElement(suite, "testcase", {"classname": group, "name": name + again})
    outcome = _outcome(statement)
    if outcome == "passed":
        return
    severity = f"{language.say(statement.severity.value)}, " if statement.severity is not None else ""
    controls = ", ".join(statement.controls) or language.say("no control")
    why = statement.why(language) or language.say(statement.verdict.value)
    message = f"{language.say(statement.state.value)} ({severity}{controls}): {why}"
    told = SubElement(case, outcome, {"type": statement.state.value, "message": _xml(message)})
    told.text = "\n".join(_details(statement, language))


def _details(statement: Statement, language: Language) -> list[str]:
    at = _xml(statement.place)
    claim = [language.say("ticked at {place}", place=at) if statement.claimed else language.say("not ticked at {place}", place=at)] if at else []
    places = list(dict.fromkeys(_place(finding, language) for finding in statement.findings))
    more = [language.say("and {count} more", count=len(places) - MAX_PLACES)] if len(places) > MAX_PLACES else []
    reasons = [_xml(reason) for reason in statement.reasons[:MAX_PLACES]] if not statement.findings else []
    return [*claim, *places[:MAX_PLACES], *more, *reasons, *(_xml(language.say("fix: {fix}", fix=fix)) for fix in fixes(statement.findings))]


def _place(finding: Finding, language: Language) -> str:
    evidence = primary(finding)
    where = str(evidence.location) if evidence is not None else finding.subject.name
    value = f" ({value_of(evidence, language)})" if evidence is not None and telling(evidence) else ""
    code = "; " + language.say("declared at {place}", place=declared(finding)) if declared(finding) else ""
    return _xml(f"{where}: {because(finding, language)}{value}{code}")


def _outcome(statement: Statement) -> str:
    if statement.state in MET:
        return "passed"
    # An open item that is required stops a release like a refuted one, unless nobody knows.
    stops = statement.state is State.OPEN and statement.verdict is not Verdict.UNKNOWN and not statement.optional
    return "failure" if statement.state in BAD or stops else "skipped"


def _counts(members: Sequence[Statement]) -> dict[str, str]:
    return {"tests": str(len(members)), "failures": str(sum(_outcome(s) == "failure" for s in members)), "errors": "0"}


def _xml(text: str) -> str:
    """`text` without what XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets), which is not even allowed as a reference."""
    return "".join(c for c in shown(text) if c not in "\ufffe\uffff")
