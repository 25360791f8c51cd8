"""What the sources say, read out of their syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gonogo.translation.template import Template

SOURCE = Path(__file__).parents[1] / "src" / "gonogo"


@dataclass(frozen=True, order=True)
class Said:
    """A text to translate: `plural` is empty for one that counts nothing."""

    text: str
    plural: str = ""


def said(source: str) -> Iterator[Said]:
    """The literals of `language.say("…")`, of either side of `language.say(… if … else …)`, of `language.count("…", "…", n)` and of `noted("…")`."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name == "noted" or name.endswith("language.say"):
            first = node.args[0]
            sides = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
            yield from (Said(side.value) for side in sides if isinstance(side, ast.Constant) and isinstance(side.value, str))
        elif name.endswith("language.count"):
            one, many = (ast.literal_eval(argument) for argument in node.args[:2])
            yield Said(one, many)


def all_said() -> set[Said]:
    """Of every module of the program."""
    return {found for path in sorted(SOURCE.rglob("*.py")) for found in said(path.read_text("utf-8"))}


def templates(least: int = 8) -> list[Template]:
    """The strings of the program with at least so many characters of their own, with places for what is filled in."""
    found = {_template(node) for path in sorted(SOURCE.rglob("*.py")) for node in ast.walk(ast.parse(path.read_text("utf-8")))}
    return sorted((t for t in found if t is not None and t.weight >= least), key=lambda t: t.literals)


def _template(node: ast.AST) -> Template | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return Template((node.value,), ())
    if not isinstance(node, ast.JoinedStr):
        return None
    literals = [""]
    for part in node.values:
        if isinstance(part, ast.Constant):
            literals[-1] += str(part.value)
        else:
            literals.append("")
    return Template(tuple(literals), tuple("" for _ in literals[1:]))


def reasons_of_tables() -> set[str]:
    """What tables of tools give as a reason."""
    return {line.partition("reason: ")[2].rstrip("}").strip() for path in SOURCE.rglob("*.yaml") for line in path.read_text("utf-8").splitlines() if "reason: " in line}


def templates_of_calls(*names: str) -> set[str]:
    """The sentences that are given to calls of these names, with what is filled in as `x`."""
    found: set[str] = set()
    for path in sorted(SOURCE.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in names:
                made = [t for argument in call.args if (t := _template(argument)) is not None]
                found |= {text for t in made if " " in (text := "x".join(t.literals)).strip()}
    return found
