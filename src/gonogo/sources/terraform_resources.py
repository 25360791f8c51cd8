"""Terraform as canonical resources: what the evaluator found, mapped to the kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gonogo.kinds.fields import ServerChooses, Spelling, Written, members
from gonogo.kinds.gcp import from_terraform, spec_of_terraform
from gonogo.kinds.loadbalancing import SECURITY_POLICY
from gonogo.kinds.spec import Declaration, build
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import Path, Unknown, Value
from gonogo.sources.terraform.evaluate import evaluate_tree
from gonogo.sources.terraform.result import Disabled, Instance, TerraformResult, references, settled
from gonogo.sources.terraform_modules import adapt
from gonogo.sources.tree import Tree


class TerraformSource:
    """Reads every Terraform root of a tree."""

    @property
    def name(self) -> str:
        return "terraform"

    def read(self, tree: Tree) -> Iterator[Resource | Gap]:
        """The resources of our kinds that the tree's Terraform declares, and what could not be evaluated."""
        result = evaluate_tree(tree)
        found = [resource for instance in result.instances for resource in instance_resources(instance, result)]
        adapted = {(m.root, m.environment, m.address): (m, adapt(m)) for m in result.opaque_modules}
        for _, made in adapted.values():
            found.extend(made.resources)
        found.extend(switched_off(result, {resource.kind for resource in found}))
        passed = {
            f"{m.root}|{m.environment}|{r.address}": m.source for m, _ in adapted.values() for r in references(list(m.inputs.values()))
        }
        yield from (_handed_on(resource, passed) for resource in found)
        decided = {m.locations[()]: made.decides for m, made in adapted.values() if () in m.locations and made.decides}
        yield from (_narrowed(gap, decided) for gap in result.gaps)


def instance_resources(instance: Instance, result: TerraformResult) -> tuple[Resource, ...]:
    """The canonical resources of an instance; none of a data source."""
    if instance.mode != "managed":
        return ()
    written = Written(instance.attributes, instance.locations, instance.chains, settle=settled)
    if instance.type.endswith("_iam_policy") and spec_of_terraform(instance.type) is not None:
        return tuple(_of_policy(instance, written, result))
    return from_terraform(instance.type, instance.address, written, instance.environment, instance.root, instance.conditional)


def _of_policy(instance: Instance, written: Written, result: TerraformResult) -> Iterator[Resource]:
    """One grant per binding of the `google_iam_policy` document that a `*_iam_policy` resource applies."""
    data = instance.attributes.get("policy_data")
    documents = [i for i in result.related(instance, data) if i.type == "google_iam_policy"]
    grants: list[tuple[dict[str, Value], dict[Path, Location]]] = []
    for document in documents:
        for number, binding in enumerate(members(document.attributes.get("binding"))):
            if not isinstance(binding, Mapping):
                grants.append(({"role": binding, "members": binding}, {}))
                continue
            places: dict[Path, Location] = {
                (key,): document.locations.get(("binding", number, key), document.location) for key in ("role", "members")
            }
            grants.append(({"role": binding.get("role"), "members": binding.get("members")}, places))
    if not documents:
        reason = Unknown.merge([data]) if isinstance(data, Unknown) else Unknown.because("the policy document could not be followed")
        grants.append(({"role": reason, "members": reason}, {}))
    for number, (grant, found) in enumerate(grants):
        own = {key: value for key, value in instance.attributes.items() if key != "policy_data"}
        inner = replace(written, value={**own, **grant}, locations={**instance.locations, **found})
        address = instance.address if len(grants) == 1 else f"{instance.address}#{number}"
        yield from from_terraform(instance.type, address, inner, instance.environment, instance.root, instance.conditional)


def switched_off(result: TerraformResult, present: set[str]) -> Iterator[Resource]:
    """Declarations that have no instance as the variables stand, of kinds that nothing else declares.

    A load balancer that is made once host names are given is declared, but nothing is known of it: it exists is unknown.
    What an explicit switch turns off (`count = var.enabled ? 1 : 0`) is an extra that is not deployed.
    """
    for block in result.disabled:
        spec = spec_of_terraform(block.type)
        if spec is None or spec.kind in present or block.mode != "managed" or is_switch(block):
            continue
        reason = Unknown.because(f"{block.address} has no instance as the variables stand: {block.reason}")
        written = Written({}, {(): block.location}, settle=settled)
        declared = Declaration(block.address, "terraform", "terraform", block.environment, block.root, reason)
        yield build(spec, written, declared, Spelling.TERRAFORM, absent=ServerChooses(reason.reasons[0]))


def is_switch(block: Disabled) -> bool:
    """Whether a block is off because a boolean says so, rather than for want of an input."""
    return "switched off" in block.reason


def _handed_on(resource: Resource, passed: Mapping[str, str]) -> Resource:
    """A security policy that a module outside the repository gets may be attached there."""
    source = passed.get(str(resource.attributes.get("key")))
    if resource.kind != SECURITY_POLICY or source is None:
        return resource
    reason = Unknown.because(f"it is passed to {source}, which is not in the repository")
    return replace(resource, attributes={**resource.attributes, "attachedElsewhere": reason})


def _narrowed(gap: Gap, decided: Mapping[Location, tuple[str, ...]]) -> Gap:
    """A gap of a module without the kinds that its inputs account for."""
    for place, kinds in decided.items():
        if (place.file, place.line) == (gap.file, gap.line):
            return replace(gap, kinds=tuple(kind for kind in gap.kinds if kind not in kinds))
    return gap
