"""How much of what was asked was looked at, and of what was claimed confirmed."""

from __future__ import annotations

from collections.abc import Iterable

from gonogo.model.assessment import Agreement, ItemResult
from gonogo.model.finding import Verdict
from gonogo.model.gate import Coverage

_LOOKED_AT = frozenset({Verdict.SATISFIED, Verdict.VIOLATED, Verdict.ABSENT, Verdict.ATTESTED})


def coverage(items: Iterable[ItemResult]) -> Coverage:
    """The coverage of what counts. A waiver looks at nothing: only what was seen to be violated and is waived was looked at."""
    asked = [i for i in items if not i.binding.ignored and i.verdict is not Verdict.NOT_APPLICABLE]
    claims = [i for i in asked if i.binding.item.claimed]
    return Coverage(
        claims=len(claims),
        confirmed=sum(i.agreement is Agreement.CONFIRMED for i in claims),
        asked=len(asked),
        looked_at=sum(_looked_at(i) for i in asked),
    )


def _looked_at(item: ItemResult) -> bool:
    return item.verdict in _LOOKED_AT or (item.verdict is Verdict.WAIVED and any(f.waiver is not None for f in item.findings))
