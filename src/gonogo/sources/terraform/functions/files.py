"""Functions that read files: of the scanned tree, and of nothing else."""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from gonogo.model.value import Unknown
from gonogo.sources.terraform import ast
from gonogo.sources.terraform.functions.hashes import digest
from gonogo.sources.terraform.sets import make_set
from gonogo.sources.terraform.values import TfError, Val, as_string, is_unknown, unknown_of
from gonogo.sources.tree import Tree, Unreadable

MAX_BRACES = 64


@dataclass(slots=True)
class Files:
    """The files that a root module can read. Terraform resolves paths against the directory it runs in: the root module's."""

    tree: Tree
    directory: str
    parse: Callable[[str], ast.Expression]
    _templates: dict[str, ast.Expression] = field(default_factory=dict)

    def path(self, given: str) -> str:
        """The path in the tree. Raises `TfError`, also where it leads out of the tree."""
        if given.startswith(("/", "~")):
            raise TfError(f"{given!r} is outside the scanned tree")
        found = posixpath.normpath(posixpath.join(self.directory, given))
        if found == ".." or found.startswith("../"):
            raise TfError(f"{given!r} is outside the scanned tree")
        return "" if found == "." else found

    def text(self, given: str) -> str:
        """The text of a file. Raises `TfError`."""
        try:
            return self.tree.text(self.path(given))
        except Unreadable as error:
            raise TfError(f"{given!r}: {error}") from error

    def bytes(self, given: str) -> bytes:
        """The content of a file. Raises `TfError`."""
        try:
            return self.tree.bytes(self.path(given))
        except Unreadable as error:
            raise TfError(f"{given!r}: {error}") from error

    def template(self, text: str) -> ast.Expression:
        """The parsed template, parsed once."""
        found = self._templates.get(text)
        if found is None:
            found = self._templates[text] = self.parse(text)
        return found


FileFunction: TypeAlias = Callable[[Files, Sequence[Val]], Val]


def _strings(name: str, arguments: Sequence[Val], count: int) -> list[str] | Unknown:
    if len(arguments) != count:
        raise TfError(f"{name}() does not take {len(arguments)} arguments")
    unknown = [unknown_of(a) for a in arguments if is_unknown(a)]
    if unknown:
        return Unknown.merge(unknown)
    return [str(as_string(a)) for a in arguments]


def _one_path(name: str, call: Callable[[Files, str], Val]) -> FileFunction:
    def function(files: Files, arguments: Sequence[Val]) -> Val:
        given = _strings(name, arguments, 1)
        return given if isinstance(given, Unknown) else call(files, given[0])

    return function


def _exists(files: Files, path: str) -> Val:
    try:
        return files.path(path) in files.tree.files
    except TfError:
        return Unknown.because(f"fileexists({path!r}) looks outside the scanned tree")


def _file_set(files: Files, arguments: Sequence[Val]) -> Val:
    given = _strings("fileset", arguments, 2)
    if isinstance(given, Unknown):
        return given
    base = files.path(given[0])
    start = f"{base}/" if base else ""
    patterns = [re.compile(_glob(p)) for p in _braces(given[1])]
    names = (path[len(start) :] for path in files.tree.below(base))
    return make_set(name for name in names if any(p.fullmatch(name) for p in patterns))


def _braces(pattern: str) -> list[str]:
    match = re.search(r"\{([^{}]*)\}", pattern)
    if match is None:
        return [pattern]
    found = [
        one for choice in match[1].split(",") for one in _braces(pattern[: match.start()] + choice + pattern[match.end() :])
    ]
    return found[:MAX_BRACES]


def _glob(pattern: str) -> str:
    """doublestar: `**` is any number of directories, `*` and `?` stay within one."""
    out = []
    i = 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            out.append("(?:[^/]+/)*")
            i += 3
        elif pattern.startswith("**", i):
            out.append(".*")
            i += 2
        elif pattern[i] == "*":
            out.append("[^/]*")
            i += 1
        elif pattern[i] == "?":
            out.append("[^/]")
            i += 1
        elif pattern[i] == "[" and (end := pattern.find("]", i + 2)) > 0:
            body = pattern[i + 1 : end]
            out.append(f"[{'^' if body[0] in '!^' else ''}{re.escape(body.lstrip('!^')).replace(chr(92) + '-', '-')}]")
            i = end + 1
        else:
            out.append(re.escape(pattern[i]))
            i += 1
    return "".join(out)


def _hash(algorithm: str, encode: Callable[[bytes], str]) -> FileFunction:
    return _one_path(f"file{algorithm}", lambda files, path: encode(digest(algorithm, files.bytes(path))))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _abspath(_: Files, path: str) -> Val:
    return path if path.startswith("/") else Unknown.because(f"abspath({path!r}) depends on where Terraform runs")


def _pathexpand(_: Files, path: str) -> Val:
    return Unknown.because("pathexpand() depends on where Terraform runs") if path.startswith("~") else path


def _dirname(_: Files, path: str) -> Val:
    return posixpath.normpath(posixpath.dirname(path) or ".")


def _basename(_: Files, path: str) -> Val:
    return posixpath.basename(path.rstrip("/")) or ("/" if path else ".")


def _hex(data: bytes) -> str:
    return data.hex()


FILE_FUNCTIONS: Mapping[str, FileFunction] = {
    "abspath": _one_path("abspath", _abspath),
    "basename": _one_path("basename", _basename),
    "dirname": _one_path("dirname", _dirname),
    "file": _one_path("file", lambda files, path: files.text(path)),
    "filebase64": _one_path("filebase64", lambda files, path: _base64(files.bytes(path))),
    "filebase64sha256": _hash("sha256", _base64),
    "filebase64sha512": _hash("sha512", _base64),
    "fileexists": _one_path("fileexists", _exists),
    "filemd5": _hash("md5", _hex),
    "fileset": _file_set,
    "filesha1": _hash("sha1", _hex),
    "filesha256": _hash("sha256", _hex),
    "filesha512": _hash("sha512", _hex),
    "pathexpand": _one_path("pathexpand", _pathexpand),
}
