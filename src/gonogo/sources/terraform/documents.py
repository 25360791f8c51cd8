"""Plans and states: what Terraform says of a root module, in the JSON that it writes.

`terraform show -json` of a plan or a state (https://developer.hashicorp.com/terraform/internals/json-format), and the state
itself as `terraform state pull` prints it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.model.resource import Gap, Origin, Stage
from gonogo.sources.classify import GCP_KINDS

MAX_BYTES = 256 * 1024 * 1024
SOURCE = "terraform"


class DocumentError(Exception):
    """A file that the user named is not what it was named for. The message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One resource instance, as a plan or a state shows it. Masks mirror `values`, with true where something is so."""

    address: str
    type: str
    mode: str
    values: object
    unknown: object = None
    sensitive: object = None
    partial: bool = False
    """What `values` does not hold is not known, rather than null."""


@dataclass(frozen=True, slots=True)
class Document:
    """A plan or a state. Deposed objects, and what a plan deletes, are not in it."""

    file: str
    origin: Origin
    shown: tuple[Shown, ...] = ()
    configuration: Mapping[str, object] = field(default_factory=dict)
    """The root module's configuration, of a plan."""
    complete: bool = False
    """Every block of the configuration is planned: one without an instance here has none."""
    gaps: tuple[Gap, ...] = ()


@dataclass(slots=True)
class Shape:
    """Takes values out of a document, and notes where it is not of the shape that Terraform writes."""

    problems: list[str] = field(default_factory=list)

    def mapping(self, value: object, where: str) -> Mapping[str, object]:
        """`value` as an object; an empty one where it is null or something else."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.problems.append(f"{where} is no object")
        return {}

    def sequence(self, value: object, where: str) -> Sequence[object]:
        if isinstance(value, list):
            return value
        if value is not None:
            self.problems.append(f"{where} is no list")
        return ()

    def text(self, value: object, where: str) -> str:
        """`value` as text that can be printed; `` with a problem where it is none."""
        if isinstance(value, str) and value:
            return printable(value)
        self.problems.append(f"{where} is no text")
        return ""

    def gaps(self, file: str) -> tuple[Gap, ...]:
        """One gap for everything that was noted."""
        if not self.problems:
            return ()
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        return (gap(file, f"not of the shape that Terraform writes: {self.problems[0]}{more}"),)


def printable(text: str) -> str:
    """`text` without lone surrogates, which JSON can spell and no encoding can."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def gap(file: str, reason: str, kinds: tuple[str, ...] = GCP_KINDS) -> Gap:
    return Gap(file, 0, Stage.READ, reason, SOURCE, kinds)


def read_plan(file: str, data: bytes) -> Document:
    """A plan, as `terraform show -json PLAN` prints it. Raises `DocumentError`."""
    from gonogo.sources.terraform.plan import plan_document

    top = _object(file, data, "plan", "terraform show -json PLAN > plan.json")
    if _is_state(top):
        raise DocumentError(f"{file} is a state, not a plan; give it with --state")
    if "encrypted_data" in top:
        return Document(file, Origin.PLANNED, gaps=(gap(file, "the plan is encrypted: nothing in it could be read"),))
    if not {"planned_values", "resource_changes", "configuration"} & top.keys():
        raise DocumentError(f"{file} is no plan in JSON; make one with: terraform show -json PLAN > plan.json")
    return plan_document(file, top)


def read_state(file: str, data: bytes) -> Document:
    """A state, as `terraform state pull` or `terraform show -json` prints it. Raises `DocumentError`."""
    from gonogo.sources.terraform.state import state_document

    top = _object(file, data, "state", "terraform state pull > state.json")
    if {"planned_values", "resource_changes"} & top.keys():
        raise DocumentError(f"{file} is a plan, not a state; give it with --plan")
    if not _is_state(top):
        raise DocumentError(f"{file} is no state; make one with: terraform state pull > state.json")
    return state_document(file, top)


def _is_state(top: Mapping[str, object]) -> bool:
    if {"planned_values", "resource_changes", "configuration"} & top.keys():
        return False
    raw = "version" in top and bool({"serial", "lineage", "resources", "modules"} & top.keys())
    encrypted = "encrypted_data" in top and bool({"serial", "lineage"} & top.keys())
    # The state of nothing is `{"format_version": "1.0"}`.
    return raw or encrypted or "values" in top or set(top) <= {"format_version", "terraform_version"} and "format_version" in top


def _object(file: str, data: bytes, what: str, how: str) -> dict[str, object]:
    if data.startswith(b"PK\x03\x04"):
        raise DocumentError(f"{file} is a plan in Terraform's own format; run: terraform show -json {file} > plan.json, and give that with --plan")
    if len(data) > MAX_BYTES:
        raise DocumentError(f"{file} is larger than {MAX_BYTES // 1024 // 1024} MiB")
    if not data.strip():
        raise DocumentError(f"{file} is empty; make a {what} with: {how}")
    try:
        top = json.loads(data, parse_constant=_no_constant)
    except RecursionError:
        raise DocumentError(f"{file} nests too deep for a {what}") from None
    except ValueError as error:
        if data.lstrip().startswith(b'{"@level"'):
            raise DocumentError(f"{file} is the log of `terraform {what} -json`; make a {what} with: {how}") from None
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "a text or a number in it cannot be read"
        raise DocumentError(f"{file} is not JSON ({reason}); make a {what} with: {how}") from None
    if not isinstance(top, dict):
        raise DocumentError(f"{file} is no {what}; make one with: {how}")
    return top


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
