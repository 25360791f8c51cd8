"""What hooks before a commit check."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.sources.ci.follow import Follower
from gonogo.sources.ci.tools import toolbox
from gonogo.sources.code_tools import Checks, code_tools
from gonogo.sources.quality.hooks import Hooks
from gonogo.sources.tree import open_tree


def checks(root: Path, files: dict[str, str]) -> Checks:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    tree = open_tree(root, standalone=True)
    return Hooks(tree, Follower(tree, toolbox()), code_tools()).checks()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff}, {id: ruff-format}, {id: mypy}]}]\n"}, {("lint", "ruff"), ("format", "ruff"), ("type-check", "mypy")}),
        ({".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: x, entry: uv run black, language: system}]}]\n"}, {("format", "black")}),
        ({".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: ruff, entry: echo ruff, language: system}]}]\n"}, set()),
        ({".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ruff, args: [--exit-zero]}]}]\n"}, set()),
        ({".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: mypy, stages: [manual]}]}]\n"}, set()),
        ({"lefthook.yml": "pre-commit: {commands: {lint: {run: 'npx eslint {staged_files}'}}}\n"}, {("lint", "eslint")}),
        ({"lefthook.yml": "pre-commit: {skip: true, commands: {lint: {run: npx eslint .}}}\n"}, set()),
        ({".husky/pre-commit": "npx tsc --noEmit || true\nnpx eslint .\n"}, {("lint", "eslint")}),
        ({".husky/pre-commit": "npx lint-staged\n", "package.json": '{"lint-staged": {"*.ts": ["prettier --write", "eslint"]}}'}, {("format", "prettier"), ("lint", "eslint")}),
        ({"package.json": '{"lint-staged": {"*.ts": "eslint"}}'}, set()),
        ({"package.json": '{"simple-git-hooks": {"pre-commit": "npx biome check ."}}'}, {("lint", "biome"), ("format", "biome")}),
    ],
)
def test_hooks_check_what_they_run(files: dict[str, str], expected: set[tuple[str, str]], tmp_path: Path) -> None:
    found = checks(tmp_path, files)
    assert found.sure == expected
    assert not found.maybe


@pytest.mark.parametrize(
    "files",
    [
        {".pre-commit-config.yaml": "repos: [\n"},
        {"package.json": "{"},
        {".husky/pre-commit": "npx lint-staged\n", "lint-staged.config.js": "module.exports = {}\n"},
    ],
)
def test_what_cannot_be_read_may_check_anything(files: dict[str, str], tmp_path: Path) -> None:
    assert checks(tmp_path, files).maybe
