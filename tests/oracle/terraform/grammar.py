"""A grammar of Terraform expressions and what is drawn from it: the same for a seed on every machine.

Most of what it yields is well typed, some of it is deliberately not: what Terraform refuses we must refuse. `SCOPE` holds the
locals that the expressions refer to.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

SCOPE = """
names  = ["ann", "bob", "cy"]
sizes  = tolist([3, 1, 2])
zones  = toset(["b", "a", "c"])
tags   = tomap({ env = "prod", team = "web" })
user   = { name = "ann", age = 30, admin = true, email = null, langs = ["go", "py"] }
users  = [{ name = "ann", age = 30, roles = ["a", "b"] }, { name = "bob", age = 25, roles = [] }, { name = "ann", age = 4.5, roles = ["b"] }]
people = { bob = { age = 25, on = false }, ann = { age = 30, on = true } }
mixed  = [1, "two", true, null, [3], { four = 4 }]
text   = "The quick brown fox"
count  = 3
on     = true
none   = null
json   = "{\\"a\\":[1,2.5,\\"x\\"],\\"b\\":{\\"c\\":null}}"
"""

NUMBER, STRING, BOOL = "number", "string", "bool"
STRINGS, NUMBERS, SET, MAP, OBJECT, ANY = "strings", "numbers", "set", "map", "object", "any"

_TEXTS = (
    "", "a", "b", "abc", "Hello World", "hello-world", "10", "3.5", "-2", "true", "false", "a,b,,c", " padded ", "x\ny", "tab\there", "üñí",
    "日本", "e\u0301", "a/b/c.txt", "10.0.0.0/8", "<a&b>", "q\"q", "back\\slash", "$", "%", "${x}", "%{y}", "a1b22c333", "0x1F", "1e3", "UPPER",
    "null", "k=v;l=w", "\u2028", "naïve café", "ǆ", "\r\nend\n",
)  # fmt: skip
_NUMBERS = (
    "0", "1", "2", "3", "5", "7", "10", "12", "100", "255", "1024", "-1", "-3", "0.5", "1.5", "2.25", "-0.75", "0.1", "3.14159", "1e3", "1E2", "25e-1",
    "1.5e2", "123456789", "9007199254740993", "1000000", "0.000001", "1e10", "1e-7",
)  # fmt: skip
_VERBS = ("%s", "%v", "%d", "%5d", "%-5s|", "%05d", "%.2f", "%q", "%t", "%#v", "%x", "%X", "%o", "%b", "%e", "%g", "%6.1f", "%+d", "%%", "%08.3f", "%3s", "%.1s")
_PATTERNS = ("[a-z]+", "(\\\\w)(\\\\d+)", "^(?P<first>[a-z])", "\\\\s+", "[^,]+", "(a)|(b)", "l+", "x*", "[[:upper:]]", "(?i)hello", "\\\\bw", ".", "$")
_DATES = ("2024-02-29T12:34:56Z", "1999-12-31T23:59:59+05:30", "2017-11-22T00:00:00Z", "2020-06-01T08:09:10-03:00", "2023-01-01T00:00:00.5Z", "2021-02-30T00:00:00Z")
_DURATIONS = ("1h", "-90m", "24h", "1h30m15s", "1.5h", "300ms", "10", "0s", "8760h")
_DATE_FORMATS = (
    "YYYY-MM-DD", "DD MMM YYYY hh:mm ZZZ", "EEEE, MMMM D", "EEE h:mm aa", "HH:mm:ss AA", "YY/M/D", "'on' D", "hh'h'mm", "YYYY-MM-DD'T'hh:mm:ssZ",
    "ZZZZ ZZZZZ", "QQ", "it''s",
)  # fmt: skip
_PREFIXES = ("10.0.0.0/8", "192.168.1.0/24", "172.16.5.4/12", "fd00::/48", "2001:db8::/32", "10.1.2.3/32", "10.0.0.0", "0.0.0.0/0", "300.0.0.0/8")
_CSV = ("a,b\n1,2\n3,4", "x\n", 'n,v\n"q, r",2', "a,a\n1,2", "a,b\n1")
_SEARCHES = ("a", "l", " ", "/[a-z]+/", r"/(\w)(\w)/", "", "/o$/")
_MEMBERS = ("v", "k", "[k, v]", "{k = v}", '"${k}!"')
_POSITIONS = ("0", "1", "2", "3", "-1", '"0"', '"a"', "0.5", "true", "null", "local.count")
_TAG_STEPS = (".env", '["team"]', ".nope", '["nope"]', ".env.x")
_ITEM_RESULTS = ("upper({0})", '"${{{0}}}-"', "{0}", "length({0})", "trimspace({0})")
_INDEXED = ('"${i}:${v}"', "i", "i * 2", "v")
_PAIRED = ("v", "k", '"${k}/${v}"')
_PAIR_FILTERS = ("", ' if k != "a"', " if v != null")
_USER_FILTERS = ("", ' if u.name == "ann"', " if length(u.roles) > 0")
_KEYS = ("a", "b", "env", "team", "name", "age", "zz", "k-1")
_TYPES = (NUMBER, STRING, BOOL, STRINGS, NUMBERS, SET, MAP, OBJECT)
_DRAWABLE = TypeVar("_DRAWABLE")


def quoted(text: str) -> str:
    """`text` as a string literal."""
    body = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return '"' + body.replace("${", "$${").replace("%{", "%%{") + '"'


def draw(seed: int, count: int) -> list[str]:
    """`count` different expressions."""
    drawing = Grammar(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[drawing.expression()] = None
    return list(found)


class Grammar:
    """Draws expressions. A method per type, `depth` is how much deeper it may go."""

    def __init__(self, seed: int) -> None:
        # Only `random()` of this generator is promised to stay the same over the versions of Python.
        self._random = random.Random(seed).random
        self._local = 0
        self._by_type: dict[str, Callable[[int], str]] = {
            NUMBER: self.number, STRING: self.string, BOOL: self.bool, STRINGS: self.strings, NUMBERS: self.numbers,
            SET: self.set, MAP: self.map, OBJECT: self.object, ANY: self.any,
        }  # fmt: skip

    def pick(self, options: Sequence[_DRAWABLE]) -> _DRAWABLE:
        return options[int(self._random() * len(options))]

    def one_of(self, *productions: Callable[[], str]) -> str:
        return self.pick(productions)()

    def chance(self, share: float) -> bool:
        return self._random() < share

    def expression(self) -> str:
        """Any expression."""
        return self.heredoc(1) if self.chance(0.06) else self.any(1 + int(self._random() * 3))

    def of(self, kind: str, depth: int) -> str:
        """An expression of a type; now and then of another one, or null."""
        if self.chance(0.025):
            return self.pick(("null", "local.none"))
        return self._by_type[self.pick(_TYPES) if self.chance(0.04) else kind](depth)

    def any(self, depth: int) -> str:
        if depth > 0 and self.chance(0.12):
            return self.mixed(depth - 1)
        return self._by_type[self.pick(_TYPES)](depth)

    def mixed(self, depth: int) -> str:
        """What has no type of its own."""
        d = depth
        return self.one_of(
            lambda: f"{self.of(BOOL, d)} ? {self.any(d)} : {self.any(d)}",
            lambda: f"try({self.any(d)}, {self.any(d)})",
            lambda: f"try({self.access(d)}, {self.any(d)})",
            lambda: f"coalesce({self.any(d)}, {self.any(d)})",
            lambda: f"[{self.any(d)}, {self.any(d)}]",
            lambda: f"tolist([{self.any(d)}, {self.any(d)}])",
            lambda: f"toset([{self.any(d)}, {self.any(d)}])",
            lambda: f"tomap({{a = {self.any(d)}, b = {self.any(d)}}})",
            lambda: f"flatten([{self.any(d)}, [{self.any(d)}]])",
            lambda: f"concat({self.of(STRINGS, d)}, {self.of(NUMBERS, d)})",
            lambda: f"distinct([{self.any(d)}, {self.any(d)}, {self.any(d)}])",
            lambda: f"setproduct({self.of(STRINGS, d)}, {self.of(NUMBERS, d)})",
            lambda: f"zipmap({self.of(STRINGS, d)}, {self.of(NUMBERS, d)})",
            lambda: f"chunklist({self.of(STRINGS, d)}, {self.of(NUMBER, 0)})",
            lambda: f"transpose({{a = {self.of(STRINGS, d)}, b = {self.of(STRINGS, d)}}})",
            lambda: f"lookup({self.of(OBJECT, d)}, {quoted(self.pick(_KEYS))}, {self.any(d)})",
            lambda: f"element({self.of(STRINGS, d)}, {self.of(NUMBER, 0)})",
            lambda: f"one([{self.any(d)}])",
            lambda: f"jsondecode(jsonencode({self.any(d)}))",
            lambda: f"yamldecode(yamlencode({self.any(d)}))",
            lambda: "jsondecode(local.json)." + self.pick(("a", "b", "a[1]", "b.c", "a[*]", "c")),
            lambda: f"csvdecode({quoted(self.pick(_CSV))})",
            lambda: f"regex({quoted_pattern(self.pick(_PATTERNS))}, {self.of(STRING, d)})",
            lambda: f"regexall({quoted_pattern(self.pick(_PATTERNS))}, {self.of(STRING, d)})",
            lambda: f"values({self.of(OBJECT, d)})",
            lambda: self.access(d),
            lambda: self.splat(d),
            lambda: f"coalescelist({self.of(STRINGS, d)}, {self.of(NUMBERS, d)})",
            lambda: f"merge({self.of(OBJECT, d)}, {self.of(MAP, d)})",
            lambda: f"matchkeys({self.of(STRINGS, d)}, {self.of(STRINGS, d)}, {self.of(STRINGS, d)})",
            lambda: f"{{for k, v in {self.of(OBJECT, d)} : k => {self.pick(('v', 'type_is(v)', '[v]', 'k', 'v == null'))}}}".replace("type_is(v)", "can(tostring(v))"),
            lambda: f"[for k, v in {self.of(OBJECT, d)} : {self.pick(_MEMBERS)}]",
            lambda: f"sort({self.of(STRINGS, d)})[{self.of(NUMBER, 0)}]",
        )

    def access(self, depth: int) -> str:
        """Attributes and indices, of what is there and of what is not."""
        return self.one_of(
            lambda: "local.user." + self.pick(("name", "age", "email", "langs", "nope", "langs[0]", "langs[5]", "name.x", "langs.0")),
            lambda: f"local.users[{self.pick(_POSITIONS)}]" + self.pick(("", ".name", ".age", ".roles", ".x", ".roles[0]")),
            lambda: f"local.people[{quoted(self.pick(('ann', 'bob', 'x')))}]" + self.pick(("", ".age", ".on", ".off", '["age"]')),
            lambda: f"local.mixed[{self.pick(('0', '1', '2', '3', '4', '5', '6'))}]" + self.pick(("", "", "[0]", ".four")),
            lambda: f"local.tags{self.pick(_TAG_STEPS)}",
            lambda: f"local.names[{self.of(NUMBER, depth)}]",
            lambda: f"local.sizes[{self.pick(_POSITIONS)}]",
            lambda: f"{self.of(STRINGS, depth)}[{self.pick(('0', '1'))}]",
            lambda: f"({self.of(OBJECT, depth)}).{self.pick(('a', 'b', 'name'))}",
            lambda: f"local.zones[{self.pick(_POSITIONS)}]",
        )

    def splat(self, depth: int) -> str:
        return self.one_of(
            lambda: "local.users[*]." + self.pick(("name", "age", "roles", "roles[0]", "nope", "roles[*]")),
            lambda: "local.users.*." + self.pick(("name", "age", "roles", "name[0]", "roles[0]")),
            lambda: "local.user[*]" + self.pick(("", ".name", ".langs[0]", ".nope")),
            lambda: "local.none[*]" + self.pick(("", ".a")),
            lambda: "local.people[*]" + self.pick((".ann.age", ".ann", "")),
            lambda: f"{self.of(STRINGS, depth)}[*]",
            lambda: f"{self.of(STRING, depth)}[*]",
            lambda: f"values(local.people)[*].{self.pick(('age', 'on', 'x'))}",
            lambda: "local.sizes[*]",
            lambda: "local.zones[*]",
            lambda: "[local.user, null][*].name",
        )

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(("local.count", "local.user.age", "local.sizes[0]", "length(local.names)")) if self.chance(0.12) else self.pick(_NUMBERS)
        d = depth - 1
        return self.one_of(
            lambda: f"{self.of(NUMBER, d)} {self.pick(('+', '-', '*'))} {self.of(NUMBER, d)}",
            lambda: f"({self.of(NUMBER, d)} {self.pick(('+', '-', '*', '%'))} {self.of(NUMBER, d)}) * {self.of(NUMBER, d)}",
            lambda: f"{self.of(NUMBER, d)} / {self.pick(('1', '2', '4', '8', '10', '-5', '0.5'))}",
            lambda: f"{self.of(NUMBER, d)} % {self.pick(('2', '3', '7', '-4', '1.5', '0'))}",
            lambda: f"-{self.pick(_NUMBERS).lstrip('-')} {self.pick(('+', '-', '*'))} {self.of(NUMBER, d)}",
            lambda: f"-({self.of(NUMBER, d)})",
            lambda: f"{self.of(STRING, 0)} + {self.of(NUMBER, d)}",
            lambda: f"{self.pick(('abs', 'ceil', 'floor', 'signum'))}({self.of(NUMBER, d)})",
            lambda: f"{self.pick(('max', 'min'))}({self.of(NUMBER, d)}, {self.of(NUMBER, d)}, {self.of(NUMBER, d)})",
            lambda: f"{self.pick(('max', 'min'))}({self.of(NUMBERS, d)}...)",
            lambda: f"sum({self.of(NUMBERS, d)})",
            lambda: f"length({self.of(self.pick((STRING, STRINGS, NUMBERS, MAP, OBJECT, SET)), d)})",
            lambda: f"tonumber({self.of(self.pick((STRING, NUMBER, NUMBER)), d)})",
            lambda: f"parseint({quoted(self.pick(('10', 'ff', 'FF', '-7', '0', 'z', '101', '08', '')))}, {self.pick(('2', '8', '10', '16', '36', '62', '1'))})",
            lambda: f"pow({self.pick(('2', '3', '10', '0.5', '-2', '0'))}, {self.pick(('0', '1', '2', '3', '10'))})",
            lambda: f"{self.pick(('ceil', 'floor'))}(log({self.pick(('1', '8', '100', '1024', '0.5', '16'))}, {self.pick(('2', '10', '4', '3'))}))",
            lambda: f"index({self.of(STRINGS, d)}, {self.of(STRING, 0)})",
            lambda: f"{self.of(BOOL, d)} ? {self.of(NUMBER, d)} : {self.of(NUMBER, d)}",
            lambda: f"timecmp({quoted(self.pick(_DATES))}, {quoted(self.pick(_DATES))})",
            lambda: f"{self.of(NUMBERS, d)}[{self.pick(('0', '1', '2', '9'))}]",
        )

    def bool(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(("true", "false", "local.on", '"true"', "local.user.admin"))
        d = depth - 1
        return self.one_of(
            lambda: f"{self.of(NUMBER, d)} {self.pick(('<', '<=', '>', '>=', '==', '!='))} {self.of(NUMBER, d)}",
            lambda: f"{self.of(BOOL, d)} {self.pick(('&&', '||'))} {self.of(BOOL, d)}",
            lambda: f"!{self.pick(('true', 'false', 'local.on'))} {self.pick(('&&', '||', '=='))} {self.of(BOOL, d)}",
            lambda: f"!({self.of(BOOL, d)})",
            lambda: f"{self.any(d)} {self.pick(('==', '!='))} {self.any(d)}",
            lambda: f"{self.any(d)} == null",
            lambda: f"contains({self.of(self.pick((STRINGS, NUMBERS, SET)), d)}, {self.of(self.pick((STRING, NUMBER)), 0)})",
            lambda: f"can({self.any(d)})",
            lambda: f"can({self.access(d)})",
            lambda: f"{self.pick(('startswith', 'endswith', 'strcontains'))}({self.of(STRING, d)}, {self.of(STRING, 0)})",
            lambda: f"{self.pick(('alltrue', 'anytrue'))}([{self.of(BOOL, d)}, {self.of(BOOL, d)}])",
            lambda: f"tobool({self.of(self.pick((BOOL, STRING)), d)})",
            lambda: f"{self.of(BOOL, d)} ? {self.of(BOOL, d)} : {self.of(BOOL, d)}",
            lambda: f"{self.of(NUMBER, 0)} + {self.of(NUMBER, 0)} {self.pick(('<', '>=', '=='))} {self.of(NUMBER, 0)} && {self.of(BOOL, d)}",
            lambda: f"can(regex({quoted_pattern(self.pick(_PATTERNS))}, {self.of(STRING, d)}))",
        )

    def string(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(("local.text", "local.user.name", "local.names[1]", 'local.tags["env"]')) if self.chance(0.15) else quoted(self.pick(_TEXTS))
        d = depth - 1
        one = (
            "upper", "lower", "title", "chomp", "trimspace", "strrev", "md5", "sha1", "base64encode", "urlencode", "jsonencode", "sha256", "tostring",
            "base64sha256",
        )  # fmt: skip
        return self.one_of(
            lambda: self.template(d),
            lambda: self.template(d),
            # In an object a line break ends the item.
            lambda: f"({self.heredoc(d)})",
            lambda: f"({self.heredoc(d)})",
            lambda: f"{self.pick(one)}({self.of(STRING, d)})",
            lambda: f"{self.pick(one)}({self.of(STRING, d)})",
            lambda: f"jsonencode({self.any(d)})",
            lambda: f"yamlencode({self.any(d)})",
            lambda: f"tostring({self.of(self.pick((NUMBER, BOOL)), d)})",
            lambda: f"join({quoted(self.pick((',', '', '-', ', ')))}, {self.of(self.pick((STRINGS, STRINGS, NUMBERS, SET)), d)})",
            lambda: f"replace({self.of(STRING, d)}, {quoted(self.pick(_SEARCHES))}, {quoted(self.pick(('', 'X', '$2$1', '-')))})",
            lambda: f"substr({self.of(STRING, d)}, {self.pick(('0', '1', '-3', '2', '50'))}, {self.pick(('0', '1', '3', '-1', '100'))})",
            lambda: f"{self.pick(('trim', 'trimprefix', 'trimsuffix'))}({self.of(STRING, d)}, {quoted(self.pick(('a', 'H', ' ', 'abc', 'd', '', '/')))})",
            lambda: f"format({quoted(self.verb() + self.pick(('', ' ', 'x', '%%')))}, {self.of(self.pick((STRING, NUMBER, NUMBER, BOOL, STRINGS)), d)})",
            lambda: f"format({quoted(self.verb() + ' ' + self.verb())}, {self.of(NUMBER, d)}, {self.of(STRING, d)})",
            lambda: f"format(\"%[2]s-%[1]s\", {self.of(STRING, d)}, {self.of(NUMBER, d)})",
            lambda: f"indent({self.pick(('0', '2', '4'))}, {self.of(STRING, d)})",
            lambda: f"formatdate({quoted(self.pick(_DATE_FORMATS))}, {quoted(self.pick(_DATES))})",
            lambda: f"timeadd({quoted(self.pick(_DATES))}, {quoted(self.pick(_DURATIONS))})",
            lambda: f"cidrhost({quoted(self.pick(_PREFIXES))}, {self.pick(('0', '1', '5', '-1', '-2', '256', '16777216'))})",
            lambda: f"cidrsubnet({quoted(self.pick(_PREFIXES))}, {self.pick(('0', '1', '4', '8', '16', '24'))}, {self.pick(('0', '1', '3', '15', '200'))})",
            lambda: f"cidrnetmask({quoted(self.pick(_PREFIXES))})",
            lambda: f"{self.pick(('dirname', 'basename'))}({self.of(STRING, d)})",
            lambda: f"base64decode(base64encode({self.of(STRING, d)}))",
            lambda: f"uuidv5({quoted(self.pick(('dns', 'url', 'oid', 'x500', 'nope')))}, {self.of(STRING, 0)})",
            lambda: f"textdecodebase64(textencodebase64({self.of(STRING, 0)}, \"UTF-16LE\"), \"UTF-16LE\")",
            lambda: f"{self.of(BOOL, d)} ? {self.of(STRING, d)} : {self.of(self.pick((STRING, NUMBER)), d)}",
            lambda: f"coalesce({self.of(STRING, d)}, {self.of(STRING, d)})",
            lambda: f"lookup({self.of(MAP, d)}, {quoted(self.pick(_KEYS))}, {self.of(STRING, 0)})",
        )

    def verb(self) -> str:
        return self.pick(_VERBS)

    def piece(self, depth: int) -> str:
        """Part of a template, on one line."""
        d = depth
        text = self.pick(("a", " ", " b ", "-", "é", "x = ", ""))
        left, right = self.pick(("", "", "", "~")), self.pick(("", "", "", "~"))
        return text + self.one_of(
            lambda: f"${{{left}{self.of(self.pick((STRING, NUMBER, BOOL)), d)}{right}}}",
            lambda: f"${{{left} {self.of(self.pick((STRING, NUMBER, NUMBER)), d)} {right}}}",
            lambda: f"%{{{left} if {self.of(BOOL, d)} {right}}} yes %{{{left} else {right}}} no %{{{left} endif {right}}}",
            lambda: f"%{{{left} if {self.of(BOOL, d)} {right}}}${{{self.of(NUMBER, 0)}}}%{{ endif {right}}}",
            lambda: f"%{{{left} for v in {self.of(self.pick((STRINGS, NUMBERS, SET)), d)} {right}}} ${{v}},%{{{left} endfor {right}}}",
            lambda: f"%{{ for k, v in {self.of(MAP, d)} {right}}}${{k}}=${{{left}v}} %{{ endfor }}",
        )

    def template(self, depth: int) -> str:
        body = "".join(self.piece(depth if i == 0 else 0) for i in range(1 + int(self._random() * 2)))
        return f'"{body}{self.pick(("", " end", "!", " "))}"'

    def heredoc(self, depth: int) -> str:
        """`<<EOT` and `<<-EOT`; what a template interpolates in it stays on its line."""
        flush = self.pick(("", "-", "-"))
        lines: list[str] = []
        for _ in range(1 + int(self._random() * 4)):
            margin = self.pick(("", "  ", "    ", "      ", "\t"))
            kind = int(self._random() * 8)
            left, right = self.pick(("", "", "~")), self.pick(("", "", "~"))
            if kind <= 2:
                lines.append(margin + self.pick(("plain", "a \\n b", "key: value", "  deeper", "$${raw} %%{raw}", "$5 and 10%", "")))
            elif kind <= 4:
                lines.append(f"{margin}{self.pick(('', 'v='))}${{{left}{self.flat(depth)}{right}}}{self.pick(('', ' tail', ' '))}")
            elif kind == 5:
                lines += [f"{margin}%{{{left} if {self.flat_bool()} {right}}}", f"{margin}  then", f"{margin}%{{ endif {right}}}"]
            elif kind == 6:
                lines += [f"{margin}%{{ for n in {self.flat_list()} {right}}}", f"{margin}- ${{n}}", f"{margin}%{{{left} endfor {right}}}"]
            else:
                lines.append("")
        return f"<<{flush}EOT\n" + "".join(f"{line}\n" for line in lines) + f"{'  ' if flush else ''}EOT\n"

    def flat(self, depth: int) -> str:
        """An expression without a line break: no heredoc in it."""
        found = self.of(self.pick((STRING, NUMBER)), depth)
        return found if "\n" not in found else "local.text"

    def flat_bool(self) -> str:
        return self.pick(("true", "false", "local.on", "local.count > 2", "length(local.names) == 0"))

    def flat_list(self) -> str:
        return self.pick(("local.names", "local.zones", "local.sizes", "[]", '["p", "q"]', "local.tags", "keys(local.people)"))

    def name(self) -> str:
        self._local = (self._local + 1) % 3
        return ("x", "y", "z")[self._local]

    def strings(self, depth: int) -> str:
        if depth <= 0:
            if self.chance(0.35):
                return self.pick(("local.names", "local.user.langs", "keys(local.tags)", "tolist(local.zones)", "[]", "tolist([])"))
            return "[" + ", ".join(self.of(STRING, 0) for _ in range(int(self._random() * 4))) + "]"
        d = depth - 1
        return self.one_of(
            lambda: "[" + ", ".join(self.of(STRING, d) for _ in range(1 + int(self._random() * 3))) + "]",
            lambda: f"split({quoted(self.pick((',', ' ', '', 'a', '/')))}, {self.of(STRING, d)})",
            lambda: f"[for {(n := self.name())} in {self.of(self.pick((STRINGS, SET, STRINGS)), d)} : {self.pick(_ITEM_RESULTS).format(n)}"
            + self.pick(("]", f" if {n} != \"a\"]", f" if length({n}) > 1]")),
            lambda: f"[for i, v in {self.of(STRINGS, d)} : {self.pick(_INDEXED)}{self.pick(('', ' if i > 0', ' if i % 2 == 0'))}]",
            lambda: f"{self.pick(('compact', 'distinct', 'reverse', 'sort', 'tolist'))}({self.of(STRINGS, d)})",
            lambda: f"concat({self.of(STRINGS, d)}, {self.of(STRINGS, d)})",
            lambda: f"slice({self.of(STRINGS, d)}, {self.pick(('0', '1'))}, {self.pick(('1', '2', '3'))})",
            lambda: f"keys({self.of(self.pick((MAP, OBJECT)), d)})",
            lambda: f"values({self.of(MAP, d)})",
            lambda: f"flatten([{self.of(STRINGS, d)}, {self.of(STRING, d)}, [[{self.of(STRING, 0)}]]])",
            lambda: f"formatlist({quoted(self.pick(('%s-%s', '%s=%v', '%2$s%1$s', '%s')))}, {self.of(STRINGS, d)}, {self.of(self.pick((STRING, STRINGS)), d)})",
            lambda: "local.users[*].name",
            lambda: f"cidrsubnets({quoted(self.pick(_PREFIXES[:5]))}, {self.pick(('4, 4', '8, 4, 4', '1, 1, 1', '2', '16, 8'))})",
            lambda: f"tolist({self.of(SET, d)})",
            lambda: f"{self.of(BOOL, d)} ? {self.of(STRINGS, d)} : {self.of(STRINGS, d)}",
            lambda: f"{self.of(STRINGS, d)}[*]",
        )

    def numbers(self, depth: int) -> str:
        if depth <= 0:
            if self.chance(0.3):
                return self.pick(("local.sizes", "range(3)", "local.users[*].age", "[]", "tolist([1, 2])"))
            return "[" + ", ".join(self.of(NUMBER, 0) for _ in range(1 + int(self._random() * 3))) + "]"
        d = depth - 1
        return self.one_of(
            lambda: "[" + ", ".join(self.of(NUMBER, d) for _ in range(1 + int(self._random() * 3))) + "]",
            lambda: f"range({self.pick(('0', '3', '5', '-2', '1, 4', '5, 1', '0, 10, 3', '1, 0, 0.5', '0, 1, 0.25', '10, 0, -4', '2.5'))})",
            lambda: f"[for n in {self.of(NUMBERS, d)} : {self.pick(('n * 2', 'n + 0.5', 'n % 3', '-n', 'tostring(n)', 'n > 1'))}{self.pick(('', ' if n > 0', ' if n != 3'))}]",
            lambda: f"[for v in {self.of(STRINGS, d)} : length(v)]",
            lambda: f"{self.pick(('reverse', 'distinct', 'tolist', 'sort'))}({self.of(NUMBERS, d)})",
            lambda: f"concat({self.of(NUMBERS, d)}, {self.of(NUMBERS, d)})",
            lambda: f"tolist(toset({self.of(NUMBERS, d)}))",
            lambda: f"[for u in local.users : u.age{self.pick(_USER_FILTERS)}]",
            lambda: "values({for k, v in local.people : k => v.age})",
            lambda: f"slice({self.of(NUMBERS, d)}, 0, {self.pick(('0', '1', '2'))})",
        )

    def set(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(("local.zones", "toset([])", 'toset(["b", "a"])', "toset([2, 10, 1])", 'toset(["10", "9", 9])', "toset([true, false])"))
        d = depth - 1
        return self.one_of(
            lambda: f"toset({self.of(STRINGS, d)})",
            lambda: f"toset({self.of(NUMBERS, d)})",
            lambda: f"{self.pick(('setunion', 'setintersection', 'setsubtract'))}({self.of(SET, d)}, {self.of(self.pick((SET, STRINGS)), d)})",
            lambda: f"toset([{self.of(OBJECT, 0)}, {self.of(OBJECT, 0)}])",
            lambda: f"toset(keys({self.of(MAP, d)}))",
            lambda: f"toset([for v in {self.of(SET, d)} : v])",
            lambda: f"toset([{self.of(STRINGS, 0)}, {self.of(STRINGS, 0)}])",
            lambda: f"setproduct({self.of(SET, 0)}, {self.of(SET, d)})",
        )

    def map(self, depth: int) -> str:
        if depth <= 0:
            return self.pick(("local.tags", "tomap({})", "{}", 'tomap({a = "x", b = "y"})', '{env = "dev"}', "tomap({b = 1, a = 2})"))
        d = depth - 1
        return self.one_of(
            lambda: f"tomap({self.of(OBJECT, d)})",
            lambda: f"merge({self.of(MAP, d)}, {self.of(MAP, d)})",
            lambda: f"zipmap({self.of(STRINGS, d)}, {self.of(STRINGS, d)})",
            lambda: f"{{for v in {self.of(self.pick((STRINGS, SET)), d)} : v => {self.pick(('upper(v)', 'v', 'length(v)'))}}}",
            lambda: f"{{for k, v in {self.of(MAP, d)} : {self.pick(('k', 'upper(k)', 'v'))} => {self.pick(_PAIRED)}{self.pick(_PAIR_FILTERS)}}}",
            lambda: f"{{for i, v in {self.of(STRINGS, d)} : i => v}}",
            lambda: "{for u in local.users : u.name => u." + self.pick(("age...}", "roles...}", "age}", "name...}")),
            lambda: "{for v in " + self.of(STRINGS, d) + " : substr(v, 0, 1) => v...}",
            lambda: f"merge([for n in {self.of(STRINGS, d)} : {{(n) = length(n)}}]...)",
            lambda: f"{{for k, p in local.people : k => p.age{self.pick(('', ' if p.on', ' if !p.on'))}}}",
        )

    def object(self, depth: int) -> str:
        if depth <= 0:
            if self.chance(0.4):
                return self.pick(("local.user", "local.people", "local.people.ann", "{}", "local.users[0]"))
            return f"{{a = {self.of(self.pick((NUMBER, STRING, BOOL)), 0)}, b = {self.of(STRING, 0)}}}"
        d = depth - 1
        return self.one_of(
            lambda: f"{{a = {self.any(d)}, b = {self.any(d)}}}",
            lambda: f"{{a : {self.any(d)}, \"b-${{local.count}}\" = {self.any(d)}}}",
            lambda: f"{{({self.of(STRING, 0)}) = {self.any(d)}, name = {self.any(d)}}}",
            lambda: f"merge({self.of(OBJECT, d)}, {{a = {self.any(d)}}})",
            lambda: f"merge({self.of(OBJECT, d)}, {self.of(OBJECT, d)})",
            lambda: f"{{\n  a = {self.any(0)}\n  name = {self.any(d)}\n}}",
            lambda: f"{self.of(BOOL, d)} ? {self.of(OBJECT, 0)} : {self.of(OBJECT, 0)}",
            lambda: f"{{for k, v in {self.of(OBJECT, d)} : upper(k) => v}}",
        )


def quoted_pattern(pattern: str) -> str:
    """A regular expression as a string literal; its backslashes are doubled already."""
    return f'"{pattern}"'
