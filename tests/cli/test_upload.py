"""`gonogo upload` from the outside: the environment, the exit code, what is said and what never is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loopback_github.server import TOKEN, Fault, GitHub, github
from running import Ran
from running import run as gonogo
from unit.publish.samples import log, result, run, written

SHA = "0123456789abcdef0123456789abcdef01234567"
PARTIAL = [{"executionSuccessful": True, "toolExecutionNotifications": [{"level": "error", "message": {"text": "no permission"}}]}]


@pytest.fixture(autouse=True)
def actions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A push to main, as GitHub Actions tells of it; nothing of the real surroundings."""
    said = {"REPOSITORY": "acme/app", "REF": "refs/heads/main", "SHA": SHA, "EVENT_NAME": "push", "TOKEN": TOKEN}
    for name in ("EVENT_PATH", "API_URL", "SERVER_URL"):
        monkeypatch.delenv(f"GITHUB_{name}", raising=False)
    monkeypatch.delenv("GH_TOKEN", raising=False)
    for name, value in said.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    monkeypatch.chdir(tmp_path)


def upload(hub: GitHub, document: object, *arguments: str | Path) -> Ran:
    path = written(Path("gonogo.sarif"), document)
    return gonogo("upload", path, "--api-url", hub.url, "--timeout", "1", *arguments)


def test_a_file_goes_up_and_is_read() -> None:
    with github(None) as hub:
        ran = upload(hub, log(run(result())), "--category", "gonogo/iac")
    assert (ran.code, ran.out) == (0, "")
    assert "for refs/heads/main of acme/app: 1 results, read by GitHub" in ran.err
    (taken,) = hub.uploads.values()
    assert taken.document["commit_sha"] == SHA
    assert taken.sarif["runs"][0]["automationDetails"]["id"] == "gonogo/iac/"


def test_what_github_cannot_read_is_5_with_its_words_and_the_result() -> None:
    with github(None) as hub:
        before = upload(hub, log(run(result(), result("net", uri="gcp://p/i"))))
        assert hub.uploads == {}
        ran = upload(hub, log(run(result(), result("net", uri="gcp://p/i"))), "--no-check")
    assert before.code == 2
    assert "/runs/0/results/1/locations/0/physicalLocation/artifactLocation/uri: gcp: is no scheme that GitHub reads" in before.err
    assert ran.code == 5
    assert "GitHub: unrecognized SARIF location URI scheme" in ran.err
    assert "runs[0].results[1] net: net is violated. ('gcp://p/i')" in ran.err


def test_a_refusal_is_5_and_shows_the_yaml_to_add() -> None:
    with github(None, Fault(403, "Resource not accessible by integration")) as hub:
        ran = upload(hub, log(run()))
    assert ran.code == 5
    assert "permissions:\n  security-events: write" in ran.err


def test_a_pull_request_of_a_fork_is_0_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    event = {"pull_request": {"number": 7, "head": {"sha": "b" * 40, "repo": {"full_name": "m/app"}}, "base": {"repo": {"full_name": "acme/app"}}}}
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_REF", "refs/pull/7/merge")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(written(Path("event.json"), event)))
    with github(None, Fault(403, "Resource not accessible by integration")) as hub:
        ran = upload(hub, log(run()))
    assert ran.code == 0
    assert "not uploaded: refs/pull/7/merge comes from a fork" in ran.err
    assert hub.uploads == {}


@pytest.mark.parametrize("invocations", [PARTIAL, [{"executionSuccessful": False}]])
def test_a_run_that_fell_short_is_not_uploaded(invocations: list[dict[str, Any]]) -> None:
    with github(None) as hub:
        ran = upload(hub, log(run(result(), invocations=invocations)))
    assert ran.code == 5
    assert "GitHub would take what it lacks for fixed" in ran.err
    assert hub.seen == []


def test_allow_partial_says_again_what_was_known(tmp_path: Path) -> None:
    known = written(tmp_path / "last.sarif", log(run(result("a"), result("b"))))
    with github(None) as hub:
        ran = upload(hub, log(run(result("a"), invocations=PARTIAL)), "--allow-partial", "--known", known)
    assert ran.code == 0
    assert "1 results of" in ran.err
    (taken,) = hub.uploads.values()
    assert [row["ruleId"] for row in taken.sarif["runs"][0]["results"]] == ["a", "b"]


def test_a_failed_run_is_not_uploaded_whatever_is_allowed(tmp_path: Path) -> None:
    known = written(tmp_path / "last.sarif", log(run(result("a"))))
    with github(None) as hub:
        ran = upload(hub, log(run(invocations=[{"executionSuccessful": False}])), "--allow-partial", "--known", known)
    assert (ran.code, hub.seen) == (5, [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--allow-partial"], "--allow-partial needs --known"),
        (["--ref", "refs/heads/x"], "--ref and --sha go together"),
        (["--repository", "acme"], "OWNER/NAME"),
        (["--checkout-uri", "/home/me"], "is no URI"),
        (["--timeout", "0"], "--timeout"),
        (["--api-url", "http://github.example.com"], "in the clear"),
    ],
)
def test_a_usage_error_is_2_and_sends_nothing(arguments: list[str], said: str) -> None:
    with github(None) as hub:
        ran = upload(hub, log(run()), *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert hub.seen == []


@pytest.mark.parametrize("token", ["", "two\nlines", "two words", "é"])
def test_a_token_that_is_none_is_2(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", token)
    with github(None) as hub:
        ran = upload(hub, log(run()))
    assert (ran.code, hub.seen) == (2, [])
    assert "GITHUB_TOKEN" in ran.err


def test_no_file_is_2_and_no_sarif_is_2() -> None:
    assert gonogo("upload", "none.sarif").code == 2
    Path("x.sarif").write_text("{}")
    ran = gonogo("upload", "x.sarif")
    assert ran.code == 2
    assert "no SARIF 2.1.0" in ran.err


def test_the_token_is_never_shown_and_github_cannot_forge_our_lines() -> None:
    fault = Fault(400, f"you sent {TOKEN}\n::error::forged\x1b[2J")
    with github(None, fault) as hub:
        ran = upload(hub, log(run()))
    assert TOKEN not in ran.err + ran.out
    assert "[redacted]" in ran.err
    assert "\x1b" not in ran.err
    assert not any(line.startswith("::") for line in ran.err.splitlines())


def test_a_hostile_file_name_or_text_forges_nothing() -> None:
    with github(None) as hub:
        ran = upload(hub, log(run(result(uri="x\n::error::y z", message={"text": "\x1b]0;owned\x07\n::stop::"}))))
    assert ran.code == 5
    assert "\x1b" not in ran.err
    assert not any(line.startswith("::") for line in ran.err.splitlines())


def test_the_real_document_is_sent_whole() -> None:
    document = log(run(*[result(f"r{n}", uri=f"d/{n}.tf") for n in range(2000)]))
    with github(None) as hub:
        ran = upload(hub, document, "--no-wait")
    assert ran.code == 0
    assert "not waited for" in ran.err
    assert next(iter(hub.uploads.values())).sarif == json.loads(json.dumps(document))
