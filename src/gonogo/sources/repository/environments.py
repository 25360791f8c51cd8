"""Configuration that exists once for each environment: directories, var files, values files, overlays, env files."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator

from gonogo.kinds.repository import ENVIRONMENT
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import Value
from gonogo.sources.classify import Format
from gonogo.sources.repository.configuration import configured
from gonogo.sources.tree import Tree, TreeFile, Unreadable

_NAMES = {
    "production": "prod production prd live",
    "staging": "staging stage stg preprod pre-prod preproduction uat qa acceptance",
    "development": "dev develop development",
    "test": "test testing tst int integration sandbox",
}
_ENVIRONMENT = {word: name for name, words in _NAMES.items() for word in words.split()}
# Words that mean something else as often (`live/` of terragrunt, `testing/`): no name of a directory or a file by themselves.
_AMBIGUOUS = frozenset({"live", "testing", "tst", "int", "integration"})
_CLEAR = {word: name for word, name in _ENVIRONMENT.items() if word not in _AMBIGUOUS}
_IN_NAME = re.compile(r"(?i)(?:^|[._-])(" + "|".join(sorted(map(re.escape, _CLEAR), key=len, reverse=True)) + r")(?=[._-]|\Z)")
_FORMATS = frozenset(
    {
        Format.TERRAFORM, Format.TFVARS, Format.TERRAGRUNT, Format.KUSTOMIZATION, Format.KUBERNETES, Format.COMPOSE, Format.YAML, Format.JSON,
        Format.CLOUD_BUILD, Format.HELM_CHART,
    }
)  # fmt: skip
# Application configuration that no other reader knows (Spring, dotenv, TOML). Code is none: frameworks generate
# `environments/production.rb` for every application.
_OTHER = re.compile(r"(?i)\.(?:properties|toml|ini|cfg|hcl|pkrvars)\Z|(?:^|/)\.env[.\w-]*\Z|\.env\Z")
_NAMED_BY_FILE = frozenset({Format.TFVARS, Format.YAML, Format.JSON, Format.COMPOSE, Format.CLOUD_BUILD, Format.KUBERNETES, Format.OTHER})
_SUFFIX = re.compile(r"(?i)(?:\.auto)?\.(?:ya?ml|json|tfvars|tf|properties|toml|ini|cfg|hcl)\Z")
_LEFT_OUT = re.compile(r"(?:^|/)(?:\.github|node_modules|docs?)/|(?:^|/)(?:package|package-lock|tsconfig[\w.-]*|composer)\.json\Z")

Groups = dict[tuple[str, str], dict[str, dict[str, TreeFile]]]


def environment_of(word: str) -> str:
    """The environment a word names (`prd` -> production), `` where it names none."""
    return _ENVIRONMENT.get(word.lower(), "")


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """One `repo/Environment` for each environment of each group of alike configurations that has several, or production."""
    groups: Groups = defaultdict(lambda: defaultdict(dict))
    for path in sorted(tree.files):
        file = tree.files[path]
        known = file.format in _FORMATS or (file.format is Format.OTHER and _OTHER.search(path) is not None)
        if known and not _LEFT_OUT.search(path) and (file.in_scope or _is_test_environment(path)):
            _by_directory(file, groups)
            _by_name(file, groups)
    for (group, mechanism), environments in sorted(groups.items()):
        if len(environments) > 1 or "production" in environments:
            for name, files in sorted(environments.items()):
                yield _resource(tree, group, mechanism, name, list(files.values()))


def _is_test_environment(path: str) -> bool:
    """`environments/test/main.tf` is the test environment, not a test."""
    parts = path.split("/")[:-1]
    return "test" in parts and re.search(r"(?i)(?:^|/)(?:env|envs|environments?|overlays|stages|deploy|deployments?)/(?:[^/]+/)?test/", path) is not None


def _by_directory(file: TreeFile, groups: Groups) -> None:
    parts = file.directory.split("/")
    for at, part in enumerate(parts):
        match = _IN_NAME.search(part)
        if match is None or (match.start(1) != 0 and match.end(1) != len(part)):
            continue
        alike = part[: match.start(1)] + "*" + part[match.end(1) :]
        group = "/".join(parts[:at]) or "." if alike == "*" else "/".join([*parts[:at], alike])
        groups[group, "directory"][_CLEAR[match[1].lower()]][file.path] = file


def _by_name(file: TreeFile, groups: Groups) -> None:
    if file.format not in _NAMED_BY_FILE:
        return
    stem = _SUFFIX.sub("", file.name)
    match = _IN_NAME.search(stem)
    if match is not None:
        pattern = stem[: match.start(1)] + "*" + stem[match.end(1) :]
        groups[posixpath.join(file.directory, pattern), "file"][_CLEAR[match[1].lower()]][file.path] = file


def _resource(tree: Tree, group: str, mechanism: str, name: str, files: list[TreeFile]) -> Resource:
    digest = hashlib.sha256()
    for file in files:
        try:
            content = configured(tree, file)
            if content:
                digest.update(hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest())
        except Unreadable as error:
            digest.update(str(error).encode())
    attributes: dict[str, Value] = {
        "name": name, "mechanism": mechanism, "path": files[0].path, "group": group, "digest": digest.hexdigest()[:16],
    }  # fmt: skip
    return Resource(ENVIRONMENT, f"{name} ({group})", attributes, {(): Location(files[0].path, 1)}, source="repository")
