"""Targets of a Makefile with their recipes, variables expanded as far as they are literal (GNU make manual, 6 and 10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_EXPANSION = 20
MAX_NESTING = 6
MAX_LENGTH = 100_000

_ASSIGNMENT = re.compile(r"^(?:export\s+|override\s+)*([A-Za-z0-9_.-]+)\s*(:::?=|::?=|\?=|\+=|!=|=)\s*(.*)$")
_RULE = re.compile(r"^([^\t#=:][^=:#]*?)\s*(::?)(?![=:])\s*(.*)$")
_REFERENCE = re.compile(r"\$(?:\(([^()]*)\)|\{([^{}]*)\}|([@<^*?%+A-Za-z0-9]))")
# Marks of a command substitution, which has parentheses that are none of make's.
_OPEN, _CLOSE = "\1", "\2"
# Functions that make answers with nothing (GNU make manual, 8.12 and 8.9).
_SAYING = frozenset({"info", "warning", "error", "eval"})


@dataclass(frozen=True, slots=True)
class RecipeLine:
    """One logical line: `text` keeps its continuations. `ignored` where make ignores a failure."""

    line: int
    text: str
    ignored: bool


@dataclass(slots=True)
class Rule:
    target: str
    line: int
    prerequisites: list[str] = field(default_factory=list)
    recipe: list[RecipeLine] = field(default_factory=list)
    file: str = ""
    """Where it is written: a makefile that includes it takes it over."""


@dataclass(slots=True)
class Makefile:
    variables: dict[str, str] = field(default_factory=dict)
    defaults: set[str] = field(default_factory=set)
    """Names set with `?=`: the environment wins over them."""
    rules: dict[str, Rule] = field(default_factory=dict)
    first: str = ""
    includes: list[str] = field(default_factory=list)
    one_shell: bool = False

    def rule(self, target: str) -> Rule | None:
        """The rule of a target, by name or by pattern."""
        found = self.rules.get(target)
        if found is not None:
            return found
        for name, rule in self.rules.items():
            if "%" in name and re.fullmatch(re.escape(name).replace("%", ".+"), target):
                return rule
        return None

    def expand(self, text: str, overrides: Mapping[str, str], target: str = "") -> str:
        """The text with variables replaced; what is not known stays as a shell variable of the same name."""
        return self._held(text, overrides, target, {}, 0).replace("\0", "$").replace(_OPEN, "$(").replace(_CLOSE, ")")

    def _held(self, text: str, overrides: Mapping[str, str], target: str, expanded: dict[str, str], depth: int) -> str:
        """As `expand`, with marks for the dollars and command substitutions that are the shell's: make expands from inside out.

        `expanded` holds each variable once: nothing while it is expanded, as one that refers to itself is an error in make.
        """

        def replaced(match: re.Match[str]) -> str:
            name = (match.group(1) or match.group(2) or match.group(3) or "").strip()
            if name in ("@", "*", "<", "^", "?", "%", "+"):
                return target if name == "@" else "${" + {"*": "STEM", "<": "INPUT"}.get(name, "INPUTS") + "}"
            function, blank, rest = name.partition(" ")
            if function == "shell" and blank:
                return _OPEN + rest + _CLOSE
            if function in _SAYING and blank:
                return ""
            if function == "if" and blank:
                # Either branch only says whether make echoes the line: `Q = $(if $(V),,@)`.
                branches = {branch.strip().strip("@+-") for branch in rest.split(",")[1:]}
                if len(branches) == 1:
                    return branches.pop()
            if name in overrides:
                return overrides[name]
            if name == "MAKE":
                return "make"
            if name in self.variables:
                if name not in expanded:
                    expanded[name] = ""
                    if depth < MAX_EXPANSION:
                        expanded[name] = self._held(self.variables[name], overrides, target, expanded, depth + 1)[:MAX_LENGTH]
                return expanded[name]
            return "${" + re.sub(r"\W.*", "", name) + "}" if re.match(r"\w", name) else "${MAKE_EXPRESSION}"

        held = text.replace("$$", "\0")
        for _ in range(MAX_NESTING):
            before = held
            held = _REFERENCE.sub(replaced, held)
            if held == before or "$(" not in held:
                break
        return held


def read_makefile(text: str) -> Makefile:
    """Rules and variables. Conditionals are read as if every branch were taken, the first setting of a variable winning."""
    makefile = Makefile()
    current: list[Rule] = []
    lines = text.split("\n")
    number = 0
    conditional = 0
    while number < len(lines):
        start = number
        raw = lines[number].rstrip("\r")
        while raw.endswith("\\") and number + 1 < len(lines):
            number += 1
            raw += "\n" + lines[number].rstrip("\r")
        number += 1
        if raw.startswith("\t") and current:
            for rule in current:
                rule.recipe.append(_recipe_line(raw, start + 1))
            continue
        line = re.sub(r"\\\n\s*", " ", raw).strip()
        if not line or line.startswith("#"):
            continue
        word = line.split()[0]
        if word in ("ifeq", "ifneq", "ifdef", "ifndef"):
            conditional += 1
            continue
        if word in ("else", "endif"):
            conditional -= word == "endif"
            continue
        if word in ("include", "-include", "sinclude"):
            makefile.includes.extend(line.split()[1:])
            continue
        if word == "define":
            while number < len(lines) and lines[number].strip() != "endef":
                number += 1
            number += 1
            continue
        current = _statement(makefile, line, start + 1, conditional > 0) or []
    return makefile


def _recipe_line(raw: str, line: int) -> RecipeLine:
    body = raw[1:]
    flags = re.match(r"[\s@+-]*", body)
    prefix = flags.group() if flags else ""
    # Continuation lines of a recipe lose one leading tab.
    return RecipeLine(line, body[len(prefix) :].replace("\n\t", "\n"), "-" in prefix)


def _statement(makefile: Makefile, line: str, number: int, conditional: bool) -> list[Rule] | None:
    assigned = _ASSIGNMENT.match(line)
    if assigned:
        name, operator, value = assigned.groups()
        value = re.sub(r"\s+#.*$", "", value).strip()
        if operator == "+=" and name in makefile.variables:
            makefile.variables[name] += " " + value
        elif operator == "!=":
            makefile.variables[name] = f"$(shell {value})"
        elif operator == "?=" or conditional:
            makefile.variables.setdefault(name, value)
            makefile.defaults.add(name)
        else:
            makefile.variables[name] = value
        return None
    found = _RULE.match(line)
    if not found:
        return None
    targets = makefile.expand(found.group(1), {}).split()
    rest, _, inline = found.group(3).partition(";")
    if _ASSIGNMENT.match(rest):
        return None
    prerequisites = [p for p in makefile.expand(re.sub(r"\s#.*$", "", rest), {}).split() if p != "|"]
    if targets == [".ONESHELL"]:
        makefile.one_shell = True
    rules = []
    for target in targets:
        rule = makefile.rules.setdefault(target, Rule(target, number))
        rule.prerequisites.extend(prerequisites)
        if inline.strip():
            rule.recipe.append(_recipe_line("\t" + inline.strip(), number))
        if not makefile.first and not target.startswith(".") and "%" not in target:
            makefile.first = target
        rules.append(rule)
    return rules
