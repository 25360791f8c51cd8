"""One rule asked of one subject."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gonogo.engine.inventory import Inventory, ResourceView
from gonogo.engine.redaction import display
from gonogo.lang import EvaluationError, Outcome, Program
from gonogo.model.finding import Evidence, Finding, Role, Severity, Subject, Verdict
from gonogo.model.location import Location
from gonogo.model.resource import Origin, Resource
from gonogo.model.value import Path, Unknown, Value, child
from gonogo.rules.rule import Rule

MAX_EVIDENCE = 8


def ask(rule: Rule, inventory: Inventory, severity: Severity, parameters: Mapping[str, Value] | None = None) -> Iterator[Finding]:
    """The findings of `rule` on every subject of its kinds, in the order of the inventory."""
    given = {name: (parameters or {}).get(name) for name in rule.parameters}
    for kind in rule.subjects:
        for view in inventory.of(kind):
            if not rule.origins or view.resource.origin in rule.origins:
                yield _ask_one(rule, view, severity, given)


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with fingerprints made unique: equal ones (two declarations of one name) are numbered in order."""
    seen: dict[str, int] = {}
    unique = []
    for finding in findings:
        count = seen.get(finding.fingerprint, 0)
        seen[finding.fingerprint] = count + 1
        unique.append(replace(finding, fingerprint=f"{finding.fingerprint}-{count + 1}") if count else finding)
    return tuple(unique)


def _ask_one(rule: Rule, view: ResourceView, severity: Severity, parameters: Mapping[str, Value]) -> Finding:
    bindings: dict[str, Value] = {"self": view, "params": parameters}
    reads: list[Path] = []
    applies: Value = True
    if rule.when is not None:
        outcome = rule.when.evaluate(bindings)
        applies = _truth(outcome)
        if applies is not True:
            reads.extend(outcome.reads)
    holds: Value = None
    if applies is not False:
        doubts = list(_doubts(rule, bindings, reads))
        outcome = rule.assertion.evaluate(bindings)
        holds = Unknown.merge(doubts) if doubts else _truth(outcome)
        reads = [*outcome.reads, *reads]
    verdict, reasons = _hint(applies, holds) if rule.suggests else _verdict(applies, holds)
    resource = view.resource
    return Finding(
        fingerprint=fingerprint(
            rule.id, resource.kind, resource.name, resource.origin, resource.environment, *_figures(parameters)
        ),
        rule=rule.id,
        control=rule.control,
        severity=severity,
        verdict=verdict,
        message=_message(rule, verdict, bindings),
        subject=Subject(resource.kind, resource.name, resource.origin, resource.environment),
        evidence=() if verdict is Verdict.NOT_APPLICABLE else _evidence(view, _pointed(rule.point_at, bindings), reads),
        reasons=reasons,
        fix=rule.fix if verdict is Verdict.VIOLATED else "",
    )


def fingerprint(*parts: str) -> str:
    """A stable id of a finding: what was asked of what, never where it stands."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _figures(parameters: Mapping[str, Value]) -> list[str]:
    """The figures a finding was made under: the same rule asked with another figure is another finding."""
    return [f"{name}={value}" for name, value in sorted(parameters.items()) if value is not None]


def _truth(outcome: Outcome) -> Value:
    """True, False or Unknown. A value of another type, or an error, is not an answer: it is unknown with its reason."""
    value = outcome.value
    if isinstance(value, EvaluationError):
        return Unknown.because(f"cannot be decided: {value.message}")
    if value is True or value is False or isinstance(value, Unknown):
        return value
    return Unknown.because(f"the condition is {type(value).__name__}, not true or false")


def _verdict(applies: Value, holds: Value) -> tuple[Verdict, tuple[str, ...]]:
    if applies is False:
        return Verdict.NOT_APPLICABLE, ()
    if holds is True:
        # Whether it applies does not matter for a subject that is in the good state, unless that is all unknown.
        if applies is True:
            return Verdict.SATISFIED, ()
        return Verdict.UNKNOWN, Unknown.merge([applies]).reasons
    if applies is True and holds is False:
        return Verdict.VIOLATED, ()
    return Verdict.UNKNOWN, Unknown.merge([applies, holds]).reasons


def _hint(applies: Value, holds: Value) -> tuple[Verdict, tuple[str, ...]]:
    """A hint is there or it is not: what is unknown of it hints at nothing."""
    return (Verdict.SUGGESTS if applies is True and holds is True else Verdict.NOT_APPLICABLE), ()


def _doubts(rule: Rule, bindings: Mapping[str, Value], reads: list[Path]) -> Iterator[Unknown]:
    """Why the rule cannot be decided: each of its doubts that there is, or may be. What they rest on is added to `reads`."""
    for doubt in rule.undecided:
        outcome = doubt.when.evaluate(bindings)
        there = _truth(outcome)
        if there is not False:
            reads.extend(outcome.reads)
            yield there if isinstance(there, Unknown) else Unknown.because(doubt.because.render(bindings))


def _message(rule: Rule, verdict: Verdict, bindings: Mapping[str, Value]) -> str:
    template = rule.messages.get(Verdict.SATISFIED.value if verdict is Verdict.SUGGESTS else verdict.value)
    return template.render(bindings) if template is not None else rule.title


def _pointed(point_at: Program | None, bindings: Mapping[str, Value]) -> tuple[Path, ...]:
    if point_at is None:
        return ()
    outcome = point_at.evaluate(bindings)
    return tuple(outcome.reads[-1:])


def _evidence(view: ResourceView, pointed: tuple[Path, ...], reads: list[Path]) -> tuple[Evidence, ...]:
    """The places of the paths read: what `point_at` names first, then the reads, then the chain of the first."""
    found: dict[tuple[Location, str], Evidence] = {}
    chain: list[Location] = []
    declared: Evidence | None = None
    for path in (*pointed, *reads):
        if not path or path[0] != "self":
            continue
        owner, rest = _owner(view, path[1:])
        place = _place(owner.resource, rest)
        if place is None:
            continue
        role = Role.RELATED if found else Role.PRIMARY
        text = ".".join(map(str, rest))
        evidence = Evidence(place, text, display(owner, rest), role, owner.resource.name)
        if (place, text) not in found:
            declared = declared or _declaration(owner.resource, rest, text)
            found[place, text] = evidence
            for length in range(len(rest), 0, -1):
                if links := owner.resource.chains.get(rest[:length]):
                    chain.extend(links)
                    break
        if len(found) >= MAX_EVIDENCE:
            break
    if not found:
        place = _place(view.resource, ())
        if place is not None:
            found[place, ""] = Evidence(place, "", "", Role.PRIMARY, view.resource.name)
        declared = _declaration(view.resource, (), "")
    if declared is not None:
        found[declared.location, declared.path] = declared
    for link in chain[:MAX_EVIDENCE]:
        found.setdefault((link, ""), Evidence(link, "", "", Role.RELATED, ""))
    return tuple(found.values())


def _place(resource: Resource, path: Path) -> Location | None:
    """Where an attribute was written; of what is live nothing was written anywhere, so that its full name stands for it."""
    place = resource.locate(path)
    if resource.origin is not Origin.LIVE or (place is not None and place.resource):
        return place
    return resource.live or Location("", resource=resource.name)


def _declaration(resource: Resource, path: Path, text: str) -> Evidence | None:
    """Where the code declares what is live: that is where it is mended, waived, and shown in a review."""
    place = resource.locate(path) if resource.origin is Origin.LIVE else None
    return Evidence(place, text, "", Role.RELATED, resource.name) if place is not None and place.file else None


def _owner(view: ResourceView, path: Path) -> tuple[ResourceView, Path]:
    """The resource that a path through relations ends in, and the path below it."""
    owner, start = view, 0
    value: Value = view
    for at, step in enumerate(path):
        try:
            value = child(value, step)
        except KeyError:
            break
        if isinstance(value, ResourceView):
            owner, start = value, at + 1
    return owner, path[start:]
