"""Files that are out to hang a reader: each is read, or refused, in seconds at nearly the size limit of a file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gonogo.sources.compose import ComposeSource
from gonogo.sources.dockerfile import DockerfileSource
from gonogo.sources.repository import RepositorySource
from gonogo.sources.tree import open_tree

SIZE = 1_000_000
SECONDS = 10.0

_HOSTILE = {
    "pom.xml": ["<!--", "<dependency>", "<dependency><groupId>a"],
    "renovate.json": ['"\\', "/*", "//", "'\\", "[", "{a:"],
    "requirements.txt": ["a ", "a[", "\n", "a[ "],
    "setup.py": ["'a[", "\n ", "'a=", " a "],
    "build.gradle": ["\n", "'a:b:", "'a:", "id "],
    "go.mod": ["\n", "require ", "a.b/c "],
    "package.json": ['{"dependencies":', "[", '"\\'],
    ".env.production": ["\n", "A", "PASSWORD", " "],
    ".env": ["A=$A$A\n", "A= ", "A='"],
    "nginx.conf": ["strict-transport-security\n", "strict-transport-security ", ".use(helmet(", "Talisman("],
    "key.pem": ["-----BEGIN PRIVATE KEY-----\nA: ", "A: ", "-----BEGIN PRIVATE KEY-----\n", "AKIA"],
    "Dockerfile": [
        "FROM a\n", "RUN <<A", "RUN a --", "COPY --a ", "USER {{", "ENV A=${A:-", "RUN \"\\\" <<", "\\\n", "ARG A=$A$A\n", "RUN (", "RUN $(", "<<", "HEALTHCHECK --a ",
        "# escape=`\n",
    ],
    "build.sh": ["docker build ", "docker ", "${{", "$(", "docker build -t ${{", "cd a;"],
    "compose.yaml": ["services: ", "- ", "{", "${", "services: {a: {image: '${A:-"],
    "rules.yml": ["groups: ", "alert: expr: groups: ", "- "],
    ".gitignore": ["*a", "**/", "[", "!"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "piece"), [(name, piece) for name, pieces in _HOSTILE.items() for piece in pieces])
def test_no_file_hangs_its_reader(tmp_path: Path, name: str, piece: str) -> None:
    start = "FROM a AS b\n" if name == "Dockerfile" and piece != "# escape=`\n" else ""
    (tmp_path / name).write_text(start + piece * (SIZE // len(piece)))
    if name == ".env":
        (tmp_path / "compose.yaml").write_text("services: {a: {image: $A}}\n")
    if name == "build.sh":
        (tmp_path / "Dockerfile").write_text("FROM a\n")
    tree = open_tree(tmp_path, standalone=True)
    before = time.process_time()
    found = [result for source in (DockerfileSource(), ComposeSource(), RepositorySource()) for result in source.read(tree)]
    assert time.process_time() - before < SECONDS
    assert found != []
