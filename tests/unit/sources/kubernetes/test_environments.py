from __future__ import annotations

import pytest

from gonogo.sources.kubernetes.environments import environments_of, is_production


@pytest.mark.parametrize(
    ("name", "expected"),
    [("prod", True), ("production-eu", True), ("prd", True), ("live", True), ("preprod", False), ("non-prod", False), ("products", False)],
)
def test_production_is_recognised_by_its_name(name: str, expected: bool) -> None:
    assert is_production(name) is expected


def test_only_siblings_of_production_are_other_environments() -> None:
    found = environments_of(["apps/web/overlays/prod", "apps/web/overlays/dev/eu", "apps/db/overlays/dev", ""])
    assert found == {"": "", "apps/db/overlays/dev": "", "apps/web/overlays/dev/eu": "dev", "apps/web/overlays/prod": "production"}
