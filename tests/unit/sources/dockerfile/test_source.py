from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.kinds.docker import BUILD_CONTEXT, DOCKERFILE
from gonogo.model.resource import Gap, Resource
from gonogo.sources.dockerfile import DockerfileSource
from gonogo.sources.dockerfile.instructions import DockerfileError, read_instructions
from gonogo.sources.dockerfile.stages import read_stages
from gonogo.sources.tree import open_tree

_PIECES = st.sampled_from(
    ["FROM a AS b\n", "FROM b\n", "RUN ", "<<EOF\n", "EOF\n", "\\\n", "USER $U\n", "ARG U=${U:-$U}\n", "COPY --from=0 ", '["a",', "a b\n", "# c\n",
     "ENV A ", "A=$A$A\n", "ONBUILD ", "HEALTHCHECK NONE\n", "`", "'", '"', "$(", "${A:+", "}", "\x00", "\u2028", "--mount=type=bind,from=b,", "# escape=`\n"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=30))
def test_any_text_is_read_or_refused(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        stages = read_stages("Dockerfile", read_instructions(text))
    except DockerfileError as refused:
        assert 0 < refused.line <= text.count("\n") + 1
        return
    assert set(stages.attributes) == {"file", "stages", "final", "takes", "buildsApplication"}


def read(root: Path, files: dict[str, bytes]) -> tuple[list[Resource], list[Gap]]:
    for path, raw in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(raw)
    found = list(DockerfileSource().read(open_tree(root, standalone=True)))
    return [f for f in found if isinstance(f, Resource)], [f for f in found if isinstance(f, Gap)]


def test_what_cannot_be_read_is_a_gap_that_touches_the_kinds(tmp_path: Path) -> None:
    resources, gaps = read(tmp_path, {"a/Dockerfile": b"\xff\xfe\x00", "b/Dockerfile": b"hello\n", "c/Dockerfile": b"FROM a:1\nRUN <<E\n"})
    assert resources == []
    assert [(gap.file, gap.line) for gap in gaps] == [("a/Dockerfile", 0), ("b/Dockerfile", 1), ("c/Dockerfile", 2)]
    assert all(gap.touches(DOCKERFILE) and gap.touches(BUILD_CONTEXT) for gap in gaps)


def test_a_dockerfile_for_development_is_named_and_not_judged(tmp_path: Path) -> None:
    files = ("Dockerfile.dev", "test.Dockerfile", ".devcontainer/Dockerfile", "api/Dockerfile-debug.Dockerfile", "ui-tests/Dockerfile")
    resources, gaps = read(tmp_path, dict.fromkeys(files, b"FROM a\n"))
    assert resources == []
    assert sorted(gap.file for gap in gaps) == sorted(files)
    assert all(gap.kinds == () for gap in gaps)


def test_the_context_is_where_the_sources_are(tmp_path: Path) -> None:
    resources, _ = read(
        tmp_path,
        {
            "docker/Dockerfile": b"FROM a:1\nCOPY . /app\n",
            "build/api/Dockerfile": b"FROM a:1\nCOPY cmd/api go.mod ./\n",
            "cmd/api/main.go": b"",
            "go.mod": b"",
            "web/Dockerfile": b"FROM a:1\nCOPY package*.json ./\n",
            "web/package.json": b"{}",
        },
    )
    contexts = {r.attributes["dockerfile"]: r.attributes["directory"] for r in resources if r.kind == BUILD_CONTEXT}
    assert contexts == {"docker/Dockerfile": ".", "build/api/Dockerfile": ".", "web/Dockerfile": "web"}
