"""A change on its own: the whole repository is assessed before and after it, and only what it made worse fails it.

Both trees are asked the same questions: the checklist, the configuration and the rules are those of the change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from gonogo.app import Examined, examine
from gonogo.checklist.errors import ChecklistError
from gonogo.config import ConfigError
from gonogo.engine.baseline import all_findings
from gonogo.engine.known import NOTHING, Known
from gonogo.kinds.reports import SCAN
from gonogo.model.assessment import Assessment, ItemResult
from gonogo.model.finding import Baselined, Finding, Verdict
from gonogo.model.resource import Gap, Origin
from gonogo.request import ScanRequest
from gonogo.rules import load_rules
from gonogo.rules.rule import Fold
from gonogo.sources.earlier import Base, checked_out, merge_base, renames

_Subject: TypeAlias = tuple[str, str, Origin, str, str]
"""What a finding is of: the rule, and the kind, origin, environment and name of its subject."""
_PATH = re.compile(r"[^\s():,]+")
_BAD = (Verdict.VIOLATED, Verdict.UNKNOWN)
_BEFORE = Baselined("it stood before this change")
_UNMET = frozenset({Verdict.VIOLATED, Verdict.ABSENT})
"""What was known to be bad before. What was unknown may have been good: it counts when it comes up bad."""


def examine_change(request: ScanRequest, ref: str) -> Examined:
    """Scan the tree, and decide on what changed since it left `ref`. Raises `BaseError` and what `examine` raises."""
    base = merge_base(request.root, ref)
    # What `terraform init` downloaded is of no commit: read for one side only, all of it would look new.
    # Reviews, coverage and the number of waivers are of the whole state, which a change did not make.
    gate = replace(request.config.gate, require_reviewed=False, min_coverage=None, max_waivers=None, allow_expired=True)
    request = replace(request, installed=False, config=replace(request.config, gate=gate))
    with checked_out(request.root, base.commit) as root:
        known = _known(request, base, root) if root.is_dir() else _compared(base)
    return examine(replace(request, known=request.known.besides(known)))


def _compared(base: Base, remark: str = "") -> Known:
    """Nothing was known before: all of it is new."""
    said = (f"compared with {base.ref}: {remark}",) if remark else ()
    return Known(remarks=lambda _: said, inputs={"base": {"ref": base.ref, "commit": base.commit}})


def _known(request: ScanRequest, base: Base, root: Path) -> Known:
    try:
        was = examine(replace(request, root=root, scans=(), known=NOTHING)).assessment
    except (ConfigError, ChecklistError) as error:
        return _compared(base, f"it could not be judged as this change is, so that all counts as new: {error}")
    before = _Before.of(request, was, _ticked(request, root), renames(request.root, base.commit))
    return replace(_compared(base), finding=before.finding, gap=before.gap, item=before.item, remarks=before.remarks(base))


def _ticked(request: ScanRequest, root: Path) -> frozenset[str]:
    """The ids of the items that were ticked before, in the checklists as they were."""
    from gonogo.checklist.markdown import read_checklist

    found: set[str] = set()
    for path in request.checklists:
        try:
            then = root / path.resolve().relative_to(request.root.resolve())
            found.update(item.id for item in read_checklist(then, root).items if item.claimed)
        except (ValueError, ChecklistError):
            continue  # not of the repository, not there, or not to be read: nothing was ticked in it
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Before:
    """The state before the change. `unmet` are the practices that nothing satisfied: one more thing that does not makes none worse."""

    bad: Mapping[str | _Subject, Verdict]
    """What was violated or unknown: by its fingerprint, and by what it is of in the place that it was moved to."""
    unmet: frozenset[str]
    gaps: frozenset[Gap]
    verdicts: Mapping[tuple[str, int], Verdict]
    ticked: frozenset[str]

    @classmethod
    def of(cls, request: ScanRequest, was: Assessment, ticked: frozenset[str], moved: Mapping[str, str]) -> _Before:
        found = [f for f in all_findings(was) if f.verdict in _BAD and f.waiver is None and not f.superseded]
        bad: dict[str | _Subject, Verdict] = {f.fingerprint: f.verdict for f in found}
        bad.update({_subject(f, renamed): f.verdict for f in found if (renamed := _moved(f.subject.name, moved)) != f.subject.name})
        practices = {c.id for c in load_rules(request.rule_dirs).controls if c.fold is Fold.ANY}
        items = {(i.binding.item.id, i.binding.item.line): i.verdict for i in was.items}
        return cls(
            bad,
            frozenset(c.id for c in was.controls if c.id in practices and c.verdict in _UNMET),
            frozenset(replace(_placeless(gap), file=moved.get(gap.file, gap.file)) for gap in was.gaps),
            items or {(c.id, 0): c.verdict for c in was.controls},
            ticked,
        )

    def finding(self, now: Finding) -> Baselined | None:
        """What was violated may be violated or have become unknown; what was unknown may still be."""
        if now.waiver is not None or now.verdict not in _BAD or now.subject.kind == SCAN:
            return None  # a report of a scan is of the change
        was = self.bad.get(now.fingerprint) or self.bad.get(_subject(now, now.subject.name))
        return _BEFORE if was in (now.verdict, Verdict.VIOLATED) or now.control in self.unmet else None

    def gap(self, now: Gap) -> bool:
        return _placeless(now) in self.gaps

    def item(self, now: ItemResult) -> ItemResult:
        """A newly ticked item is a claim of this change and counts whole. What is for a person, or was absent or bad before, is no worse."""
        written = now.binding.item
        if written.claimed and written.id not in self.ticked:
            return replace(now, without_baseline=None)
        was = self.verdicts.get((written.id, written.line))
        if now.counted in (Verdict.MANUAL, Verdict.UNMAPPED) or (now.counted is Verdict.ABSENT and was in _UNMET):
            return replace(now, without_baseline=Verdict.WAIVED)
        return now

    def remarks(self, base: Base) -> Callable[[Assessment], tuple[str, ...]]:
        def said(now: Assessment) -> tuple[str, ...]:
            verdicts = {f.fingerprint: f.verdict for f in all_findings(now)}
            violated = [f for f, was in self.bad.items() if isinstance(f, str) and was is Verdict.VIOLATED]
            stands = sum(1 for f in violated if verdicts.get(f) is Verdict.VIOLATED)
            return (f"compared with {base.ref} ({base.commit[:12]}): of {len(violated)} violations before this change {stands} stand",)

        return said


def _subject(finding: Finding, name: str) -> _Subject:
    return finding.rule, finding.subject.kind, finding.subject.origin, finding.subject.environment, name


def _moved(name: str, moved: Mapping[str, str]) -> str:
    """The name of a thing that is called by its path (`svc (svc/Dockerfile)`) in the place where that was moved to."""
    return _PATH.sub(lambda found: moved.get(found[0], found[0]), name) if moved else name


def _placeless(gap: Gap) -> Gap:
    return replace(gap, line=0)
