"""Verdict then against now: what got worse, better or out of sight. The comparison that alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from gonogo.history.run import Key, Level, Run, Standing
from gonogo.model.finding import Verdict
from gonogo.model.resource import Gap


class Change(StrEnum):
    """How a verdict changed. `changed` is any other change between verdicts (a waiver, an attestation); it alarms nobody."""

    REGRESSED = "regressed"
    FIXED = "fixed"
    WENT_BLIND = "went_blind"
    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Transition:
    """One change. `then` and `now` are None where there was, or is, no such item, control or finding."""

    change: Change
    standing: Standing
    then: Verdict | None
    now: Verdict | None

    @property
    def alarms(self) -> bool:
        """Whether somebody has to look: it got worse, came up violated, or is out of sight."""
        return self.change in (Change.REGRESSED, Change.WENT_BLIND) or (self.change is Change.NEW and self.now is Verdict.VIOLATED)


Known: TypeAlias = Mapping[Key, Verdict]

_GOOD = frozenset({Verdict.SATISFIED, Verdict.ATTESTED})
_WITHOUT = frozenset({Verdict.ABSENT, Verdict.NOT_APPLICABLE})
"""Nothing is there that could be judged: neither good nor bad."""
_NEVER_JUDGED = frozenset({Verdict.MANUAL, Verdict.UNMAPPED})


def compare_verdicts(then: Run, now: Run, known: Known | None = None) -> tuple[Transition, ...]:
    """Every change between two runs, the items first, then controls, then findings.

    `known` has the last verdict up to `then` that was not `unknown`, also of what `then` did not see: what came back into sight
    as it was is no news, and an unknown never resolves an incident.
    """
    before, after = ({s.key: s for s in run.standings} for run in (then, now))
    last = dict(known or {})
    found: list[Transition | None] = []
    for key, standing in after.items():
        found.append(_seen(before.get(key), standing, last.get(key), then.gaps))
    found += [_missing(standing, now.gaps) for key, standing in before.items() if key not in after]
    order = {level: at for at, level in enumerate(Level)}
    return tuple(sorted((t for t in found if t is not None), key=lambda t: (order[t.standing.key.level], t.standing.key.id)))


def _seen(then: Standing | None, now: Standing, known: Verdict | None, gaps_then: Sequence[Gap]) -> Transition | None:
    if then is not None:
        change = _change(then.verdict, now.verdict, known)
    else:
        # It may have been there, out of sight, and be as it was.
        hidden = known is not None and now.key.level is Level.FINDING and _touched(now, gaps_then)
        change = _change(Verdict.UNKNOWN, now.verdict, known) if hidden else _new(now.verdict)
    return Transition(change, now, then.verdict if then is not None else None, now.verdict) if change is not None else None


def _missing(then: Standing, gaps: Sequence[Gap]) -> Transition | None:
    """A finding whose subject may only be out of sight is not gone: a lost permission is no deletion."""
    if then.key.level is not Level.FINDING or not _touched(then, gaps):
        return None if then.verdict is Verdict.NOT_APPLICABLE else Transition(Change.GONE, then, then.verdict, None)
    return None if then.verdict in (Verdict.UNKNOWN, Verdict.NOT_APPLICABLE) else Transition(Change.WENT_BLIND, then, then.verdict, None)


def _touched(standing: Standing, gaps: Sequence[Gap]) -> bool:
    return any(gap.touches(standing.kind) for gap in gaps)


def _new(now: Verdict) -> Change | None:
    return None if now is Verdict.NOT_APPLICABLE else Change.NEW


def _change(then: Verdict, now: Verdict, known: Verdict | None) -> Change | None:
    if then is now:
        return None
    if then in _NEVER_JUDGED or now in _NEVER_JUDGED:
        return Change.NEW if now is Verdict.VIOLATED else Change.CHANGED
    if now is Verdict.UNKNOWN:
        return Change.WENT_BLIND
    before = known if then is Verdict.UNKNOWN else then
    if before is None or before is now:
        return Change.NEW if before is None and now is Verdict.VIOLATED else None
    if now is Verdict.VIOLATED:
        return Change.REGRESSED
    if before is Verdict.VIOLATED and now in _GOOD:
        return Change.FIXED
    return Change.GONE if now in _WITHOUT and before not in _WITHOUT else Change.CHANGED
