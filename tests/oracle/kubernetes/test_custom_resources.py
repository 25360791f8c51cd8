"""What is known of custom resources, against the CustomResourceDefinitions of their projects.

`GONOGO_CRDS` names a directory with them, anywhere below it; they are no part of the project. Rows are open: what they say must hold, not more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from gonogo.data import data_directory
from gonogo.sources.manifests.schema import DIRECTORY, definition, table

CRDS = os.environ.get("GONOGO_CRDS", "")


def _definitions() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Group, `v1/Kind` and schema of each version of each definition."""
    for path in sorted(Path(CRDS).rglob("*.y*ml")):
        text = path.read_text("utf-8", errors="replace")
        if "kind: CustomResourceDefinition" not in text or "{{" in text:
            continue
        for document in yaml.load_all(text, yaml.CBaseLoader):
            if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition" and document.get("spec"):
                for version in document["spec"].get("versions") or ():
                    name = f"{version['name']}/{document['spec']['names']['kind']}"
                    yield document["spec"]["group"], name, version.get("schema", {}).get("openAPIV3Schema", {})


def _differences(type_: str, group: str, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    if type_.startswith("["):
        yield from _differences(type_[1:-1], group, schema.get("items", {}), f"{path}[]") if schema.get("type") == "array" else (path,)
    elif type_.startswith("{"):
        yield from _differences(type_[1:-1], group, schema.get("additionalProperties", {}), f"{path}{{}}")
    elif type_ == "int-or-string":
        yield from () if schema.get("x-kubernetes-int-or-string") else (path,)
    elif "." in type_:
        for field, inner in definition(type_, group)[0].fields.items() if not type_.startswith("meta/") else ():
            if field not in schema.get("properties", {}):
                yield f"{path}.{field}"
            else:
                yield from _differences(inner, group, schema["properties"][field], f"{path}.{field}")
    elif schema.get("type") != type_:
        yield path


@pytest.mark.skipif(not CRDS, reason="GONOGO_CRDS names no directory of CustomResourceDefinitions")
def test_what_is_known_is_what_the_definitions_say() -> None:
    compared: set[str] = set()
    wrong: set[str] = set()
    for group, name, schema in _definitions():
        known = table(group)
        if known is None or name not in known.kinds or not schema.get("properties"):
            continue
        compared.add(f"{group}/{name}")
        wrong |= {f"{group}/{name}: {path}" for path in _differences(known.kinds[name], group, schema, "")}
    assert sorted(wrong) == []
    assert len(compared) >= 10, sorted(compared)


def test_a_row_of_a_custom_resource_is_open() -> None:
    for path in (data_directory("rules") / DIRECTORY).glob("*.json"):
        read = json.loads(path.read_text("utf-8"))
        assert read["release"].startswith("Kubernetes ") != all(row.get("open", False) for row in read["definitions"].values()), path.name
