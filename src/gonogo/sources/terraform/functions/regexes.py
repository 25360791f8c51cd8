"""Regular expressions. Terraform's are RE2's; what Python's would match otherwise, or slowly, is not answered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.model.value import Unknown
from gonogo.sources.terraform.values import TfError, TfList, Val

MAX_PATTERN = 2_000
MAX_SUBJECT = 20_000
# Backtracking over nested repetition is exponential, so such a pattern is tried on short texts only.
MAX_NESTED_SUBJECT = 22

_POSIX = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "0-9A-Za-z", "upper": "A-Z", "lower": "a-z", "space": "\\t\\n\\v\\f\\r ", "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f", "punct": "!-/:-@\\[-`{-~", "blank": "\\t ", "cntrl": "\\x00-\\x1f\\x7f", "print": " -~", "graph": "!-~", "ascii": "\\x00-\\x7f",
}  # fmt: skip
_GROUP_REFERENCE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


class _Differs(Exception):
    """Python's `re` has no equal for this pattern."""


def translate(pattern: str) -> tuple[str, bool]:
    """`pattern`, in RE2's syntax, for Python's `re` with `re.ASCII`; and whether repetitions are nested in it.

    Raises `TfError` for what RE2 refuses and `_Differs` for what cannot be translated.
    """
    if len(pattern) > MAX_PATTERN:
        raise _Differs(f"longer than {MAX_PATTERN} characters")
    out: list[str] = []
    groups: list[bool] = []
    last_group_repeats = False
    nested = False
    i = 0
    while i < len(pattern):
        c = pattern[i]
        repeated_group = False
        if c == "\\":
            text, i = _escape(pattern, i, inside=False)
            out.append(text)
        elif c == "[":
            text, i = _class(pattern, i)
            out.append(text)
        elif c == "(":
            text, i = _open(pattern, i)
            out.append(text)
            if not text.startswith("(?:") and text.endswith(")"):
                continue
            groups.append(False)
        elif c == ")":
            if not groups:
                raise TfError("an unexpected ) in a regular expression")
            repeated_group = groups.pop()
            out.append(c)
            i += 1
            if groups and repeated_group:
                groups[-1] = True
            last_group_repeats = repeated_group
            if i < len(pattern) and _repeats(pattern, i):
                nested = nested or last_group_repeats
        elif c == "$":
            out.append("\\Z")
            i += 1
        elif c in "*+?{" and out:
            text, i = _repetition(pattern, i)
            out.append(text)
            if groups and text not in ("?", "??"):
                groups[-1] = True
        else:
            out.append(c)
            i += 1
    return "".join(out), nested


def _repeats(pattern: str, i: int) -> bool:
    return pattern[i] in "*+" or bool(re.match(r"\{\d+(,\d*)?\}", pattern[i:]))


def _repetition(pattern: str, i: int) -> tuple[str, int]:
    match = re.match(r"(?:[*+?]|\{\d+(?:,\d*)?\})\??", pattern[i:])
    if match is None:
        return "\\" + pattern[i], i + 1  # a brace that is no repetition is itself
    end = i + match.end()
    if pattern[end : end + 1] in ("*", "+", "?"):
        raise TfError("a repetition of a repetition in a regular expression")
    for figure in re.findall(r"\d+", match[0]):
        if int(figure) > 1000:
            raise TfError("a repetition over 1000 in a regular expression")
    return match[0], end


def _escape(pattern: str, i: int, inside: bool) -> tuple[str, int]:
    following = pattern[i + 1 : i + 2]
    if not following:
        raise TfError("a regular expression ends with a backslash")
    if following in "123456789":
        raise TfError("a back reference in a regular expression")
    if following in "dDwWbB" and not (inside and following in "bB"):
        return "\\" + following, i + 2
    if following == "s":
        return ("\\t\\n\\f\\r " if inside else "[\\t\\n\\f\\r ]"), i + 2
    if following == "S" and not inside:
        return "[^\\t\\n\\f\\r ]", i + 2
    if following == "A":
        return "\\A", i + 2
    if following == "z":
        return "\\Z", i + 2
    if following in "afnrtv":
        return "\\" + following, i + 2
    if following == "x":
        match = re.match(r"\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})", pattern[i:])
        if match is None:
            raise TfError("an escape that is not valid in a regular expression")
        return re.escape(chr(int(match[1] or match[2], 16))), i + match.end()
    if following.isalnum() and following.isascii():
        if following in "pPQECS":
            raise _Differs(f"\\{following}")
        raise TfError("an escape that is not valid in a regular expression")
    return re.escape(following), i + 2


def _class(pattern: str, i: int) -> tuple[str, int]:
    out = ["["]
    i += 1
    if pattern[i : i + 1] == "^":
        out.append("^")
        i += 1
    first = True
    while i < len(pattern):
        c = pattern[i]
        if c == "]" and not first:
            return "".join(out) + "]", i + 1
        first = False
        posix = re.match(r"\[:(\^?)(\w+):\]", pattern[i:])
        if posix:
            if posix[1] or posix[2] not in _POSIX:
                raise _Differs(posix[0])
            out.append(_POSIX[posix[2]])
            i += posix.end()
        elif c == "\\":
            text, i = _escape(pattern, i, inside=True)
            out.append(text)
        else:
            out.append("\\" + c if c in "[]&|~" else c)  # Python warns of what may become set operations
            i += 1
    raise TfError("a [ without a ] in a regular expression")


def _open(pattern: str, i: int) -> tuple[str, int]:
    if pattern[i + 1 : i + 2] != "?":
        return "(", i + 1
    named = re.match(r"\(\?P?<(\w+)>", pattern[i:])
    if named:
        return f"(?P<{named[1]}>", i + named.end()
    flags = re.match(r"\(\?([a-zA-Z]*)(-[a-zA-Z]+)?([:)])", pattern[i:])
    if flags is None:
        raise TfError("a group that RE2 does not know in a regular expression")
    if not set(flags[1] + (flags[2] or "")) <= set("ims-"):
        raise _Differs(flags[0])
    if "m" in flags[1]:
        raise _Differs("(?m)")
    if flags[3] == ")":
        if i != 0 or flags[2]:
            raise _Differs(flags[0])
        return flags[0], i + flags.end()
    return ("(?:" if not flags[1] and not flags[2] else flags[0]), i + flags.end()


def _compile(pattern: str, subject: str) -> re.Pattern[str] | Unknown:
    try:
        translated, nested = translate(pattern)
        limit = MAX_NESTED_SUBJECT if nested else MAX_SUBJECT
        if len(subject) > limit:
            return Unknown.because(f"a regular expression on a text of more than {limit} characters is not evaluated")
        return re.compile(translated, re.ASCII)
    except _Differs as error:
        return Unknown.because(f"the regular expression {error} is not evaluated")
    except (re.error, OverflowError, RecursionError) as error:
        raise TfError(f"a regular expression that is not valid ({error})") from error


def _result(match: re.Match[str]) -> Val:
    if match.re.groups == 0:
        return match[0]
    if match.re.groupindex:
        if len(match.re.groupindex) != match.re.groups:
            raise TfError("named and unnamed groups in one regular expression")
        return dict(match.groupdict())
    return tuple(match.groups())


def _matches(compiled: re.Pattern[str], subject: str) -> Iterator[re.Match[str]]:
    """All matches as Go finds them: an empty one right after another is left out."""
    previous = -1
    for match in compiled.finditer(subject):
        if match.start() == match.end() == previous:
            continue
        previous = match.end()
        yield match


def regex(pattern: str, subject: str) -> Val:
    """`regex(pattern, string)`."""
    compiled = _compile(pattern, subject)
    if isinstance(compiled, Unknown):
        return compiled
    match = compiled.search(subject)
    if match is None:
        raise TfError("the pattern of regex() did not match")
    return _result(match)


def regex_all(pattern: str, subject: str) -> Val:
    """`regexall(pattern, string)`."""
    compiled = _compile(pattern, subject)
    if isinstance(compiled, Unknown):
        return compiled
    return TfList(_result(m) for m in _matches(compiled, subject))


def regex_replace(subject: str, pattern: str, replacement: str) -> Val:
    """`replace(string, "/pattern/", replacement)`, with Go's `$1` and `${name}`."""
    compiled = _compile(pattern, subject)
    if isinstance(compiled, Unknown):
        return compiled
    pieces: list[str] = []
    position = 0
    for match in _matches(compiled, subject):
        pieces.append(subject[position : match.start()])
        pieces.append(_GROUP_REFERENCE.sub(lambda r, m=match: _expand(r, m), replacement))  # type: ignore[misc]
        position = match.end()
    return "".join(pieces) + subject[position:]


def _expand(reference: re.Match[str], match: re.Match[str]) -> str:
    if reference[1]:
        return "$"
    name = reference[2] or reference[3]
    try:
        return match[int(name) if name.isdigit() else name] or ""
    except (IndexError, KeyError):
        return ""
