"""The validations of input variables (https://developer.hashicorp.com/terraform/language/validate#input-variable-validation)."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.model.location import Location
from gonogo.model.value import Unknown, Value
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.loader import Variable
from gonogo.sources.terraform.modules import NO_VALUE, Module
from gonogo.sources.terraform.provenance import Provenance
from gonogo.sources.terraform.result import Validation
from gonogo.sources.terraform.sensitivity import Sensitivity
from gonogo.sources.terraform.values import TfError, as_bool, is_unknown, plain, unknown_of

HIDDEN = "its message may show a sensitive value"


def validations(module: Module, provenance: Provenance, sensitivity: Sensitivity) -> Iterator[Validation]:
    """The validations of every variable of a module instance."""
    for variable in module.source.variables.values():
        blocks = [b for b in variable.block.body.of_type("validation") if b.body.attribute("condition") is not None]
        for number, block in enumerate(blocks):
            yield _validation(module, variable, block, f"#{number}" if number else "", provenance, sensitivity)


def _validation(module: Module, variable: Variable, block: ast.Block, suffix: str, provenance: Provenance, sensitivity: Sensitivity) -> Validation:
    condition = block.body.attribute("condition")
    assert condition is not None
    holds = _holds(module, condition.value)
    value, chain = _origin(module, variable, provenance)
    return Validation(
        address=f"{module.prefix}var.{variable.name}{suffix}",
        root=module.root.directory,
        environment=module.root.environment,
        module=module.source.directory,
        variable=variable.name,
        given=_given(module, variable, holds),
        holds=holds,
        message=_message(module, block, sensitivity),
        condition=condition.at.location,
        value=value,
        chain=chain,
    )


def _given(module: Module, variable: Variable, holds: Value) -> bool:
    if module.parent is None and variable.name not in module.given and not (module.root.configured and holds is True):
        # The default of a library's variable, which its callers replace; or one that asks for a value by failing.
        return False
    return not (isinstance(holds, Unknown) and any(NO_VALUE in reason for reason in holds.reasons))


def _holds(module: Module, condition: ast.Expression) -> Value:
    value = module.evaluator.settle(condition, {})
    if is_unknown(value):
        return unknown_of(value)
    try:
        return as_bool(value)
    except TfError as error:
        return Unknown.because(f"the condition is no boolean: {error}")


def _origin(module: Module, variable: Variable, provenance: Provenance) -> tuple[Location, tuple[Location, ...]]:
    given = module.given.get(variable.name)
    if given is not None:
        chain = provenance.chain(given.module, given.expression, {}) if given.module is not None else ()
        return given.location, chain
    default = variable.block.body.attribute("default")
    return (default.at if default is not None else variable.block.at).location, ()


def _message(module: Module, block: ast.Block, sensitivity: Sensitivity) -> str:
    written = block.body.attribute("error_message")
    if written is None:
        return ""
    if sensitivity.expression(module, written.value):
        return HIDDEN
    value = plain(module.evaluator.settle(written.value, {}))
    return value.strip() if isinstance(value, str) else ""
