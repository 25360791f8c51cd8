"""What keeps the pods of a workload apart, held against an oracle that places them."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest

from gonogo.cluster.spreading import Spread
from gonogo.cluster.truth import any_of
from gonogo.model.value import Unknown
from gonogo.sources.manifests.placeholders import has_placeholder

LABELS = {"app": "web"}
OWN = {"matchLabels": LABELS}
ZONE = "topology.kubernetes.io/zone"


def spread(spec: dict[str, Any], fewest: int = 3) -> object:
    found = any_of(part.holds for part in Spread(spec, LABELS, "shop", fewest, has_placeholder).apart())
    return "?" if isinstance(found, Unknown) else found


def constraint(**fields: Any) -> dict[str, Any]:
    return {"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": OWN, **fields}]}


def anti(**fields: Any) -> dict[str, Any]:
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": OWN, **fields}
    return {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, False),
        ({"topologySpreadConstraints": []}, False),
        (constraint(), True),
        (constraint(labelSelector={}), True),
        (constraint(labelSelector=None), False),
        (constraint(labelSelector={"matchLabels": {"app": "api"}}), False),
        (constraint(labelSelector={"matchLabels": {"app": Unknown.because("it is not known")}}), "?"),
        (constraint(matchLabelKeys=["pod-template-hash"]), True),
        (constraint(topologyKey="kubernetes.io/arch"), "?"),
        (constraint(topologyKey="${KEY}"), "?"),
        (constraint(topologyKey=None), False),
        (constraint(maxSkew=2), True),
        (constraint(maxSkew=3), False),
        (constraint(maxSkew=3, whenUnsatisfiable="ScheduleAnyway"), True),
        (constraint(maxSkew="${SKEW}"), "?"),
        ({"topologySpreadConstraints": Unknown.because("it is not known")}, "?"),
        (anti(), True),
        (anti(labelSelector=None), False),
        (anti(namespaces=["shop"]), True),
        (anti(namespaces=["other"]), False),
        (anti(namespaces=["other"], namespaceSelector={}), True),
        (anti(namespaceSelector={"matchLabels": {"team": "a"}}), "?"),
        (anti(mismatchLabelKeys=["app"]), False),
        (anti(mismatchLabelKeys=["pod-template-hash"]), True),
        ({"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": ZONE, "labelSelector": OWN}]}}}, False),
        ({"affinity": "what?"}, False),
    ],
)
def test_constraints_and_terms_spread_what_they_select(spec: dict[str, Any], expected: object) -> None:
    assert spread(spec) == expected


def test_a_hard_constraint_spreads_what_the_oracle_cannot_put_in_one_domain() -> None:
    """All placements of the pods on three domains: whether the one that has all of them in the first is among those allowed."""
    for pods, skew in product(range(2, 6), range(1, 7)):
        allowed = [place for place in product(range(3), repeat=pods) if max(counts := [place.count(d) for d in range(3)]) - min(counts) <= skew]
        together = (0,) * pods in allowed
        assert spread(constraint(maxSkew=skew), pods) is not together, (pods, skew)


def test_random_terms_agree_with_the_oracle() -> None:
    random = Random(11)
    keys = ("kubernetes.io/hostname", ZONE)
    for _ in range(5_000):
        labels = {key: random.choice("ab") for key in ("app", "track") if random.random() < 0.7}
        wanted = {key: random.choice("ab") for key in ("app", "track") if random.random() < 0.5}
        spaces = random.choice((None, [], ["shop"], ["other"], ["other", "shop"]))
        term: dict[str, Any] = {"topologyKey": random.choice(keys), "labelSelector": {"matchLabels": wanted}, "namespaces": spaces}
        spec: dict[str, Any] = {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": term}]}}}
        expected = all(labels.get(key) == wanted[key] for key in wanted) and (not spaces or "shop" in spaces)
        assert any_of(part.holds for part in Spread(spec, labels, "shop", 2, has_placeholder).apart()) is expected
