"""Where what changed is declared, and so who can fix it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gonogo.history.run import Level, Run, Standing
from gonogo.model.finding import Verdict

_OPEN = frozenset({Verdict.VIOLATED, Verdict.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Places:
    """The files of findings and resources, as the evidence of some runs says; relative to the scanned root."""

    findings: Mapping[str, Standing]
    resources: Mapping[tuple[str, str], frozenset[str]]

    @classmethod
    def of(cls, runs: Iterable[Run]) -> Places:
        """`runs` are the oldest first: the last one that has a finding speaks for it."""
        findings: dict[str, Standing] = {}
        resources: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for standing in (s for run in runs for s in run.standings if s.key.level is Level.FINDING):
            findings[standing.key.id] = standing
            resources[standing.kind, standing.subject].update(standing.files)
        return cls(findings, {key: frozenset(files) for key, files in resources.items()})

    def files(self, standing: Standing) -> tuple[str, ...]:
        """A finding's own files, an item's or control's those of the findings below that are not in order, else of all of them.

        An item without any is declared in its checklist.
        """
        if standing.key.level is Level.FINDING:
            return standing.files
        below = [self.findings[f] for f in standing.findings if f in self.findings]
        below = [f for f in below if f.verdict in _OPEN] or below
        return tuple(sorted({file for finding in below for file in finding.files})) or standing.files

    def files_of(self, kind: str, name: str) -> tuple[str, ...]:
        """The files of a resource."""
        return tuple(sorted(self.resources.get((kind, name), ())))
