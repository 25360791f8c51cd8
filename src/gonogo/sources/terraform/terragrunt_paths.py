"""Terragrunt's functions about paths. It works with absolute ones; where the repository lies on the machine that runs it is
not known, so an absolute path is a `Symbolic`: it can be followed to its file, and no text function sees through it."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gonogo.model.value import OpenList, OpenMap, Unknown
from gonogo.sources.terraform.functions.files import FILE_FUNCTIONS, Files
from gonogo.sources.terraform.result import Symbolic
from gonogo.sources.terraform.values import TfError, TfList, TfMap, TfSet, Val, as_string, is_unknown, open_list, open_map, unknown_of
from gonogo.sources.tree import Tree

_ADDRESS = "terragrunt path"
_ABSOLUTE = Unknown.because("an absolute path on the machine that runs Terragrunt")
DEFAULT_FILE = "terragrunt.hcl"
OwnFunction = Callable[[Sequence[Val]], Val]


def absolute(path: str) -> Symbolic:
    """The absolute path of `path` of the tree."""
    return Symbolic.of(_ADDRESS, path)


def tree_path(value: Val, directory: str) -> str:
    """The path in the tree that a path means, a relative one from `directory`. Raises `TfError`."""
    start, rest = directory, value
    if isinstance(value, Symbolic):
        reference = value.references[0]
        prefix = str(reference)
        if len(value.references) != 1 or reference.address != _ADDRESS or not value.startswith(prefix):
            raise TfError(f"a path that is not known: {'; '.join(value.unknown.reasons)}")
        start, rest = reference.attribute, str.__str__(value)[len(prefix) :].lstrip("/")
    elif isinstance(value, Unknown):
        raise TfError(f"a path that is not known: {'; '.join(value.reasons)}")
    elif not isinstance(value, str) or value.startswith(("/", "~")):
        raise TfError(f"{value!r} is outside the scanned tree")
    found = posixpath.normpath(posixpath.join(start, str(rest))) if start or rest else "."
    if found == ".." or found.startswith("../"):
        raise TfError("a path outside the scanned tree")
    return "" if found == "." else found


def without_paths(value: Val) -> Val:
    """`value` as a module gets it: an absolute path in it is not known."""
    if isinstance(value, Symbolic):
        return _ABSOLUTE if any(r.address == _ADDRESS for r in value.references) else value
    if isinstance(value, OpenList):
        return open_list([without_paths(v) for v in value], value.unknown)
    if isinstance(value, OpenMap):
        return open_map({k: without_paths(v) for k, v in value.items()}, value.unknown)
    if isinstance(value, TfSet | TfList | tuple):
        return type(value)(without_paths(v) for v in value)
    if isinstance(value, dict):
        return (TfMap if isinstance(value, TfMap) else dict)({k: without_paths(v) for k, v in value.items()})
    return value


def relative(path: str, start: str) -> str:
    return posixpath.relpath(f"/{path}", f"/{start}")


def join(directory: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(directory, name))


@dataclass(frozen=True, slots=True)
class PathFunctions:
    """The functions of one configuration file. `directory` is the file's, `here` that of the configuration it is read for
    (the unit's, for an included file), `unit` that of the unit from which everything started."""

    tree: Tree
    files: Files
    directory: str
    here: str
    unit: str
    included: bool
    """Whether another configuration includes the file."""

    @property
    def functions(self) -> Mapping[str, OwnFunction]:
        of_files = {name: self._of_file(name) for name in FILE_FUNCTIONS if name not in ("basename", "dirname", "abspath", "pathexpand")}
        return {
            **of_files,
            "basename": self._basename,
            "dirname": self._dirname,
            "find_in_parent_folders": self._find_in_parent_folders,
            "get_original_terragrunt_dir": lambda _: absolute(self.unit),
            "get_parent_terragrunt_dir": lambda arguments: self._included(arguments, absolute(self.directory)),
            "get_path_from_repo_root": lambda _: posixpath.normpath(posixpath.join(self.tree.prefix, self.here)),
            "get_path_to_repo_root": lambda _: relative("", posixpath.join(self.tree.prefix, self.here)),
            "get_repo_root": lambda _: self._repository(),
            "get_terragrunt_dir": lambda _: absolute(self.here),
            "mark_as_read": lambda arguments: arguments[0] if arguments else None,
            "path_relative_from_include": lambda arguments: self._included(arguments, relative(self.directory, self.here)),
            "path_relative_to_include": lambda arguments: self._included(arguments, relative(self.here, self.directory)),
            **{name: _never(name, reason) for name, reason in _NOT_EVALUATED.items()},
        }

    def _of_file(self, name: str) -> OwnFunction:
        function = FILE_FUNCTIONS[name]

        def call(arguments: Sequence[Val]) -> Val:
            if arguments and isinstance(arguments[0], Symbolic):
                path = relative(tree_path(arguments[0], self.directory), self.directory)
                return function(self.files, [path, *arguments[1:]])
            return function(self.files, arguments)

        return call

    def _basename(self, arguments: Sequence[Val]) -> Val:
        if len(arguments) == 1 and isinstance(arguments[0], Symbolic):
            name = posixpath.basename(tree_path(arguments[0], self.directory))
            return name or _ABSOLUTE  # the repository's own directory may have any name
        return FILE_FUNCTIONS["basename"](self.files, arguments)

    def _dirname(self, arguments: Sequence[Val]) -> Val:
        if len(arguments) == 1 and isinstance(arguments[0], Symbolic):
            path = tree_path(arguments[0], self.directory)
            return absolute(posixpath.dirname(path)) if path else _ABSOLUTE
        return FILE_FUNCTIONS["dirname"](self.files, arguments)

    def _repository(self) -> Val:
        if self.tree.prefix:
            return Unknown.because("get_repo_root(): the scanned directory is only a part of the repository")
        return absolute("")

    def _find_in_parent_folders(self, arguments: Sequence[Val]) -> Val:
        # pkg/config/config_helpers.go, FindInParentFolders: the search starts above the configuration's own directory.
        unknown = [unknown_of(a) for a in arguments[:1] if is_unknown(a)]
        if unknown:
            return Unknown.merge(unknown)
        name = str(as_string(arguments[0])) if arguments else DEFAULT_FILE
        parts = self.here.split("/") if self.here else []
        for depth in range(len(parts) - 1, -1, -1):
            found = posixpath.normpath(posixpath.join(*parts[:depth], name))
            if not found.startswith("..") and (found in self.tree.files or ("." not in name and self.tree.is_dir(found))):
                return absolute(found)
        if self.tree.prefix or len(arguments) < 2:
            return Unknown.because(f"find_in_parent_folders: there is no {name} above {self.here or '.'} in the scanned tree")
        return arguments[1]

    def _included(self, arguments: Sequence[Val], value: Val) -> Val:
        """What an included file sees. Which include a call from anywhere else means is not followed."""
        return value if self.included and not arguments else Unknown.because("a path to or from an include that is not followed")


def _never(name: str, reason: str) -> OwnFunction:
    return lambda _: Unknown.because(f"{name}() {reason}")


_NOT_EVALUATED = {
    "get_env": "depends on who runs Terragrunt",
    "get_platform": "depends on who runs Terragrunt",
    "get_working_dir": "depends on where Terragrunt runs",
    "run_cmd": "runs a command, which a scan does not",
    "sops_decrypt_file": "needs the key of an encrypted file",
}
