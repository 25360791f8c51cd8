"""Plans and states in the JSON that Terraform writes, put together for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]


def change(address: str, after: Json | None, unknown: Json | None = None, sensitive: Json | None = None, actions: Sequence[str] = ("create",), **more: Any) -> Json:
    """An entry of `resource_changes`."""
    plain = address.rpartition("module.")[2].partition(".")[2] if address.startswith("module.") else address
    mode = "data" if plain.startswith("data.") else "managed"
    kind, _, name = plain.removeprefix("data.").partition(".")
    return {
        "address": address,
        "mode": mode,
        "type": kind,
        "name": name.partition("[")[0],
        "provider_name": "registry.terraform.io/hashicorp/google",
        "change": {
            "actions": list(actions),
            "before": None,
            "after": after,
            "after_unknown": {} if unknown is None else unknown,
            "before_sensitive": False,
            "after_sensitive": {} if sensitive is None else sensitive,
        },
        **more,
    }


def configured(address: str, expressions: Json | None = None, **more: Any) -> Json:
    """A resource of a module's configuration."""
    kind, _, name = address.removeprefix("data.").partition(".")
    mode = "data" if address.startswith("data.") else "managed"
    return {"address": address, "mode": mode, "type": kind, "name": name, "provider_config_key": "google", "expressions": expressions or {}, **more}


def refers(*names: str) -> Json:
    return {"references": [part for name in names for part in (name, name.rpartition(".")[0])]}


def constant(value: Any) -> Json:
    return {"constant_value": value}


def plan(changes: Sequence[Json], resources: Sequence[Json] = (), calls: Mapping[str, Json] | None = None, **more: Any) -> bytes:
    """A plan whose configuration has these resources and module calls in its root."""
    document: Json = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        "configuration": {"root_module": {"resources": list(resources), "module_calls": dict(calls or {})}},
        "complete": True,
        "errored": False,
        **more,
    }
    return json.dumps(document).encode()


def state(*instances: tuple[str, Json], **more: Any) -> bytes:
    """A state of version 4 with one instance per address."""
    resources = []
    for address, attributes in instances:
        module, _, rest = address.rpartition(".google_")
        kind, _, name = (f"google_{rest}" if module else address).partition(".")
        resources.append({"module": module, "mode": "managed", "type": kind, "name": name, "instances": [{"attributes": attributes}]})
        if not module:
            del resources[-1]["module"]
    return json.dumps({"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "x", "outputs": {}, "resources": resources, **more}).encode()
