"""Fixture cases of rules: a little repository (or export of assets) each, with the findings a rule must have on it. `rules test` and the tests run them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gonogo.app import read_facts
from gonogo.engine.evaluation import ask, distinct
from gonogo.engine.inventory import Inventory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.evidence import EvidenceRequest
from gonogo.model.finding import Finding, Role, Verdict
from gonogo.model.resource import Resource
from gonogo.model.value import Value
from gonogo.rules import RuleSet
from gonogo.rules.rule import Rule

EXPECTATION = "expect.yaml"
EXPORT = "assets.json"
"""What is live, of a case of a rule that is about what is live: the answer of the Cloud Asset Inventory."""
IMPORTS = "imports.yaml"
"""`now` and `files` of a case of a rule that is about reports of other scanners, as `--import` takes them."""

EVIDENCE = "evidence.yaml"
"""`now`, `head` and `released` (the commit that is scanned, and when it was made) and `settings` (`[evidence]`) of a case about artefacts."""


@dataclass(frozen=True, slots=True)
class Case:
    """One fixture directory of one rule."""

    rule: str
    directory: Path

    @property
    def name(self) -> str:
        return f"{self.rule}/{self.directory.name}"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case and what was wrong with it, one sentence each; empty where it passed."""

    case: Case
    problems: tuple[str, ...]


def find_cases(directory: Path) -> tuple[Case, ...]:
    """The cases below `directory`, which holds `<rule>/<case>/expect.yaml`."""
    return tuple(Case(path.parent.parent.name, path.parent) for path in sorted(directory.glob(f"*/*/{EXPECTATION}")))


def run_case(case: Case, rules: RuleSet) -> CaseResult:
    """Ask the rule of one case and compare its findings, without those that do not apply, with the expected ones."""
    rule = next((r for r in rules.rules if r.id == case.rule), None)
    if rule is None:
        return CaseResult(case, (f"no rule is called {case.rule}",))
    expected, parameters = _expectation(case)
    findings = _findings(case, rule, rules, parameters)
    return CaseResult(case, tuple(_compare(expected, findings)))


def verdicts(case: Case) -> frozenset[str]:
    """The verdicts that a case expects."""
    return frozenset(str(row.get("verdict")) for row in _expectation(case)[0])


def _findings(case: Case, rule: Rule, rules: RuleSet, parameters: Mapping[str, Value]) -> tuple[Finding, ...]:
    inventory = _live(case, rules) or _declared(case, rules)
    control = next(c for c in rules.controls if c.id == rule.control)
    return distinct(f for f in ask(rule, inventory, control.severity, parameters) if f.verdict is not Verdict.NOT_APPLICABLE)


def _declared(case: Case, rules: RuleSet) -> Inventory:
    # A case lies below `fixtures`, and may show a `tests` directory on purpose: only its own layout decides.
    facts = read_facts(case.directory, default_exclude=(), standalone=True, evidence=_evidence(case))
    return Inventory((*facts.judged(), *_imported(case)), facts.judged_gaps(), rules.relations)


def _live(case: Case, rules: RuleSet) -> Inventory | None:
    """What a case with an export of the Cloud Asset Inventory holds, as an audit without a repository sees it."""
    from gonogo.sources.gcp.export import read_export
    from gonogo.sources.gcp.resources import live_resources
    from gonogo.sources.gcp.surfaces import load_surfaces

    export = case.directory / EXPORT
    if not export.is_file():
        return None
    surfaces = load_surfaces()
    live = live_resources(read_export(export, surfaces), surfaces, ())
    return Inventory(live.resources, live.gaps, rules.relations, live.kinds, code=False)


def _imported(case: Case) -> Iterator[Resource]:
    """The reports of other scanners that a case gives, as they are on the day that it names."""
    from gonogo.sources.scan_reports import load_imports, read_scans

    path = case.directory / IMPORTS
    if path.is_file():
        value: Any = read_yaml(IMPORTS, path.read_text("utf-8")).documents[0].value
        for given in value["files"]:
            control, _, name = given.rpartition("=")
            file = f"{control}={case.directory / name}" if control else str(case.directory / name)
            yield from read_scans(file, case.directory, datetime.fromisoformat(value["now"]), timedelta(days=7), load_imports())


def _evidence(case: Case) -> EvidenceRequest | None:
    """The moment at which a case about artefacts is read; the time of its files says nothing, as they are kept in git."""
    from gonogo.sources.artefacts.settings import read_settings

    path = case.directory / EVIDENCE
    if not path.is_file():
        return None
    value: Any = read_yaml(EVIDENCE, path.read_text("utf-8")).documents[0].value
    released = datetime.fromisoformat(value.get("released", "2000-01-01T00:00:00Z"))  # a case is older than the commit of ours that it lies in
    return EvidenceRequest(datetime.fromisoformat(value["now"]), read_settings(value.get("settings", {})), head=value.get("head", ""), released=released)


def _expectation(case: Case) -> tuple[list[Mapping[str, Value]], Mapping[str, Value]]:
    path = case.directory / EXPECTATION
    file = read_yaml(EXPECTATION, path.read_text("utf-8"))
    value = file.documents[0].value if file.documents else None
    if file.error or not isinstance(value, Mapping):
        raise ValueError(f"{path}: {file.error or 'must be a mapping with `findings`'}")
    rows = value.get("findings")
    parameters = value.get("parameters")
    found = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    return found, parameters if isinstance(parameters, Mapping) else {}


def _compare(expected: list[Mapping[str, Value]], findings: tuple[Finding, ...]) -> Iterator[str]:
    left = list(findings)
    for row in expected:
        match = next((f for f in left if f.subject.name == row.get("subject") and f.verdict.value == row.get("verdict")), None)
        if match is None:
            yield f"expected {row.get('subject')}: {row.get('verdict')}"
            continue
        left.remove(match)
        yield from _compare_place(row, match)
    for finding in left:
        reasons = f" ({'; '.join(finding.reasons)})" if finding.reasons else ""
        yield f"unexpected {finding.subject.name}: {finding.verdict.value}{reasons}"


def _compare_place(row: Mapping[str, Value], finding: Finding) -> Iterator[str]:
    places = [e.location for e in finding.evidence if e.role is Role.PRIMARY] or [e.location for e in finding.evidence]
    wanted = (row.get("file"), row.get("line"))
    if wanted[0] is None and wanted[1] is None:
        return
    for place in places:
        if wanted[0] in (None, place.file) and wanted[1] in (None, place.line):
            return
    shown = ", ".join(map(str, places)) or "nowhere"
    yield f"{row.get('subject')}: expected at {wanted[0] or '*'}:{wanted[1] or '*'}, found at {shown}"
