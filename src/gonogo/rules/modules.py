"""The index of module adapters: what stands in for the modules that are not in the scanned tree (`rules/modules/index.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import Document, read_yaml
from gonogo.rules.load import MODULES, RuleSetError, invalid
from gonogo.rules.versions import Range, parse_constraint

INDEX = "index.yaml"
MAX_ADAPTER_BYTES = 1024 * 1024
_SCHEMA = "module-index.v1.json"


@dataclass(frozen=True, slots=True)
class Adapter:
    """Files of Terraform that stand in for some versions of a module; later ones override earlier ones."""

    files: tuple[Path, ...]
    versions: Range


@dataclass(frozen=True, slots=True)
class ModuleEntry:
    """What is known of the modules whose address matches one of `sources`."""

    sources: tuple[str, ...]
    kinds: tuple[str, ...]
    """What they may hold beside what the adapter declares; all that they may hold where there is none."""
    adapters: tuple[Adapter, ...] = ()
    family: bool = False
    """The adapter is for anything of that name: it knows what inputs are called, and nothing of what is not given."""

    def matches(self, address: str) -> bool:
        return any(fnmatchcase(address, pattern) for pattern in self.sources)

    def adapter(self, allowed: Range) -> tuple[Adapter, bool] | None:
        """The adapter of the version that `terraform init` takes, the newest allowed one, and whether that is one we know.

        A version that is newer or older than all we know is taken for the nearest one, of which the inputs count only.
        """
        if not self.adapters:
            return None
        newest = max(self.adapters, key=lambda a: a.versions.low)
        end = newest.versions.high
        if self.family or (end is not None and (allowed.high is None or allowed.high > end)):
            return newest, False
        reached = [a for a in self.adapters if not (a.versions & allowed).empty]
        if not reached:
            return min(self.adapters, key=lambda a: a.versions.low), False
        return max(reached, key=lambda a: a.versions.low), True


@dataclass(frozen=True, slots=True)
class ModuleIndex:
    """All entries, the user's before ours."""

    entries: tuple[ModuleEntry, ...] = ()

    def find(self, source: str) -> ModuleEntry | None:
        """The first entry for a module source as it is written in a call."""
        address, plain = address_of(source)[0].lower(), normalised(source).lower()
        return next((entry for entry in self.entries if entry.matches(address) or entry.matches(plain)), None)


def load_module_index(directories: Sequence[Path] = ()) -> ModuleIndex:
    """The shipped index after those in `modules/` of the user's rule directories. Raises `RuleSetError` on the user's errors."""
    entries: list[ModuleEntry] = []
    errors: list[str] = []
    for directory in directories:
        if (directory / MODULES).is_dir():
            entries.extend(_read(directory / MODULES, errors))
    if errors:
        raise RuleSetError("\n".join(errors))
    entries.extend(_read(data_directory("rules") / MODULES, None))
    return ModuleIndex(tuple(entries))


def check_module_index(directory: Path) -> list[str]:
    """Everything that is wrong with `modules/` of a directory of rules, a sentence each; nothing where there is none."""
    errors: list[str] = []
    if (directory / MODULES).is_dir():
        list(_read(directory / MODULES, errors))
    return errors


def _read(directory: Path, errors: list[str] | None) -> Iterator[ModuleEntry]:
    """The entries of one index; it is checked where there is a list for its errors. Ours is checked by the tests."""
    path = directory / INDEX
    name = str(path)
    try:
        file = read_yaml(name, path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        if errors is not None:
            errors.append(f"{name}: cannot be read: {error}")
        return
    if errors is not None:
        if file.error or not file.documents:
            errors.append(f"{name}:{file.error_line or 1}: {file.error or 'an index of modules has `modules`'}")
            return
        problems = [problem for document in file.documents[:1] for _, problem in invalid(document, _SCHEMA)]
        errors.extend(problems)
        if problems:
            return
        errors.extend(_unusable(file.documents[0], directory))
        if errors:
            return
    value = file.documents[0].value
    for row in value["modules"] if isinstance(value, Mapping) else ():  # type: ignore[union-attr]  # the schema says so
        yield _entry(row, directory)


def _entry(row: Any, directory: Path) -> ModuleEntry:
    sources = row["source"] if isinstance(row["source"], list) else [row["source"]]
    adapters = tuple(Adapter(_files(given, directory), parse_constraint(versions)) for versions, given in _adapters(row).items())
    return ModuleEntry(tuple(s.lower() for s in sources), tuple(row["kinds"]), adapters, "family" in row)


def _adapters(row: Any) -> Mapping[str, Any]:
    return {"": row["family"]} if "family" in row else row.get("adapters") or {}


def _files(given: Any, directory: Path) -> tuple[Path, ...]:
    return tuple(directory / file for file in (given if isinstance(given, list) else [given]))


def _unusable(document: Document, directory: Path) -> Iterator[str]:
    """Adapters of an index that are not there, and versions that are none."""
    value: Any = document.value
    for number, row in enumerate(value["modules"]):
        place = document.locations["modules", number]
        for versions, given in _adapters(row).items():
            for file in _files(given, directory):
                if why := _unreadable(file):
                    yield f"{place.file}:{place.line}: {file.relative_to(directory)} {why}"
            try:
                empty = parse_constraint(versions).empty
            except ValueError as error:
                yield f"{place.file}:{place.line}: {error}"
            else:
                if empty:
                    yield f"{place.file}:{place.line}: no version is in `{versions}`"


def _unreadable(file: Path) -> str:
    """Why a file cannot be an adapter; nothing where it can."""
    if not file.is_file():
        return "is not beside it"
    try:
        if file.stat().st_size > MAX_ADAPTER_BYTES:
            return f"is over the limit of {MAX_ADAPTER_BYTES} bytes"
        file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"cannot be read: {error}"
    return ""


def normalised(source: str) -> str:
    """`git::https://host/o/r.git//modules/x?ref=1` and `registry/ns/x/google//modules/y` without protocol, query and version."""
    text = source.partition("?")[0].removeprefix("git::")
    text = re.sub(r"^[a-z+]+://", "", text).rstrip("/")
    text = re.sub(r"^[^@/:]+@([^/:]+)[:/]", r"\1/", text)
    return text.replace(".git//", "//").removesuffix(".git")


def address_of(source: str) -> tuple[str, str]:
    """What a module source names, as a registry address where it is one's repository, and the git reference in it.

    `git::https://github.com/terraform-google-modules/terraform-google-sql-db//modules/mysql?ref=v26.0.0` is
    (`terraform-google-modules/sql-db/google//modules/mysql`, `v26.0.0`). `github.com/o/r/x` means `github.com/o/r//x`.
    """
    address = re.sub(r"^(github\.com/[^/]+/[^/]+)/+(?=[^/])", r"\1//", normalised(source)).removeprefix("registry.terraform.io/")
    address = re.sub(r"^github\.com/([^/]+)/terraform-([a-z]+)-([^/]+)", r"\1/\3/\2", address)
    reference = re.search(r"[?&]ref=([^&]+)", source)
    return address, reference[1] if reference else ""


def allowed_versions(source: str, version: str) -> Range:
    """The versions that a call may mean, by its `version` or the tag in its source; all where neither says."""
    reference = address_of(source)[1]
    try:
        return parse_constraint(version or ("= " + reference.removeprefix("v") if reference else ""))
    except ValueError:
        return Range()  # a branch, a commit, or what Terraform refuses
