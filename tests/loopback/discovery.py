"""Google's discovery documents, as `google-api-python-client` carries them: which requests exist and what answers look like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# service -> the documents of the API versions it answers. Memorystore's is not carried by google-api-python-client: ours
# describes the one list that is read, after https://cloud.google.com/memorystore/docs/valkey/reference/rest.
DOCUMENTS: Mapping[str, tuple[str, ...]] = {
    "artifactregistry": ("artifactregistry.v1",),
    "certificatemanager": ("certificatemanager.v1",),
    "cloudresourcemanager": ("cloudresourcemanager.v1", "cloudresourcemanager.v3"),
    "compute": ("compute.v1",),
    "container": ("container.v1",),
    "iam": ("iam.v1",),
    "logging": ("logging.v2",),
    "memorystore": ("memorystore.v1",),
    "monitoring": ("monitoring.v1", "monitoring.v3"),
    "redis": ("redis.v1",),
    "run": ("run.v1", "run.v2"),
    "secretmanager": ("secretmanager.v1",),
    "serviceusage": ("serviceusage.v1",),
    "sqladmin": ("sqladmin.v1beta4",),
    "vpcaccess": ("vpcaccess.v1",),
}
_OWN = Path(__file__).resolve().parent / "documents"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
_COUNTS = {"int64", "uint64"}


@dataclass(frozen=True, slots=True)
class Method:
    """One method of an API. `pattern` matches its path, from the first slash."""

    id: str
    http: str
    pattern: re.Pattern[str]
    parameters: Mapping[str, Any]
    description: str
    request: str
    response: str

    @property
    def wildcard(self) -> bool:
        """Whether the document says that `-` stands for every location."""
        texts = (self.description, *(about.get("description", "") for about in self.parameters.values()))
        return any(re.search(r"""[`"']-[`"']""", text) and "cannot be" not in text for text in texts)


@dataclass(frozen=True, slots=True)
class Api:
    methods: tuple[Method, ...]
    schemas: Mapping[str, Any]
    parameters: Mapping[str, Any]

    def find(self, http: str, path: str) -> Method | None:
        return next((m for m in self.methods if m.http == http and m.pattern.fullmatch(path)), None)

    def wrong_query(self, method: Method, query: Mapping[str, str]) -> Iterator[str]:
        """What a real server would refuse of a query: names that the method has not, and values of another type."""
        for name, value in query.items():
            about = method.parameters.get(name) or self.parameters.get(name)
            if about is None and f"`{name}`" in method.description:
                continue  # Compute's documents recommend `returnPartialSuccess` and no longer list it
            if about is None or about.get("location") == "path":
                yield f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
            elif (
                about.get("type") == "integer"
                and not re.fullmatch(r"-?\d+", value)
                or about.get("type") == "boolean"
                and value.lower() not in ("true", "false")
                or "enum" in about
                and value not in about["enum"]
            ):
                yield f"Invalid value at '{name}': {value}"

    def errors(self, schema: str, value: object) -> list[str]:
        """What an answer has that its schema has not."""
        return list(self._wrong({"$ref": schema}, value, "")) if schema else []

    def _wrong(self, schema: Mapping[str, Any], value: object, at: str) -> Iterator[str]:
        if "$ref" in schema:
            yield from self._wrong(self.schemas[schema["$ref"]], value, at)
            return
        kind = schema.get("type", "any")
        if kind == "any":
            return
        if kind == "string" and schema.get("format") in _COUNTS and isinstance(value, int) and not isinstance(value, bool):
            yield f"{at}: an {schema['format']} is written as a string"
        if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield f"{at}: {value!r} is no {kind}"
        elif kind == "string" and "enum" in schema and value not in schema["enum"]:
            yield f"{at}: {value!r} is none of {schema['enum']}"
        elif kind == "array":
            assert isinstance(value, list)
            for number, member in enumerate(value):
                yield from self._wrong(schema["items"], member, f"{at}[{number}]")
        elif kind == "object":
            assert isinstance(value, dict)
            for key, member in value.items():
                inner = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
                if inner is None:
                    yield f"{at}.{key}: no such field"
                else:
                    yield from self._wrong(inner, member, f"{at}.{key}")


def list_field(api: Api, method: Method) -> str:
    """The key of an answer's list: its one array of resources (or, aggregated, the map of scopes); empty where it is no list."""
    if method.id.endswith(".aggregatedList"):
        return "items"
    if not method.id.endswith(".list"):
        return ""
    properties = api.schemas[method.response]["properties"]
    (found,) = [k for k, v in properties.items() if v.get("type") == "array" and "$ref" in v["items"] and k != "warnings"]
    return str(found)


@cache
def apis(service: str) -> tuple[Api, ...]:
    """The APIs of a service. Raises `ImportError` without google-api-python-client."""
    return tuple(_read(name) for name in DOCUMENTS[service])


def _read(name: str) -> Api:
    import googleapiclient.discovery_cache

    own = _OWN / f"{name}.json"
    carried = Path(googleapiclient.discovery_cache.__file__).parent / "documents" / f"{name}.json"
    document = json.loads((own if own.exists() else carried).read_text("utf-8"))
    return Api(tuple(_methods(document, document["servicePath"])), document["schemas"], document["parameters"])


def _methods(resource: Mapping[str, Any], base: str) -> Iterator[Method]:
    for entry in resource.get("methods", {}).values():
        path = "/" + base + entry.get("flatPath", entry["path"])
        pattern = "".join(r"[^/:]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", path))
        yield Method(
            entry["id"],
            entry["httpMethod"],
            re.compile(pattern),
            entry.get("parameters", {}),
            entry.get("description", ""),
            entry.get("request", {}).get("$ref", ""),
            entry.get("response", {}).get("$ref", ""),
        )
    for below in resource.get("resources", {}).values():
        yield from _methods(below, base)
