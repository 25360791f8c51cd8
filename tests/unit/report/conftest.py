"""The schemas and readers of others that reports are held to."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

_XSD = "testing/example_scripts/junit-10.xsd"


@pytest.fixture(scope="session")
def junit_xsd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schema of Jenkins' xUnit plugin, which the sdist of pytest carries; fetched once and kept in pytest's cache."""
    cache = request.config.cache
    directory = cache.mkdir("junit-xsd") if cache is not None else tmp_path_factory.mktemp("junit-xsd")
    found = directory / "junit-10.xsd"
    if not found.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "pytest", "--dest", str(directory)]
        fetched = subprocess.run([*command, f"pytest=={pytest.__version__}"], capture_output=True, check=False)
        sdist = next(directory.glob("pytest-*.tar.gz"), None)
        if fetched.returncode or sdist is None:
            pytest.skip("the sdist of pytest, which carries the schema, cannot be fetched")
        with tarfile.open(sdist) as archive:
            member = archive.extractfile(next(m for m in archive.getmembers() if m.name.endswith(_XSD)))
            assert member is not None
            found.write_bytes(member.read())
        sdist.unlink()
    return found
