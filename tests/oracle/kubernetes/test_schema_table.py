"""The tables of `rules/kubernetes/schema` against what they are made of, and against the models of Kubernetes' own client."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gonogo.sources.manifests.schema import table
from oracle.kubernetes.schema_table import TABLES, published, tables

pytest.importorskip("kubernetes_validate")


def test_the_tables_are_what_the_openapi_says() -> None:
    made = tables(published())
    assert {path.name: path.read_text("utf-8") for path in TABLES.glob("*.json") if path.name in made} == made
    assert sum(len(text) for text in made.values()) < 400_000


def test_every_field_of_the_client_is_known() -> None:
    """An independent reading of the same API: the generated models of the client `kubernetes`."""
    models: Any = pytest.importorskip("kubernetes.client.models")
    compared = 0
    for group, prefix in (("core", "V1"), ("apps", "V1"), ("batch", "V1"), ("networking.k8s.io", "V1"), ("rbac.authorization.k8s.io", "V1")):
        known = table(group)
        assert known is not None
        for name, definition in known.definitions.items():
            model = getattr(models, f"{prefix}{name.partition('.')[2]}", None)
            if not name.startswith("v1.") or model is None:
                continue
            compared += 1
            # `_from` and `_continue` are the client's names in Python; the attribute map has those of the API.
            assert set(model.attribute_map.values()) <= {*definition.fields, "status"}, name
    assert compared >= 150


def test_every_reference_leads_to_a_definition() -> None:
    found = {path.name.removesuffix(".json"): json.loads(path.read_text("utf-8")) for path in TABLES.glob("*.json")}
    for group, read in found.items():
        named = [*read["kinds"].values(), *(type_ for row in read["definitions"].values() for type_ in row["fields"].values())]
        for type_ in named:
            bare = type_.strip("[]{}")
            if "." in bare:
                other, _, name = bare.rpartition("/")
                assert name in found[other or group]["definitions"], f"{group}: {type_}"
