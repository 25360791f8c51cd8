from __future__ import annotations

import pytest

from gonogo.checklist.figures import Comparison, figures
from gonogo.checklist.normalise import normalise


@pytest.mark.parametrize(
    ("text", "value", "comparison", "unit"),
    [
        ("Min instances: 1", 1, Comparison.EXACT, ""),
        ("Max instances: 1,000", 1000, Comparison.EXACT, ""),
        ("coverage ≥ 85%", 85, Comparison.AT_LEAST, "percent"),
        ("coverage 88.10%", 88.1, Comparison.EXACT, "percent"),
        ("at least 2 replicas", 2, Comparison.AT_LEAST, ""),
        ("up to 100", 100, Comparison.AT_MOST, ""),
        ("80+ tests", 80, Comparison.AT_LEAST, ""),
        ("p95 < 2초", 2, Comparison.LESS, "seconds"),
        ("최소 인스턴스 2개", 2, Comparison.EXACT, "count"),
        ("인스턴스 2 이상", 2, Comparison.AT_LEAST, ""),
        ("인스턴스 3개 이하", 3, Comparison.AT_MOST, "count"),
        ("10 req/min", 10, Comparison.EXACT, "per-minute"),
        ("more than 5", 5, Comparison.MORE, ""),
    ],
)
def test_a_figure(text: str, value: float, comparison: Comparison, unit: str) -> None:
    (figure,) = figures(normalise(text))
    assert (figure.value, figure.comparison, figure.unit) == (value, comparison, unit)


@pytest.mark.parametrize("text", ["k8s e2e v2", "p95", "1.2.3", "oauth2", "sha256", "no figure"])
def test_digits_in_words_and_versions_are_no_figures(text: str) -> None:
    assert figures(text) == ()


def test_several_figures() -> None:
    assert [figure.value for figure in figures("min 1, max 10 instances")] == [1, 10]
