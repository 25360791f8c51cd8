"""What a run need not fail for: it was known before, from a baseline or from the state before a change.

Unlike a waiver it excuses nothing: the finding, its control and its item keep their verdicts, in every report. Only the decision leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from gonogo.model.assessment import Assessment, ItemResult
from gonogo.model.finding import Baselined, Finding
from gonogo.model.resource import Gap


def _no_finding(_: Finding) -> Baselined | None:
    return None


def _no_gap(_: Gap) -> bool:
    return False


def _as_it_is(item: ItemResult) -> ItemResult:
    return item


def _no_remark(_: Assessment) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Known:
    """What was known before: `finding` says why a finding was, `gap` whether a gap was, `item` what of an item counts, `remarks` what
    to tell the user of it in the end."""

    finding: Callable[[Finding], Baselined | None] = _no_finding
    gap: Callable[[Gap], bool] = _no_gap
    item: Callable[[ItemResult], ItemResult] = _as_it_is
    remarks: Callable[[Assessment], tuple[str, ...]] = _no_remark
    inputs: Mapping[str, object] = field(default_factory=dict)
    """What it is from, for the assessment's inputs."""

    def mark(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings, with `baseline` on those that were known."""
        return tuple(replace(f, baseline=known) if (known := self.finding(f)) is not None else f for f in findings)

    def besides(self, other: Known) -> Known:
        """What either of two knows; `other` is asked where this one knows nothing of a finding."""
        return Known(
            lambda finding: self.finding(finding) or other.finding(finding),
            lambda gap: self.gap(gap) or other.gap(gap),
            lambda item: other.item(self.item(item)),
            lambda assessment: (*self.remarks(assessment), *other.remarks(assessment)),
            {**self.inputs, **other.inputs},
        )


NOTHING = Known()
