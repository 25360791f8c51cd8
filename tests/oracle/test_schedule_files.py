"""What `gonogo schedule` writes, read by the tools of each platform."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.periodic.cron import Cron, read_cron
from gonogo.schedule.errors import ScheduleError
from gonogo.schedule.times import read_times
from scheduling import CASES, TERRAFORM, manifests, write

GITHUB = [case for case in CASES if case.startswith("github")]
GITLAB = [case for case in CASES if case.startswith("gitlab")]
KUBERNETES = [case for case in CASES if case.startswith("kubernetes")]
SYSTEMD = [case for case in CASES if case.startswith("systemd")]
WORKFLOW = ".github/workflows/gonogo-audit.yml"


def tool(name: str) -> str:
    """A program of this Python's environment, or of the machine; skips where there is none."""
    found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def output(*command: str | Path, cwd: Path | None = None) -> str:
    """What a program prints; it must succeed."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return done.stdout + done.stderr


@pytest.mark.parametrize("schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"])
@pytest.mark.parametrize("case", GITHUB)
def test_the_workflow_has_the_shape_of_one(case: str, schema: str, tmp_path: Path) -> None:
    output(tool("check-jsonschema"), "--builtin-schema", schema, write(case, tmp_path) / WORKFLOW)


@pytest.mark.parametrize("case", GITHUB)
def test_zizmor_finds_nothing_in_its_strictest_mood(case: str, tmp_path: Path) -> None:
    said = output(tool("zizmor"), "--offline", "--persona=auditor", "--collect=all", write(case, tmp_path))
    assert "No findings to report" in said


@pytest.mark.parametrize("case", GITHUB)
def test_actionlint_finds_nothing(case: str, tmp_path: Path) -> None:
    output(tool("actionlint"), "-no-color", write(case, tmp_path) / WORKFLOW)


@pytest.mark.parametrize("case", GITHUB)
def test_every_action_is_pinned_to_a_commit_with_its_version(case: str, tmp_path: Path) -> None:
    lines = [line for line in (write(case, tmp_path) / WORKFLOW).read_text().splitlines() if "uses:" in line]
    assert len(lines) >= 4
    for line in lines:
        assert re.fullmatch(r" +uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


@pytest.mark.parametrize("case", GITLAB)
def test_gitlab_takes_the_job(case: str, tmp_path: Path) -> None:
    path = write(case, tmp_path) / ".gitlab/gonogo-audit.gitlab-ci.yml"
    output(tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", path)


@pytest.mark.parametrize("case", GITLAB)
def test_google_takes_the_credentials_and_finds_the_token(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity_pool = pytest.importorskip("google.auth.identity_pool", reason="the gcp extra is not installed")
    monkeypatch.chdir(write(case, tmp_path))
    Path(".gonogo-token").write_text("the token of the job")
    credentials = identity_pool.Credentials.from_file(".gitlab/gonogo-credentials.json")
    assert credentials.retrieve_subject_token(None) == "the token of the job"
    assert credentials.service_account_email.startswith("gonogo-auditor@")


@pytest.mark.parametrize("case", TERRAFORM)
def test_terraform_would_write_it_the_same(case: str, tmp_path: Path) -> None:
    root = write(case, tmp_path) / "terraform"
    output(tool("terraform"), "fmt", "-check", "-diff", "-recursive", root)


@pytest.mark.parametrize("case", KUBERNETES)
def test_kubernetes_knows_every_field(case: str, tmp_path: Path) -> None:
    said = output(tool("kubernetes-validate"), "--strict", write(case, tmp_path) / "kubernetes/gonogo-audit.yaml")
    assert said.count("passed for resource") == len(manifests(tmp_path))


@pytest.mark.parametrize("case", KUBERNETES)
def test_kubectl_gives_back_what_it_was_given(case: str, tmp_path: Path) -> None:
    """It decodes into its own types, which drops what they lack. `--local` asks no cluster, `create --dry-run=client` does."""
    path = write(case, tmp_path) / "kubernetes/gonogo-audit.yaml"
    written = manifests(tmp_path)
    for kind in written:
        name = written[kind]["metadata"]["name"]
        (tmp_path / "one.yaml").write_text(yaml.safe_dump(written[kind]))
        said = output(tool("kubectl"), "label", "--local", "--overwrite", "-f", tmp_path / "one.yaml", "app.kubernetes.io/name=gonogo-audit", "-o", "yaml")
        assert without_nothing(yaml.safe_load(said)) == without_nothing(written[kind]), name
    assert path.is_file()


def without_nothing(value: object) -> object:
    """Without what Go writes for what is not set: `status: {}`, `creationTimestamp: null`."""
    if isinstance(value, dict):
        inner = {key: without_nothing(entry) for key, entry in value.items()}
        return {key: entry for key, entry in inner.items() if entry not in (None, {}, [])}
    return [without_nothing(entry) for entry in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", SYSTEMD)
def test_systemd_takes_the_units_and_finds_them_locked_down(case: str, tmp_path: Path) -> None:
    units = write(case, tmp_path, "--command", tool("true")) / "systemd"
    said = output(tool("systemd-analyze"), "verify", units / "gonogo-audit.service", units / "gonogo-audit.timer")
    assert "gonogo-audit" not in said
    exposure = output(tool("systemd-analyze"), "security", "--offline=true", "--threshold=20", units / "gonogo-audit.service")
    assert "OK" in exposure.splitlines()[-1]


def minutes(cron: Cron, start: datetime, count: int) -> list[datetime]:
    """The next `count` times after `start`, by the sets; at most four years on."""
    found: list[datetime] = []
    day = start.replace(hour=0, minute=0)
    while len(found) < count and day < start + timedelta(days=4 * 366):
        if day.month in cron.months and day.day in cron.days and day.isoweekday() % 7 in cron.weekdays:
            found += [at for hour in cron.hours for minute in cron.minutes if (at := day.replace(hour=hour, minute=minute)) > start]
        day += timedelta(days=1)
    return found[:count]


def field(low: int, high: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    number = st.integers(low, high).map(str)
    one = number | st.sampled_from(names) if names else number
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda ends: f"{min(ends)}-{max(ends)}")
    step = st.tuples(st.just("*") | span, st.integers(1, high)).map(lambda parts: f"{parts[0]}/{parts[1]}")
    return st.just("*") | st.lists(one | span | step, min_size=1, max_size=3).map(",".join)


TIMES = st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12, ("jan", "DEC")), field(0, 6, ("SUN", "tue"))).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(TIMES)
def test_croniter_reads_the_same_times(written: str) -> None:
    croniter = pytest.importorskip("croniter", reason="croniter reads times as cron does")
    try:
        times = read_times(written)
    except ScheduleError:
        return
    start = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
    expected = minutes(read_cron(written), start, 12)
    read = croniter.croniter(times.cron, start)
    assert [read.get_next(datetime) for _ in expected] == expected


@pytest.mark.parametrize("written", ["17 */6 * * *", "0 3 * * MON-FRI", "5 4 1 2,8 *", "0-59/20 1,13 * * 7"])
def test_systemd_reads_the_same_times(written: str) -> None:
    start = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
    said = output(tool("systemd-analyze"), "calendar", "--iterations=6", f"--base-time={start:%Y-%m-%d %H:%M:%S} UTC", read_times(written).calendar)
    found = re.findall(r"(?:Next elapse|Iter\. #\d): \w+ (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC", said)
    assert found == [f"{time:%Y-%m-%d %H:%M:%S}" for time in minutes(read_cron(written), start, 6)]
