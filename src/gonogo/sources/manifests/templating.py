"""Which text is a template of another tool or broken, and which kinds the unread part may declare."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gonogo.model.value import Value
from gonogo.sources.classify import GCP_KINDS, KUBERNETES_KINDS
from gonogo.sources.manifests.objects import canonical_kind

# Text that was not read may also hold an invalid object.
OBJECT = "kubernetes/Object"
_ACTION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>", re.S)
_DOCUMENT = re.compile(r"^---.*$", re.M)
_TOP = re.compile(r"^(apiVersion|kind)\s*:\s*[\"']?([A-Za-z0-9./_-]+)[\"']?\s*(?:#.*)?$", re.M)
_ANY_KIND = re.compile(r"^\s*(?:-\s+)?[\"']?kind[\"']?\s*:\s*[\"']?([A-Za-z]+)[\"']?\s*,?\s*(?:#.*)?$", re.M)
_TEMPLATED_KIND = re.compile(r"^\s*(?:-\s+)?kind\s*:\s*[\"']?\{", re.M)
# Parts of a template that may bring in anything.
_INCLUDE = re.compile(r"\{\{-?\s*(include|template|tpl|toYaml)\b|\{%-?\s*(include|import|extends)\b")


def is_template(text: str) -> bool:
    """Whether `text` holds template actions (Go template, Jinja, ERB)."""
    return _ACTION.search(text) is not None


def has_unquoted_action(value: Value) -> bool:
    """Whether YAML read an unquoted `{{ x }}` as a mapping whose key is a mapping: then the values are not the real ones."""
    if isinstance(value, Mapping):
        return any(isinstance(k, str) and k.startswith("{") and k.endswith("}") and v is None for k, v in value.items()) or any(
            has_unquoted_action(v) for v in value.values()
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(has_unquoted_action(v) for v in value)
    return False


def kinds_in(text: str, includes: bool = False) -> tuple[str, ...]:
    """The kinds that unread YAML text may declare, by its `kind:` lines; every Kubernetes kind where they do not tell.

    With `includes`, an action that renders other templates may bring in whole objects and widens the answer to every kind,
    unless the document names its own kind.
    """
    found: set[str] = set()
    for document in _DOCUMENT.split(text):
        if not document.strip() or not re.search(r"^\s*[^\s#]", document, re.M):
            continue
        kinds = _document_kinds(document, includes)
        if kinds is None:
            return (*KUBERNETES_KINDS, OBJECT)
        found |= kinds
    return (*sorted(found), OBJECT) if found else (*KUBERNETES_KINDS, OBJECT)


def _document_kinds(document: str, includes: bool) -> set[str] | None:
    if _TEMPLATED_KIND.search(document):
        return None
    top: dict[str, list[str]] = {"apiVersion": [], "kind": []}
    for name, value in _TOP.findall(document):
        top[name].append(value)
    if len(top["kind"]) == 1 and top["kind"][0] not in ("List", "Template"):
        kind = top["kind"][0]
        if len(top["apiVersion"]) == 1:
            return set(kinds_of(top["apiVersion"][0], kind))
        return {_any_group(kind, document)}
    kinds = {_any_group(kind, document) for kind in _ANY_KIND.findall(document) if kind not in ("List", "Template")}
    if kinds:
        return kinds
    if re.search(r"^\s*[\"']?apiVersion", document, re.M) or (includes and _INCLUDE.search(document)):
        return None
    return set() if includes else None


def _any_group(kind: str, text: str) -> str:
    """A kind whose API group is not known; a Service is Cloud Run's only where the text names Knative."""
    return "core/Service" if kind == "Service" and "serving.knative.dev" not in text else f"*/{kind}"


def kinds_of(api_version: str, kind: str) -> tuple[str, ...]:
    """The canonical kinds that an object of this version and kind becomes."""
    group = api_version.rpartition("/")[0]
    if group.endswith(".cnrm.cloud.google.com"):
        return GCP_KINDS
    if group == "serving.knative.dev" and kind == "Service":
        return ("run.googleapis.com/*",)
    return (canonical_kind(api_version, kind),)
