"""The values that a root module's variables are given: by a Terragrunt unit, by var files, and which of them are not known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gonogo.model.resource import Gap, Stage
from gonogo.model.value import Unknown
from gonogo.sources.classify import GCP_KINDS
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.expressions import Budget, Evaluator, NoNames
from gonogo.sources.terraform.loader import SOURCE, Loader, ModuleSource
from gonogo.sources.terraform.modules import Value
from gonogo.sources.terraform.roots import RootPlan
from gonogo.sources.terraform.values import equal

_INPUT = "input"


@dataclass(slots=True)
class RootInputs:
    """What one instance of a root module is given."""

    given: dict[str, Value] = field(default_factory=dict)
    withheld: dict[str, Unknown] = field(default_factory=dict)
    """Variables that are set, nobody says to what."""
    unread: Unknown | None = None
    """Why any other variable may be set, too."""
    gaps: list[Gap] = field(default_factory=list)


def root_inputs(plan: RootPlan, source: ModuleSource, loader: Loader, budget: Budget, judged: str) -> RootInputs:
    """The values for `plan`, in Terraform's order: what comes later counts. `judged` is the environment that is judged."""
    inputs = RootInputs()
    if plan.unit is not None:
        # Terragrunt passes inputs as TF_VAR_* of the environment, which any var file overrides.
        inputs.unread = plan.unit.unknown
        for name, entry in plan.unit.inputs.items():
            at = ast.Span(entry.location.line, entry.location.column, entry.location.end_line, entry.location.file)
            inputs.given[name] = Value(ast.Traversal(at, _INPUT, None, ()), entry.location, None, {_INPUT: entry.value})
    evaluator = Evaluator(NoNames(), budget)
    found: dict[str, Value] = {}
    for path in plan.var_files:
        for name, value in _read(path, loader, inputs):
            if path in plan.found:
                other = found.setdefault(name, value)
                if equal(evaluator.settle(other.expression, {}), evaluator.settle(value.expression, {})) is not True:
                    places = f"{other.location.file} and {path}"
                    which = f"which of them are {plan.environment}'s is said by var_files of [environments.{plan.environment}]"
                    inputs.withheld[name] = Unknown.because(f'variable "{name}": {places} differ; {which} in gonogo.toml')
            inputs.given[name] = value
    for environment, path in plan.others:
        for name, _ in _read(path, loader, RootInputs()):
            if name not in inputs.given:
                reason = f'variable "{name}" is set per environment ({environment}: {path}); there is no var file of {judged}'
                inputs.withheld.setdefault(name, Unknown.because(reason))
    for path in plan.given:
        for name, value in _read(path, loader, inputs):
            if name in source.variables:
                inputs.given[name] = value
                inputs.withheld.pop(name, None)
    return inputs


def _read(path: str, loader: Loader, inputs: RootInputs) -> Iterator[tuple[str, Value]]:
    """The variables of a var file; what cannot be read of it is noted in `inputs`."""
    source = loader.source(path)
    if isinstance(source, str) or source.broken:
        reason = source if isinstance(source, str) else source.broken[0].reason
        line = 0 if isinstance(source, str) else source.broken[0].line
        inputs.gaps.append(Gap(path, line, Stage.PARSE, reason, SOURCE, GCP_KINDS))
        inputs.unread = Unknown.because(f"{path} could not be read: {reason}")
    if not isinstance(source, str):
        for attribute in source.body.attributes:
            yield attribute.name, Value(attribute.value, attribute.at.location, None, {})
