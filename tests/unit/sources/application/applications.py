"""Applications written to a directory and read as a scan reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from gonogo.model.resource import Gap, Resource
from gonogo.model.value import Value
from gonogo.sources.tree import open_tree

IMAGE = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\nCMD [\"node\", \"server.js\"]\n"
GO_IMAGE = "FROM golang:1.24 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app ./cmd/server\nFROM scratch\nCOPY --from=build /app /app\nENTRYPOINT [\"/app\"]\n"


def found(root: Path, files: Mapping[str, str]) -> Sequence[Resource | Gap]:
    """What is read of an application of these files."""
    for module in ("tree_sitter_javascript", "tree_sitter_typescript", "tree_sitter_go"):
        pytest.importorskip(module)
    from gonogo.sources.application import ApplicationSource

    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(ApplicationSource().read(open_tree(root, standalone=True)))


def of_kind(root: Path, kind: str, files: Mapping[str, str]) -> list[Mapping[str, Value]]:
    """The attributes of the resources of one kind."""
    return [r.attributes for r in found(root, files) if isinstance(r, Resource) and r.kind == kind]


def python(source: str, *dependencies: str, **more: str) -> dict[str, str]:
    """The files of a Python application whose module `main` uvicorn serves."""
    image = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["uvicorn", "main:app"]\n'
    return {"requirements.txt": "\n".join((*dependencies, "uvicorn")), "Dockerfile": image, "main.py": source, **more}


def node(source: str, *dependencies: str, **more: str) -> dict[str, str]:
    """The files of a Node application whose server is `source`."""
    manifest = '{"name": "shop", "dependencies": {' + ", ".join(f'"{name}": "1"' for name in dependencies) + "}}"
    return {"package.json": manifest, "Dockerfile": IMAGE, "server.js": source, **more}


def go(source: str, *requirements: str, **more: str) -> dict[str, str]:
    """The files of a Go application whose `cmd/server` is `source`."""
    mod = "module example.com/shop\n\ngo 1.24\n\nrequire (\n" + "".join(f"\t{name} v1.0.0\n" for name in requirements) + ")\n"
    return {"go.mod": mod, "Dockerfile": GO_IMAGE, "cmd/server/main.go": source, **more}
