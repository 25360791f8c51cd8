"""What the sources say, read out of their syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
