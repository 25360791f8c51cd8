"""GitHub's OpenAPI description (npm `@octokit/openapi`), brought here once and cut down to code scanning."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

PACKAGE = "@octokit/openapi@23.0.2"
FILES = {"github": "api.github.com.deref.json", "ghes": "ghes-3.19.deref.json"}
_SARIFS = "/code-scanning/sarifs"


@dataclass(frozen=True)
class Description:
    """The paths of the uploads, as GitHub describes them."""

    paths: dict[str, Any]

    @cached_property
    def post(self) -> dict[str, Any]:
        return self._operation(f"{_SARIFS}", "post")

    @cached_property
    def get(self) -> dict[str, Any]:
        return self._operation(f"{_SARIFS}/{{sarif_id}}", "get")

    def _operation(self, end: str, method: str) -> dict[str, Any]:
        (found,) = [methods[method] for path, methods in self.paths.items() if path.endswith(end)]
        operation: dict[str, Any] = found
        return operation

    def wrong_request(self, document: object) -> list[str]:
        """What GitHub would say of the body of an upload; empty where it is as described."""
        return _wrong(self.post["requestBody"]["content"]["application/json"]["schema"], document)

    def wrong_answer(self, method: str, status: int, document: object) -> list[str]:
        """What is not as described in an answer of the loopback itself; a status that is not described has no form."""
        answers = (self.post if method == "POST" else self.get)["responses"]
        content = answers.get(str(status), {}).get("content", {})
        return _wrong(content["application/json"]["schema"], document) if "application/json" in content else []

    def describes(self, method: str, status: int) -> bool:
        return str(status) in (self.post if method == "POST" else self.get)["responses"]


def _wrong(schema: dict[str, Any], document: object) -> list[str]:
    validator = Draft4Validator(_nullable(schema), format_checker=FormatChecker())
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(document)]


def _nullable(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` in words of JSON schema."""
    if isinstance(schema, list):
        return [_nullable(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _nullable(value) for key, value in schema.items() if key not in ("nullable", "example", "examples")}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


def described(config: pytest.Config, which: str = "github") -> Description | None:
    """The description; None where npm is not there or brings nothing."""
    cache = getattr(config, "cache", None)  # pytest may run without one
    kept = cache.mkdir("octokit-openapi") if cache else None
    if kept is None:
        return None
    if not (kept / FILES[which]).exists() and not _bring(kept):
        return None
    return Description(json.loads((kept / FILES[which]).read_text("utf-8")))


def _bring(kept: Path) -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    try:
        done = subprocess.run([npm, "pack", PACKAGE, "--silent"], cwd=kept, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return False
    archives = list(kept.glob("*.tgz"))
    if done.returncode != 0 or not archives:
        return False
    with tarfile.open(archives[0]) as archive:
        for name, paths in _cut(archive):
            (kept / name).write_text(json.dumps(paths), "utf-8")
    archives[0].unlink()
    return True


def _cut(archive: tarfile.TarFile) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in FILES.values():
        opened = archive.extractfile(f"package/generated/{name}")
        assert opened is not None
        document = json.load(opened)
        yield name, {path: methods for path, methods in document["paths"].items() if _SARIFS in path}
