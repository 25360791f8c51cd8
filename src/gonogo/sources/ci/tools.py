"""What well-known actions and commands do, from the table in tools.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import translate
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from gonogo.formats.yaml_reader import read_yaml
from gonogo.model.value import Unknown
from gonogo.sources.ci.command import Command, program_of_image
from gonogo.sources.ci.shell.run import Text
from gonogo.sources.code_tools import NONE, Checks, code_tools

Answer: TypeAlias = "bool | Unknown"
_Row: TypeAlias = Mapping[str, object]


# What finds something, so that it can be told to fail for it or not.
_FINDING = frozenset({"imageScan", "staticAnalysis", "dynamicAnalysis"})


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a step does: only the practices it does, or may do."""

    does: Mapping[str, Answer] = field(default_factory=dict)
    images: tuple[Text, ...] = ()
    enforced: Answer = True
    """Whether the tool fails when it finds something."""
    report: str = ""
    checks: Checks = NONE

    def __bool__(self) -> bool:
        return bool(self.does) or bool(self.checks)


# What prepares a tool, logs in or stores something does not do what the tool is for.
_HARMLESS = re.compile(
    r"(?i)(^|[/_.-])(setup|install|installer|login|cache|checkout|download|upload|cleanup|purge|prune|delete|label|labeler|notify|slack|comment|badge|wait|status|stale|lock|cancel|undeploy|teardown|destroy)([/_.-]|$)"
)


class Toolbox:
    """The table, compiled."""

    def __init__(self) -> None:
        text = files("gonogo.sources.ci").joinpath("tools.yaml").read_text("utf-8")
        table = read_yaml("tools.yaml", text).documents[0].value
        self._code = code_tools()
        assert isinstance(table, Mapping)
        self._actions = [(_patterns(row["uses"]), row) for row in _rows(table, "actions")]
        self._commands: dict[str, list[_Row]] = {}
        for row in _rows(table, "commands"):
            for program in _texts(row["program"]):
                self._commands.setdefault(program, []).append(row)
        self.images = [(_pattern(p), str(row["program"])) for row in _rows(table, "images") for p in _texts(row["image"])]
        self._templates = [(_patterns(row["template"]), tuple(_texts(row["does"]))) for row in _rows(table, "gitlab_templates")]
        self._hints = [(str(row["practice"]), _groups(row["words"])) for row in _rows(table, "hints")]

    def program(self, image: str) -> str | None:
        """The program of a tool image, None where the image is not in the table."""
        return program_of_image(image, self.images)

    def action(self, name: str, inputs: Mapping[str, Text], environment: Mapping[str, Text] | None = None) -> Purpose | None:
        """What an action does with these inputs; None where the table does not know it."""
        purpose: Purpose | None = None
        lowered = name.lower()
        for patterns, row in self._actions:
            if not any(pattern.fullmatch(lowered) for pattern in patterns):
                continue
            named = "*" not in _texts(row["uses"])
            wanted = _all(row.get("with"), inputs, True)
            barred = _all(row.get("without"), inputs, False)
            applies = _and(wanted, barred)
            if applies is False:
                purpose = Purpose() if purpose is None and named else purpose
                continue
            does: dict[str, Answer] = dict.fromkeys(_texts(row.get("does")), applies)
            for extra in _dicts(row.get("also")):
                more = _and(_all(extra.get("with"), inputs, True), _all(extra.get("without"), inputs, False))
                if more is not False:
                    does.update({practice: _and(applies, more) for practice in _texts(extra.get("does"))})
                    does.update({practice: Unknown.because(str(extra.get("reason"))) for practice in _texts(extra.get("maybe"))})
            images = _action_images(row, inputs)
            found = Purpose(does, images, _enforced_action(row, inputs), _input(inputs, str(row.get("report", ""))).text)
            purpose = merged(purpose, found)
        checks = self._code.action(lowered, {key: (text.text, text.known) for key, text in {**(environment or {}), **inputs}.items()})
        return purpose if checks is None else replace(purpose or Purpose(), checks=checks)

    def command(self, command: Command, environment: Mapping[str, Text]) -> Purpose:
        """What a command does; nothing where the table does not know it."""
        purpose: Purpose | None = None
        line = command.line
        for row in self._commands.get(command.program, ()):
            start: int | None = 0
            words = _texts(row.get("words"))
            if words:
                start = _begins(command, words)
                if start is None:
                    continue
            if not _search(row.get("needs"), line, True) or _search(row.get("without"), line, False):
                continue
            does: dict[str, Answer] = dict.fromkeys(_texts(row.get("does")), True)
            does.update({practice: Unknown.because(str(row.get("reason"))) for practice in _texts(row.get("maybe"))})
            for extra in _dicts(row.get("also")):
                if _search(extra.get("needs"), line, True) and not _search(extra.get("without"), line, False):
                    does.update(dict.fromkeys(_texts(extra.get("does")), True))
            found = Purpose(does, _command_images(row, command), _enforced_command(row, command, environment), _report(row, line))
            purpose = merged(purpose, found)
        checks = self._code.command(command.program, line, [word for _, word in command.words()])
        return replace(purpose or Purpose(), checks=checks)

    def template(self, name: str) -> tuple[str, ...]:
        """What a template that GitLab ships does."""
        lowered = name.lower()
        return next((does for patterns, does in self._templates if any(p.fullmatch(lowered) for p in patterns)), ())

    def hinted(self, name: str, what: str) -> Purpose:
        """What something that is not here to be read may do, going by its name: unknown, and only that."""
        if _HARMLESS.search(name):
            return Purpose()
        words = set(re.findall(r"[a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()))
        words.update(a + b for a, b in (("blue", "green"), ("e2", "e")) if a in words and b in words)
        reason = f"what {what} does is not in this repository"
        checks = self._code.hinted(frozenset(words), reason)
        return Purpose({p: Unknown.because(reason) for p, groups in self._hints if all(words & group for group in groups)}, checks=checks)


def merged(one: Purpose | None, other: Purpose) -> Purpose:
    """Both purposes; a practice that is known to be done wins over one that may be."""
    if one is None:
        return other
    does = dict(one.does)
    for practice, answer in other.does.items():
        if does.get(practice) is not True:
            does[practice] = answer
    enforced = other.enforced if _FINDING & set(other.does) else one.enforced
    return Purpose(does, (*one.images, *other.images), enforced, one.report or other.report, one.checks.also(other.checks))


def _begins(command: Command, words: Sequence[str]) -> int | None:
    if command.program == "gcloud":
        # A release track stands first: `gcloud beta run deploy`.
        for track in ((), ("alpha",), ("beta",), ("preview",)):
            start = command.begins([*track, *words])
            if start is not None:
                return start + len(track)
        return None
    return command.begins(words)


def _action_images(row: _Row, inputs: Mapping[str, Text]) -> tuple[Text, ...]:
    images = [inputs[key] for key in _texts(row.get("images")) if key in inputs]
    for key in _texts(row.get("tags")):
        held = inputs.get(key, Text(""))
        for tag in re.findall(r"(?:\$\{\{.*?\}\}|[^\s,])+", held.text):
            bare = "/" not in tag and ":" not in tag
            images.append(Text(f"image:{tag}" if bare else tag, held.known))
    return tuple(images)


def _command_images(row: _Row, command: Command) -> tuple[Text, ...]:
    images = list(command.option(*_texts(row.get("images")))) if row.get("images") else []
    images.extend(Text(f"image:{tag.text}", tag.known) for tag in (command.option(*_texts(row.get("tags"))) if row.get("tags") else []))
    skip = row.get("image_words")
    if isinstance(skip, int):
        words = [a for a in command.arguments if not a.text.startswith("-")]
        images.extend(words[skip:][:4])
    return tuple(images)


def _enforced_command(row: _Row, command: Command, environment: Mapping[str, Text]) -> Answer:
    unwanted = row.get("unenforced_by")
    if unwanted is not None and re.search(str(unwanted), command.line):
        return False
    if "imageScan" not in _texts(row.get("does")):
        return True
    wanted = row.get("enforced_by")
    if wanted is not None and re.search(str(wanted), command.line):
        return True
    variables = row.get("environment")
    for name, pattern in variables.items() if isinstance(variables, Mapping) else ():
        held = environment.get(str(name))
        if held is not None and re.search(str(pattern), held.text):
            return True if held.known else Unknown.because(f"the value of {name} is not known")
    if any(
        not argument.known and re.fullmatch(r"\$\{\w+\}|\$\{\{.*\}\}", argument.text) and "arg" in argument.text.lower()
        for argument in command.arguments
    ):
        return Unknown.because("the options of the scanner are not known")
    return False


def _enforced_action(row: _Row, inputs: Mapping[str, Text]) -> Answer:
    if "imageScan" not in _texts(row.get("does")):
        return True
    wanted = row.get("enforced_by")
    answers = [_matches(pattern, _input(inputs, str(key))) for key, pattern in wanted.items()] if isinstance(wanted, Mapping) else []
    if any(answer is True for answer in answers):
        return True
    return Unknown.merge(answers) if any(isinstance(answer, Unknown) for answer in answers) else False


def _report(row: _Row, line: str) -> str:
    pattern = row.get("report")
    found = re.search(str(pattern), line) if pattern else None
    return (found.group(1) if found.groups() else "") if found else ""


def _all(conditions: object, inputs: Mapping[str, Text], expected: bool) -> Answer:
    """Whether every condition on an input comes out as expected."""
    answers: list[Answer] = []
    for key, pattern in conditions.items() if isinstance(conditions, Mapping) else ():
        if key == "*":
            answers.append(any(re.search(str(pattern), text.text, re.M) for text in inputs.values()) is expected)
            continue
        alternatives = [_matches(pattern, _input(inputs, name)) for name in str(key).split("|")]
        answer: Answer = next((a for a in alternatives if a is True), None) or (
            Unknown.merge(alternatives) if any(isinstance(a, Unknown) for a in alternatives) else False
        )
        answers.append(answer if isinstance(answer, Unknown) else answer is expected)
    return _and(*answers) if answers else True


def _input(inputs: Mapping[str, Text], name: str) -> Text:
    held = inputs.get(name)
    return held if held is not None else Text("")


_EVENT = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def _matches(pattern: object, text: Text) -> Answer:
    if re.search(str(pattern), text.text, re.M):
        return True
    if text.known:
        return False
    whole = _EVENT.fullmatch(text.text.strip())
    if whole:
        if re.fullmatch(r"github\.[\w.]+", whole.group(1)):
            return False  # a name, a commit or a number: never one of the words of the table
        return Unknown.because(f"`{text.text.strip()}` is not known")
    return False


def _and(*answers: Answer) -> Answer:
    if any(answer is False for answer in answers):
        return False
    unknown = [answer for answer in answers if isinstance(answer, Unknown)]
    return Unknown.merge(unknown) if unknown else True


def _search(pattern: object, line: str, absent: bool) -> bool:
    return absent if pattern is None else re.search(str(pattern), line) is not None


def _rows(table: Mapping[str, object], name: str) -> list[_Row]:
    return _dicts(table.get(name))


def _dicts(value: object) -> list[_Row]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


@cache
def toolbox() -> Toolbox:
    """The table that comes with gonogo: read once, and never written to."""
    return Toolbox()


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, list) else []


def _groups(value: object) -> list[set[str]]:
    return [set(_texts(group)) for group in value] if isinstance(value, list) else []


def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob))


def _patterns(value: object) -> list[re.Pattern[str]]:
    return [_pattern(glob) for glob in _texts(value)]


def practices(names: Iterable[str]) -> dict[str, Answer]:
    """These practices, done for certain."""
    return dict.fromkeys(names, True)
