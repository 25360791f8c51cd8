"""Trees of modules drawn from the grammar: values go through typed variables, modules in modules, `count` and `for_each`, and back."""

from __future__ import annotations

from oracle.terraform.grammar import BOOL, MAP, NUMBER, NUMBERS, OBJECT, SCOPE, STRING, STRINGS, Grammar

# A variable's type, what is drawn for it, and how that is made to fit whatever it is.
_TYPES = (
    ("string", STRING, "try(tostring({0}), null)"),
    ("number", NUMBER, "try(tonumber({0}), 7)"),
    ("bool", BOOL, "try(tobool({0}), false)"),
    ("list(string)", STRINGS, "try([for v in {0} : tostring(v)], [1, true])"),
    ("set(string)", STRINGS, 'try([for v in {0} : tostring(v)], ["b", "a", "b"])'),
    ("list(number)", NUMBERS, 'try([for v in {0} : tonumber(v)], ["3", 2.5])'),
    ("map(string)", MAP, "try({{ for k, v in {0} : k => tostring(v) }}, {{ n = 1 }})"),
    ('object({ a = optional(string, "da"), b = optional(list(string), []), c = optional(object({ d = optional(number, 4) }), {}) })', OBJECT,
     "{{ a = try(tostring({0}.a), null), b = try([tostring({0}.b)], []), e = true }}"),
    ("any", OBJECT, "try({0}, {{}})"),
)  # fmt: skip


def draw_trees(seed: int, count: int) -> dict[str, dict[str, str]]:
    """`count` trees by name."""
    return {f"drawn {number}": _Tree(seed + number).files() for number in range(count)}


class _Tree:
    def __init__(self, seed: int) -> None:
        self._grammar = Grammar(seed)

    def files(self) -> dict[str, str]:
        outer, outer_arguments = self._module("../inner", nested=True)
        inner, self._inner_arguments = self._module("", nested=False)
        outer = outer.replace("@inner@", self._inner_arguments)
        main = f"""
locals {{{SCOPE}}}
module "one" {{
  source = "./outer"
{outer_arguments}}}
module "each" {{
  source   = "./outer"
  for_each = {self._for_each()}
{outer_arguments}}}
module "counted" {{
  source = "./outer"
  count  = {self._count()}
{outer_arguments}}}
resource "terraform_data" "root" {{
  input = [module.one, module.counted[*].all, {{ for k, m in module.each : "k-${{k}}" => m.all }}, {self._safe()}]
}}
"""
        return {"main.tf": main, "outer/main.tf": outer, "inner/main.tf": inner}

    def _module(self, source: str, nested: bool) -> tuple[str, str]:
        """The text of a module, and arguments for its variables."""
        variables, arguments, names = "", "", []
        for number in range(2 + int(self._grammar.chance(0.5))):
            kind, drawn, fitted = self._grammar.pick(_TYPES)
            name = f"v{number}"
            default = f"  default = {self._literal(kind)}\n" if self._grammar.chance(0.4) else ""
            nullable = "  nullable = false\n" if default and self._grammar.chance(0.4) else ""
            variables += f'variable "{name}" {{\n  type = {kind}\n{default}{nullable}}}\n'
            if not default or self._grammar.chance(0.6):
                arguments += f"  {name} = {fitted.format('(' + self._grammar.of(drawn, 1) + ')')}\n"
            names.append(f"var.{name}")
        text = f"locals {{{SCOPE}}}\n{variables}"
        shown = ", ".join([*names, self._safe(), f"try(length({names[0]}), -1)", f"{names[-1]} == null"])
        text += f'resource "terraform_data" "r" {{\n  count = {self._count()}\n  input = [count.index, {shown}]\n}}\n'
        text += f'resource "terraform_data" "e" {{\n  for_each = {self._for_each()}\n  input = {{ key = each.key, value = each.value }}\n}}\n'
        inside = ", module.inner.all" if nested else ""
        if nested:
            text += f'module "inner" {{\n  source = "{source}"\n@inner@}}\n'
        text += f'output "all" {{\n  value = [terraform_data.r[*].input, {{ for k, r in terraform_data.e : "${{k}}!" => r.input }}, {names[0]}{inside}]\n}}\n'
        return text, arguments

    def _literal(self, kind: str) -> str:
        for start, text in (("string", '"d"'), ("number", '"5"'), ("bool", '"true"'), ("list(string)", "[1]"), ("set", '["z", "y"]'), ("list", "[2.5]")):
            if kind.startswith(start):
                return text
        return "{}"

    def _safe(self) -> str:
        return f"try({self._grammar.any(1)}, null)"

    def _count(self) -> str:
        return f"try(abs(floor({self._grammar.of(NUMBER, 1)})) % 3, 1)"

    def _for_each(self) -> str:
        drawn = self._grammar.of(self._grammar.pick((STRINGS, MAP)), 1)
        return f'try({{ for k, v in {drawn} : "k${{k}}" => try(tostring(v), "?") }}, toset(["x"]))' if self._grammar.chance(0.6) else (
            f'try(toset([for v in {drawn} : "n${{v}}"]), toset(["y", "x"]))'
        )  # fmt: skip
