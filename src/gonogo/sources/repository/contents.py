"""What is committed: environment files, credentials, and the security headers that code or a server sets. One pass over the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gonogo.kinds.repository import REPOSITORY, RESPONSE_HEADER
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import OpenList, Path, Unknown, Value
from gonogo.sources.repository.credentials import credentials, is_test
from gonogo.sources.repository.headers import hsts_line
from gonogo.sources.tree import Tree, TreeFile, Unreadable, ignore_rules

MAX_FOUND = 100

_BINARY = re.compile(
    r"(?i)\.(?:png|jpe?g|gif|ico|webp|bmp|svgz|pdf|zip|gz|tgz|bz2|xz|7z|jar|war|class|so|dylib|dll|exe|bin|wasm|woff2?|ttf|otf|eot|mp[34]|mov|avi"
    r"|webm|ogg|wav|pyc|o|a|parquet|sqlite3?|db|keystore)\Z"
)
_ENV_OF_STAGE = re.compile(r"\.env\.(?:local|prod|production|prd|stage|staging|live)\Z")
_ASSIGNMENT = re.compile(rb"(?im)^[ \t]*(?:export[ \t]+)?([A-Z0-9_]{1,200})[ \t]*=[ \t]*[\"']?[^\s\"'#$<{][^\s\"']{3}")
_SECRET_NAME = re.compile(rb"(?i)PASSWORD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY")


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """The repository, and one `repo/ResponseHeader` for each file that sets HSTS."""
    found: list[Value] = []
    places: dict[Path, Location] = {(): Location(".gitignore" if ".gitignore" in tree.files else "")}
    unsearched: list[str] = []
    searched = 0
    for path in sorted(tree.files):
        file = tree.files[path]
        if not _counts(tree, file) or _BINARY.search(file.name) or is_test(path):
            continue
        try:
            raw = _utf8(tree.bytes(path))
        except (Unreadable, UnicodeDecodeError) as error:
            unsearched.append(f"{path}: {error}")
            continue
        searched += 1
        for line, kind in credentials(raw):
            if len(found) < MAX_FOUND:
                places["credentials", len(found)] = Location(path, line)
                found.append({"file": path, "type": kind})
        line_of_header = hsts_line(file.name, raw)
        if line_of_header is not None:
            header: dict[str, Value] = {"header": "Strict-Transport-Security"}
            yield Resource(RESPONSE_HEADER, path, header, {(): Location(path, line_of_header)}, source="repository")
    committed = _committed(tree, places)
    ignored, line = _env_ignored(tree)
    places["envIgnored",] = Location(".gitignore", line) if line else places[()]
    attributes: dict[str, Value] = {
        "isGit": tree.is_git,
        "envIgnored": ignored,
        "committedEnv": committed,
        "filesSearched": searched,
        "credentials": OpenList(found, Unknown.because(*unsearched)) if unsearched else found,
    }
    if tree.files:
        yield Resource(REPOSITORY, ".", attributes, places, source="repository")


def _utf8(raw: bytes) -> bytes:
    """UTF-16, as PowerShell writes it, as UTF-8; anything else as it is. Raises `UnicodeDecodeError`."""
    return raw.decode("utf-16").encode() if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else raw


def _counts(tree: Tree, file: TreeFile) -> bool:
    """Whether a file is committed. Without git, what a `.gitignore` excludes is not in the tree, and the rest may be committed."""
    return file.in_scope and (file.tracked or not tree.is_git)


def _committed(tree: Tree, places: dict[Path, Location]) -> Value:
    """Tracked `.env` files, and those of a stage (`.env.production`) that assign secrets."""
    found: list[Value] = []
    for path in sorted(tree.files):
        file = tree.files[path]
        if not _counts(tree, file) or not (file.name == ".env" or (_ENV_OF_STAGE.match(file.name) and _assigns_secret(tree, path))):
            continue
        if not tree.is_git:
            return Unknown.because(f"{path} lies here, and this is no git work tree: whether it is committed is not known")
        places["committedEnv", len(found)] = Location(path, 1)
        found.append(path)
    return found


def _assigns_secret(tree: Tree, path: str) -> bool:
    try:
        return any(_SECRET_NAME.search(name) for name in _ASSIGNMENT.findall(tree.bytes(path)))
    except Unreadable:
        return True


def _env_ignored(tree: Tree) -> tuple[Value, int]:
    """Whether git would ignore `.env` at the root, and the line of `.gitignore` that says so."""
    if ".gitignore" not in tree.files:
        return (_above(tree) if tree.prefix else False), 0
    try:
        result = ignore_rules(tree.text(".gitignore")).check_file(".env")
    except (Unreadable, ValueError) as error:
        return Unknown.because(f".gitignore: {error}"), 0
    if result.include is None and tree.prefix:
        return _above(tree), 0
    return bool(result.include), (result.index + 1 if result.include and result.index is not None else 0)


def _above(tree: Tree) -> Unknown:
    return Unknown.because(f"{tree.prefix} is a part of a repository: the .gitignore files above it were not read")
