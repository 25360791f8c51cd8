"""Terraform as canonical resources: what the evaluator found, mapped to the kinds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gonogo.kinds.fields import Written, members
from gonogo.kinds.gcp import from_terraform, spec_of_terraform
from gonogo.kinds.loadbalancing import SECURITY_POLICY
from gonogo.kinds.terraform import TERRAFORM_ROOT, VALIDATION
from gonogo.model.environment import Environments
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Resource
from gonogo.model.value import Path as DataPath
from gonogo.model.value import Unknown, Value
from gonogo.rules.modules import load_module_index, normalised
from gonogo.sources.terraform.adapters import ModuleAdapters
from gonogo.sources.terraform.documents import Document
from gonogo.sources.terraform.evaluate import DEFAULT, evaluate_tree
from gonogo.sources.terraform.result import (
    Disabled,
    Instance,
    Reference,
    Root,
    Symbolic,
    TerraformResult,
    Validation,
    references,
    settled,
)
from gonogo.sources.terraform_documents import Placed, place_documents, remarks, resources_of, with_origin, without_planned
from gonogo.sources.tree import Tree, Unreadable


@dataclass(frozen=True, slots=True)
class TerraformSource:
    """Reads every Terraform root of a tree, and the plans and states that are given beside it.

    `rule_dirs` may hold adapters for modules that are not in the tree, beside ours. With `judged_only` the roots of the judged
    environment are evaluated, all of them where documents are to be placed: one may be another environment's.
    """

    documents: tuple[Document, ...] = ()
    rule_dirs: tuple[Path, ...] = ()
    environments: Environments = DEFAULT
    judged_only: bool = False

    @property
    def name(self) -> str:
        return "terraform"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """The resources of our kinds that the tree's Terraform declares, those of the documents, and what could not be evaluated."""
        adapters = ModuleAdapters(lambda: load_module_index(self.rule_dirs))
        declared = evaluate_tree(tree, adapters, self.environments, judged_only=self.judged_only and not self.documents)
        yield from (_instance(root) for root in declared.roots if root.environment)
        placed = place_documents(self.documents, declared)
        shown = [found for document in placed for found in _document_resources(document, declared)]
        yield from shown
        yield from remarks(placed, declared)
        result = without_planned(declared, placed)
        found = [resource for instance in result.instances for resource in instance_resources(instance, result)]
        present = {r.kind for r in (*found, *shown) if isinstance(r, Resource) and r.origin is not Origin.STATE}
        found.extend(switched_off(result, present, tree))
        found.extend(map(_validated, result.validations))
        passed = {
            f"{m.root}|{m.environment}|{r.address}": m.source for m in result.opaque_modules for r in references(list(m.inputs.values()))
        }
        yield from (_handed_on(resource, passed) for resource in found)
        own = {(m.environment, m.locations[()].file, m.locations[()].line) for m in result.opaque_modules if () in m.locations and is_own_code(m.source, tree)}
        yield from (replace(gap, kinds=()) if (gap.environment, gap.file, gap.line) in own else gap for gap in result.gaps)


def _instance(root: Root) -> Resource:
    """A root module as it is applied for one environment."""
    attributes: dict[str, Value] = {
        "root": root.directory or ".", "module": root.module or ("." if root.why != "terragrunt" else ""), "by": root.why,
        "varFiles": list(root.var_files), "workspace": root.workspace, "evaluated": root.evaluated,
    }  # fmt: skip
    return Resource(TERRAFORM_ROOT, root.directory or ".", attributes, {(): root.place}, source="terraform", environment=root.environment)


def _validated(validation: Validation) -> Resource:
    return Resource(
        kind=VALIDATION,
        name=f"{validation.root}:{validation.address}" if validation.root else validation.address,
        attributes={
            "module": validation.module,
            "variable": validation.variable,
            "given": validation.given,
            "holds": validation.holds,
            "message": validation.message,
        },
        locations={(): validation.condition, ("holds",): validation.value},
        chains={("holds",): validation.chain} if validation.chain else {},
        source="terraform",
        environment=validation.environment,
    )


def _document_resources(placed: Placed, declared: TerraformResult) -> Iterator[Resource | Gap]:
    shown = resources_of(placed, declared)
    for instance in shown.instances:
        yield from (with_origin(resource, placed.document.origin) for resource in instance_resources(instance, shown))
    yield from shown.gaps


def instance_resources(instance: Instance, result: TerraformResult) -> tuple[Resource, ...]:
    """The canonical resources of an instance; none of a data source."""
    if instance.mode != "managed":
        return ()
    written = Written(instance.attributes, instance.locations, instance.chains, settle=settled, ignored=instance.ignored)
    if instance.type.endswith("_iam_policy") and spec_of_terraform(instance.type) is not None:
        return tuple(_of_policy(instance, written, result))
    return from_terraform(instance.type, instance.address, written, instance.environment, instance.root, instance.conditional)


def _of_policy(instance: Instance, written: Written, result: TerraformResult) -> Iterator[Resource]:
    """One grant per binding of the `google_iam_policy` document that a `*_iam_policy` resource applies."""
    data = instance.attributes.get("policy_data")
    documents = [i for i in result.related(instance, data) if i.type == "google_iam_policy"]
    grants: list[tuple[dict[str, Value], dict[DataPath, Location]]] = []
    written_out = _bindings(data)
    place = instance.locations.get(("policy_data",), instance.location)
    grants.extend(({"role": b.get("role"), "members": b.get("members")}, {("role",): place, ("members",): place}) for b in written_out or ())
    for document in documents:
        for number, binding in enumerate(members(document.attributes.get("binding"))):
            if not isinstance(binding, Mapping):
                grants.append(({"role": binding, "members": binding}, {}))
                continue
            places: dict[DataPath, Location] = {
                (key,): document.locations.get(("binding", number, key), document.location) for key in ("role", "members")
            }
            grants.append(({"role": binding.get("role"), "members": binding.get("members")}, places))
    if not documents and written_out is None:
        reason = Unknown.merge([data]) if isinstance(data, Unknown) else Unknown.because("the policy document could not be followed")
        grants.append(({"role": reason, "members": reason}, {}))
    for number, (grant, found) in enumerate(grants):
        own = {key: value for key, value in instance.attributes.items() if key != "policy_data"}
        inner = replace(written, value={**own, **grant}, locations={**instance.locations, **found})
        address = instance.address if len(grants) == 1 else f"{instance.address}#{number}"
        yield from from_terraform(instance.type, address, inner, instance.environment, instance.root, instance.conditional)


def _bindings(data: Value) -> tuple[Mapping[str, Value], ...] | None:
    """The bindings of a policy that is written out (`jsonencode({bindings = […]})`); None where it is none that can be read."""
    if not isinstance(data, str):
        return None
    try:
        policy = json.loads(data)
    except (ValueError, RecursionError):
        return None
    bindings = policy.get("bindings", []) if isinstance(policy, dict) else None
    if not isinstance(bindings, list) or not all(isinstance(b, dict) for b in bindings):
        return None
    references = data.references if isinstance(data, Symbolic) else ()
    return tuple({key: _marked(value, references) for key, value in b.items()} for b in bindings)


def _marked(value: Value, references: tuple[Reference, ...]) -> Value:
    """A value out of a text that is known only after apply in parts: the strings that hold such a part are known no better."""
    if isinstance(value, list):
        return [_marked(item, references) for item in value]
    return Symbolic(value, references) if references and isinstance(value, str) and "${" in value else value


def switched_off(result: TerraformResult, present: set[str], tree: Tree) -> Iterator[Resource]:
    """Declarations that have no instance for want of an input, of kinds that nothing else declares.

    A load balancer that is made once host names are given is declared, although the default is none: whether it exists is
    unknown. What a switch or a number turns off (`count = var.enabled ? 1 : 0`) is an extra that is not deployed.
    """
    for block in result.disabled:
        spec = spec_of_terraform(block.type)
        if spec is not None and block.instance is not None and spec.kind not in present and wants_input(block, tree):
            yield from instance_resources(block.instance, result)


# The end of a line that gives nothing: `default = []`, `hosts = ""`. What it stands for is to be filled in by who applies it.
_EMPTY = re.compile(r"""[=:]\s*(\[\s*\]|\{\s*\}|""|null|toset\(\[\s*\]\)|tolist\(\[\s*\]\)),?\s*((\#|//).*)?$""")


def wants_input(block: Disabled, tree: Tree) -> bool:
    """Whether a block has no instance because an input of the root is empty; an input of a module is its caller's choice."""
    own = [place for place in block.chain if place.file.rpartition("/")[0] == block.root]
    return any(_EMPTY.search(_line(tree, place)) for place in own)


def _line(tree: Tree, place: Location) -> str:
    try:
        lines = tree.text(place.file).splitlines()
    except (Unreadable, KeyError):
        return ""
    return lines[place.line - 1] if 0 < place.line <= len(lines) else ""


def _handed_on(resource: Resource, passed: Mapping[str, str]) -> Resource:
    """A security policy that a module outside the repository gets may be attached there."""
    source = passed.get(str(resource.attributes.get("key")))
    if resource.kind != SECURITY_POLICY or source is None:
        return resource
    reason = Unknown.because(f"it is passed to {source}, which is not in the repository")
    return replace(resource, attributes={**resource.attributes, "attachedElsewhere": reason})


def is_own_code(source: str, tree: Tree) -> bool:
    """Whether a module source is a directory of the scanned repository itself, at some version of it.

    What it holds is read where it lies; that a consumer's template names it by its address hides nothing.
    """
    repository, _, directory = normalised(source).partition("//")
    name = repository.rpartition("/")[2].removesuffix(".git")
    return (
        bool(name)
        and name == tree.root.resolve().name
        and tree.is_dir(directory)
        and any(path.startswith(f"{directory}/" if directory else "") and path.endswith(".tf") for path in tree.files)
    )
