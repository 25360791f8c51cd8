"""What the tools themselves write for a run of known outcome. Each test skips where its tool is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import pytest

from gonogo.model.evidence import EvidenceRequest
from gonogo.model.resource import Resource
from gonogo.sources.artefacts import ArtefactSource
from gonogo.sources.tree import open_tree


class Answers(BaseHTTPRequestHandler):
    """200, and 500 for `/bad`."""

    def do_GET(self) -> None:
        self.send_response(500 if self.path == "/bad" else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test says what it asked."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def run(*command: str, cwd: Path, code: int = 0) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def read(root: Path, *given: tuple[str, str]) -> dict[str, Resource]:
    rows = list(ArtefactSource(EvidenceRequest(datetime.now(UTC), given=given)).read(open_tree(root)))
    assert all(isinstance(row, Resource) for row in rows), rows
    return {row.name: row for row in rows if isinstance(row, Resource)}


def project(root: Path) -> None:
    files = {
        "app/__init__.py": "",
        "app/calc.py": "def add(a: int, b: int) -> int:\n    if a > 100:\n        return 0\n    return a + b\n",
        "tests/e2e/test_add.py": "from app.calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
        "tests/unit/test_bad.py": "import pytest\n\n\ndef test_bad():\n    assert 0\n\n\n@pytest.mark.skip\ndef test_later():\n    pass\n\n\n@pytest.mark.xfail\ndef test_known():\n    assert 0\n\n\n@pytest.fixture\ndef broken():\n    raise OSError\n\n\ndef test_error(broken):\n    pass\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_junit_of_pytest(tmp_path: Path) -> None:
    project(tmp_path)
    run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir=.", "--junitxml=junit.xml", "tests", cwd=tmp_path, code=1)
    found = read(tmp_path)
    names = ("tests", "passed", "failures", "errors", "skipped", "expectedFailures", "fresh")
    assert [found["junit.xml"].attributes[name] for name in names] == [5, 1, 1, 1, 1, 1, True]
    assert [found["junit.xml (e2e)"].attributes[name] for name in names] == [1, 1, 0, 0, 0, 0, True]
    assert [found["junit.xml (unit)"].attributes[name] for name in names] == [4, 0, 1, 1, 1, 1, True]


def test_a_collection_error_of_pytest_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("import nothing_of_that_name\n")
    run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir=.", "--junitxml=junit.xml", cwd=tmp_path, code=2)
    assert read(tmp_path)["junit.xml"].attributes["errors"] == 1


def test_all_that_coverage_writes_agrees_with_it(tmp_path: Path) -> None:
    if find_spec("coverage") is None:
        pytest.skip("coverage is not installed")
    project(tmp_path)
    coverage = (sys.executable, "-m", "coverage")
    run(*coverage, "run", "--branch", "--source=app", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/e2e", cwd=tmp_path)
    for report in ("xml", "json", "lcov"):
        run(*coverage, report, "-q", cwd=tmp_path)
    found = read(tmp_path)
    assert sorted(found) == ["coverage.json", "coverage.lcov", "coverage.xml"]
    for resource in found.values():
        names = ("lines", "covered", "lineRate", "branchRate", "omitted", "fresh")
        assert [resource.attributes[name] for name in names] == [4, 3, 75.0, 50.0, [], True], resource.name


def test_what_coverage_leaves_out_is_seen(tmp_path: Path) -> None:
    if find_spec("coverage") is None:
        pytest.skip("coverage is not installed")
    project(tmp_path)
    (tmp_path / "app/admin.py").write_text("x = 1\n")
    coverage = (sys.executable, "-m", "coverage")
    run(*coverage, "run", "--source=app", "--omit=app/admin.py", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/e2e", cwd=tmp_path)
    run(*coverage, "xml", "-q", cwd=tmp_path)
    assert read(tmp_path)["coverage.xml"].attributes["omitted"] == ["app/admin.py"]


@pytest.mark.parametrize(("path", "ratio"), [("/", 0.0), ("/bad", 1.0)])
def test_hey(tmp_path: Path, address: str, path: str, ratio: float) -> None:
    (tmp_path / "hey.txt").write_text(run(tool("hey"), "-n", "200", "-c", "4", address + path, cwd=tmp_path))
    found = read(tmp_path)["hey.txt"].attributes
    assert (found["requests"], found["failureRatio"], found["target"]) == (200, ratio, "")
    for value in (found[name] for name in ("p50", "p95", "p99", "duration")):
        assert isinstance(value, float) and value < 5


def test_hey_that_reaches_nobody(tmp_path: Path) -> None:
    (tmp_path / "hey.txt").write_text(run(tool("hey"), "-n", "4", "-c", "2", "http://127.0.0.1:9", cwd=tmp_path))
    found = read(tmp_path)["hey.txt"].attributes
    assert (found["requests"], found["failureRatio"], found["p95"]) == (4, 1.0, None)


@pytest.mark.parametrize(("path", "ratio"), [("/", 0.0), ("/bad", 1.0)])
def test_wrk(tmp_path: Path, address: str, path: str, ratio: float) -> None:
    (tmp_path / "wrk.txt").write_text(run(tool("wrk"), "-t1", "-c2", "-d1s", "--latency", address + path, cwd=tmp_path))
    found = read(tmp_path)["wrk.txt"].attributes
    assert (found["failureRatio"], found["environment"], found["target"], found["p95"]) == (ratio, "local", address, None)
    assert isinstance(found["p99"], float)


@pytest.mark.parametrize(("path", "ratio"), [("/health", 0.0), ("/bad", 1.0)])
def test_ab(tmp_path: Path, address: str, path: str, ratio: float) -> None:
    (tmp_path / "ab.txt").write_text(run(tool("ab"), "-q", "-n", "50", "-c", "2", address + path, cwd=tmp_path))
    found = read(tmp_path, ("load", str(tmp_path / "ab.txt")))["ab.txt"].attributes
    assert (found["requests"], found["failureRatio"], found["target"], found["scenarios"]) == (50, ratio, address, [path])
    assert (found["healthP95"] is None) == (path == "/bad")


def test_locust(tmp_path: Path, address: str) -> None:
    locust = tool("locust")
    (tmp_path / "locustfile.py").write_text(
        "from locust import HttpUser, constant, task\n\n\nclass User(HttpUser):\n    wait_time = constant(0.01)\n\n"
        "    @task\n    def health(self):\n        self.client.get('/health')\n\n    @task\n    def bad(self):\n        self.client.get('/bad')\n"
    )
    run(locust, "--headless", "-u", "2", "-r", "2", "-t", "3s", "--host", address, "--csv", "run", "--csv-full-history", cwd=tmp_path, code=1)
    found = read(tmp_path)["run_stats.csv"]
    assert found.attributes["scenarios"] == ["/bad", "/health"]
    ratio, place = found.attributes["failureRatio"], found.locate()
    assert isinstance(ratio, float) and 0.2 < ratio < 0.8
    assert (place.note if place is not None else None, found.attributes["fresh"]) == ("", True)
    assert isinstance(found.attributes["healthP95"], float)
