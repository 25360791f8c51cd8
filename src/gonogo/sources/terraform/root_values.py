"""The values of each root module as a whole, for people who debug a verdict: variables, locals, outputs, resource attributes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gonogo.model.value import Unknown, Value
from gonogo.sources.terraform.accounting import Count
from gonogo.sources.terraform.loader import Declared
from gonogo.sources.terraform.modules import Module
from gonogo.sources.terraform.result import Instance, settled
from gonogo.sources.terraform.sensitivity import Sensitivity
from gonogo.sources.terraform.values import Val, plain

HIDDEN = "[redacted]"
_HIDDEN_UNKNOWN = Unknown.because("sensitive, and not known")


@dataclass(frozen=True, slots=True)
class RootValues:
    """One root module instance. What is sensitive is hidden already."""

    directory: str
    environment: str
    var_files: tuple[str, ...]
    variables: Mapping[str, Value]
    locals: Mapping[str, Value]
    outputs: Mapping[str, Value]
    resources: Mapping[str, Mapping[str, Value]]
    """The attributes of every instance by address, those in modules and data sources too."""
    count: Count


@dataclass(frozen=True, slots=True)
class Made:
    """An instance with what it was made from."""

    instance: Instance
    module: Module
    declared: Declared


def root_values(module: Module, var_files: tuple[str, ...], made: Iterable[Made], count: Count) -> RootValues:
    """The values of a root module."""
    sensitivity = Sensitivity()
    source = module.source
    return RootValues(
        directory=module.root.directory,
        environment=module.root.environment,
        var_files=var_files,
        variables={n: _shown(module.variable(n), sensitivity.variable(module, n)) for n in source.variables},
        locals={n: _shown(module.local(n), sensitivity.expression(module, a.value)) for n, a in source.locals.items()},
        outputs={n: _shown(module.output(n), sensitivity.output(module, b)) for n, b in source.outputs.items()},
        resources={m.instance.address: _attributes(m, sensitivity) for m in made},
        count=count,
    )


def _attributes(made: Made, sensitivity: Sensitivity) -> Mapping[str, Value]:
    body = made.declared.block.body
    hidden: set[str] = {a.name for a in body.attributes if sensitivity.expression(made.module, a.value)}
    for block in body.blocks:
        if sensitivity.block(made.module, block):
            hidden.add(block.labels[0] if block.type == "dynamic" and block.labels else block.type)
    return {name: _hide(value) if name in hidden else settled(value) for name, value in made.instance.attributes.items()}


def _shown(value: Val, hidden: bool) -> Value:
    return _hide(plain(value)) if hidden else settled(plain(value))


def _hide(value: Value) -> Value:
    # The reasons of an unknown may quote the value.
    return None if value is None else _HIDDEN_UNKNOWN if isinstance(settled(value), Unknown) else HIDDEN
