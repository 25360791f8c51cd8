"""Every recording comes home without loss and gets the verdict that a careful reader gives: `expectations.yaml`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("googleapiclient", reason="google-api-python-client carries the discovery documents")
pytest.importorskip("google.cloud.sqladmin_v1beta4", reason="the gcp extra is not installed")

from gonogo.lang.secrets import REDACTED
from gonogo.model.finding import Verdict
from gonogo.rules import RuleSet, load_rules
from gonogo.sources.gcp.export import read_export
from gonogo.sources.gcp.problems import Asked, Problem
from loopback.client import session, surfaces
from loopback.faults import Fault
from loopback.seed import Cloud
from loopback.server import loopback
from oracle.recordings.exchanges import Exchange, published_assets, read_exchanges, recordings
from oracle.recordings.expectations import Expectations, read_expectations
from oracle.recordings.replay import Judged, Recorded, judged_export, judged_live, moments, recorded_in, verdicts

TABLE = surfaces()
ASKED = Asked("Example API", "example.googleapis.com", "projects/recorded", "some.resource.get", "roles/some.viewer", "the auditor")


@pytest.fixture(scope="module")
def root() -> Path:
    return recordings()


@pytest.fixture(scope="module")
def exchanges(root: Path) -> tuple[Exchange, ...]:
    return read_exchanges(root)


@pytest.fixture(scope="module")
def expectations() -> Expectations:
    return read_expectations()


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rules(())


@pytest.fixture(scope="module")
def replayed(exchanges: tuple[Exchange, ...], rules: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Recorded, Judged]]:
    """Every resource of every recording, with what was made of it at that moment."""
    stories: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        stories[exchange.story].append(exchange)
    found: list[tuple[Recorded, Judged]] = []
    with loopback(Cloud(), strict=False) as running:
        for story in stories.values():
            for exchange, moment in moments(story, TABLE):
                judged = [*judged_live(running, moment, rules), *judged_export(tmp_path_factory.mktemp("export"), moment, rules)]
                found.extend((recorded, made) for recorded, made in judged if recorded.exchange is exchange)
    return found


def test_every_recording_is_accounted_for(exchanges: tuple[Exchange, ...], expectations: Expectations) -> None:
    unknown = [
        f"{exchange.path}: {exchange.method} {exchange.url}"
        for exchange in exchanges
        if exchange.status == 200
        and not any(recorded_in(exchange, TABLE))
        and exchange.body.keys() - {"apiVersion", "kind"}
        and not any(pattern.fullmatch(f"{exchange.method} {exchange.url}") for pattern in expectations.not_read)
    ]
    assert unknown == []


def test_every_recorded_body_is_kept_but_for_what_is_redacted(replayed: list[tuple[Recorded, Judged]], expectations: Expectations) -> None:
    redacted: dict[str, set[str]] = defaultdict(set)
    lost = []
    for recorded, judged in replayed:
        for path, difference in differences(recorded.body, judged.asset.body):
            if difference == REDACTED:
                redacted[recorded.surface.id].add(path)
            else:
                lost.append(f"{recorded.exchange.path} {recorded.name} {path}: {difference}")
    assert lost == []
    assert {surface: covering(paths, expectations.redacted.get(surface, frozenset())) for surface, paths in redacted.items()} == (
        expectations.redacted
    )
    assert len(replayed) > 400


def differences(recorded: object, kept: object, at: str = "") -> Iterator[tuple[str, str]]:
    """The paths at which something else was kept than was recorded, with `[]` for any member of a list."""
    if isinstance(recorded, dict) and isinstance(kept, dict) and recorded.keys() == kept.keys():
        for key in recorded:
            yield from differences(recorded[key], kept[key], f"{at}.{key}" if at else key)
    elif isinstance(recorded, list) and isinstance(kept, list) and len(recorded) == len(kept):
        for value, other in zip(recorded, kept, strict=True):
            yield from differences(value, other, f"{at}[]")
    elif recorded != kept:
        yield at, REDACTED if kept == REDACTED else f"{recorded!r} became {kept!r}"


def covering(paths: set[str], allowed: frozenset[str]) -> frozenset[str]:
    """The paths, each as the allowed one that covers it; `*` at its end is any name."""
    return frozenset(
        next((a for a in allowed if path == a or (a.endswith(".*") and path.rpartition(".")[0] == a[:-2])), path) for path in paths
    )


def test_every_recorded_resource_gets_the_verdicts_of_a_careful_reader(
    replayed: list[tuple[Recorded, Judged]], expectations: Expectations
) -> None:
    wrong: list[str] = []
    seen = set()
    for recorded, judged in replayed:
        surface, path = recorded.surface.id, recorded.exchange.path
        expected = expectations.of(surface, path, recorded.name)
        if surface in expectations.whole:
            assert not judged.verdicts, f"{surface} is judged after all"
            continue
        assert expected is not None, f"nothing is expected of {surface} {path}#{recorded.name}"
        seen.add((surface, path))
        wrong.extend(compared(f"{path}#{recorded.name}", judged, expected))
    assert not wrong, "\n".join(wrong)
    missing = {key[:2] for key in expectations.verdicts if not key[1].startswith("policy-library")} - seen
    assert missing == set(), "expected, but not recorded"


def compared(where: str, judged: Judged, expected: object) -> Iterator[str]:
    assert isinstance(expected, dict)
    if judged.verdicts.keys() != expected.keys():
        yield f"{where}: expected {sorted(expected)}, judged {sorted(judged.verdicts)}"
        return
    for rule, verdict in judged.verdicts.items():
        if verdict is not expected[rule].verdict:
            yield f"{where} {rule}: {verdict}, but {expected[rule].verdict}: {expected[rule].reason}"


def test_published_exports_get_the_verdicts_that_their_names_promise(root: Path, rules: RuleSet, expectations: Expectations) -> None:
    wrong: list[str] = []
    judged: Counter[str] = Counter()
    for path, assets in published_assets(root):
        collected = read_export(root / path, TABLE)
        recorded = {asset["name"]: asset["resource"]["data"] for asset in assets}
        assert {a.name: dict(a.body) for a in collected.assets} == recorded, "every leaf is kept"
        for asset, decided in verdicts(collected, TABLE, rules):
            if asset.surface in expectations.whole:
                continue
            expected = expectations.of(asset.surface, path, asset.name.rpartition("/")[2])
            assert expected is not None, f"nothing is expected of {path}#{asset.name}"
            judged[asset.surface] += 1
            wrong.extend(compared(f"{path}#{asset.name}", Judged(asset, decided), expected))
    assert not wrong, "\n".join(wrong)
    assert judged["sql-instances"] > 20


def test_every_recorded_refusal_has_its_cause_and_words(exchanges: tuple[Exchange, ...], expectations: Expectations) -> None:
    seen: Counter[str] = Counter()
    with loopback(Cloud()) as running:
        for exchange in exchanges:
            if exchange.status < 400:
                continue
            refusal = next(r for r in expectations.refused if r.match.fullmatch(f"{exchange.status} {exchange.url}"))
            running.faults[:] = [Fault("/refused$", status=exchange.status, body=exchange.body)]
            api = exchange.url.partition("/")[0]
            with pytest.raises(Problem) as raised:
                session(running, TABLE).read("serviceusage", "/refused", asked=Asked("Example API", api, *_rest(ASKED)))
            assert raised.value.cause == refusal.cause, exchange.path
            for words in refusal.words:
                assert words in raised.value.reason, exchange.path
            seen[refusal.cause] += 1
    assert seen.keys() == {refusal.cause for refusal in expectations.refused}
    assert seen.total() > 150


def _rest(asked: Asked) -> tuple[str, str, str, str]:
    return asked.resource, asked.permission, asked.role, asked.who


def test_what_is_expected_says_why(expectations: Expectations) -> None:
    for said in expectations.verdicts.values():
        assert all(expected.reason for expected in said.values())
    assert {expected.verdict for said in expectations.verdicts.values() for expected in said.values()} == {
        Verdict.SATISFIED,
        Verdict.VIOLATED,
        Verdict.UNKNOWN,
        Verdict.SUGGESTS,
        Verdict.NOT_APPLICABLE,
    }
