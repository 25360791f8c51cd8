from __future__ import annotations

import pytest

from gonogo.model.environment import Environment, Environments

CONFIGURED = Environments("eu", (Environment("eu", names=("Live-EU", "dev")), Environment("production", names=("blue",))))


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("eu", "eu"),
        ("live-eu", "eu"),
        ("dev", "eu"),
        ("my-app-dev", "eu"),
        ("blue", "production"),
        ("prod", "production"),
        ("non-prod", "preview"),
        ("app", ""),
    ],
)
def test_configured_names_come_before_the_usual_ones(name: str, environment: str) -> None:
    assert CONFIGURED.of(name) == environment


def test_what_is_judged_is_the_environment_by_any_of_its_names_and_what_is_of_none() -> None:
    assert [e for e in ("", "eu", "live-eu", "production", "staging", "team-a") if CONFIGURED.judges(e)] == ["", "eu", "live-eu"]
    assert [e for e in ("", "prd", "dev", "staging") if Environments().judges(e)] == ["", "prd"]


@pytest.mark.parametrize(
    ("glob", "claimed"),
    [
        ("infra", ["infra", "infra/a", "infra/a/b"]),
        ("./infra/", ["infra", "infra/a", "infra/a/b"]),
        ("infra/*", ["infra/a", "infra/a/b"]),
        (".", [""]),
        ("inf", []),
    ],
)
def test_roots_are_claimed_by_globs_of_directories(glob: str, claimed: list[str]) -> None:
    environment = Environment("production", roots=(glob,))
    assert [d for d in ("", "infra", "infra/a", "infra/a/b", "other") if environment.claims(d)] == claimed
