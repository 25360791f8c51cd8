"""The ClusterRoles that every cluster has: `rules/kubernetes/cluster-roles.yaml`."""

from __future__ import annotations

from typing import Any

from gonogo.cluster.rbac import EVERYWHERE, Role
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml

FILE = "cluster-roles.yaml"


def built_in_roles() -> tuple[Role, ...]:
    """The roles; the tests hold the table against its schema."""
    read = read_yaml(FILE, (data_directory("rules") / "kubernetes" / FILE).read_text("utf-8"))
    value: Any = read.documents[0].value
    return tuple(Role(EVERYWHERE, row["name"], row.get("rules", ()), row.get("labels"), row.get("aggregates")) for row in value["roles"])
