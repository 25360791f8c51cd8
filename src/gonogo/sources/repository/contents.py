"""What is committed: environment files, credentials, and the security headers that code or a server sets. One pass over the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gonogo.kinds.repository import REPOSITORY, RESPONSE_HEADER
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import OpenList, Path, Unknown, Value
from gonogo.sources.tree import Tree, TreeFile, Unreadable

MAX_FOUND = 100

# Formats whose tokens cannot be mistaken, by the documentation of who issues them. A placeholder is none.
_CREDENTIALS: tuple[tuple[bytes, str, re.Pattern[bytes]], ...] = (
    (b"PRIVATE KEY-----", "private key", re.compile(rb"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)+[A-Za-z0-9+/=\s\\:,-]{64,}")),
    (b"AKIA", "AWS access key", re.compile(rb"\bAKIA(?!IOSFODNN7EXAMPLE)[0-9A-Z]{16}\b")),
    (b"AIza", "Google API key", re.compile(rb"\bAIza[0-9A-Za-z_-]{35}\b")),
    *((prefix, "GitHub token", re.compile(rb"\b" + prefix + rb"[0-9A-Za-z]{36}\b")) for prefix in (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_")),
    (b"github_pat_", "GitHub token", re.compile(rb"\bgithub_pat_[0-9A-Za-z_]{82}\b")),
    (b"glpat-", "GitLab token", re.compile(rb"\bglpat-[0-9A-Za-z_-]{20}\b")),
    (b"xox", "Slack token", re.compile(rb"\bxox[abprs]-[0-9]{8,}-[0-9A-Za-z-]{16,}\b")),
    (b"hooks.slack.com/services/", "Slack webhook", re.compile(rb"hooks\.slack\.com/services/T[0-9A-Z]{8,}/B[0-9A-Z]{8,}/[0-9A-Za-z]{20,}")),
    (b"sk_live_", "Stripe key", re.compile(rb"\bsk_live_[0-9A-Za-z]{24,}\b")),
    (b"SG.", "SendGrid key", re.compile(rb"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}\b")),
    (b"npm_", "npm token", re.compile(rb"\bnpm_[0-9A-Za-z]{36}\b")),
    (b"GOCSPX-", "Google OAuth client secret", re.compile(rb"\bGOCSPX-[0-9A-Za-z_-]{28}\b")),
)  # fmt: skip
_PLACEHOLDER = re.compile(rb"(?i)example|xxxx|0000000|1234567890|placeholder|your[-_]|dummy|fake|redacted|<[a-z_-]+>")
_BINARY = re.compile(
    r"(?i)\.(?:png|jpe?g|gif|ico|webp|bmp|svgz|pdf|zip|gz|tgz|bz2|xz|7z|jar|war|class|so|dylib|dll|exe|bin|wasm|woff2?|ttf|otf|eot|mp[34]|mov|avi"
    r"|webm|ogg|wav|pyc|o|a|parquet|sqlite3?|db|keystore)$"
)
_ENV = re.compile(r"\A\.env\Z")
_ENV_OF_STAGE = re.compile(r"\A\.env\.(?:local|prod|production|prd|stage|staging|live)\Z")
_SECRET_LINE = re.compile(rb"(?im)^\s*(?:export\s+)?[A-Z0-9_]*(?:PASSWORD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY)[A-Z0-9_]*\s*=\s*[\"']?[^\s\"'#$<{][^\s\"']{3,}")
# The header with its value: `max-age=0` would switch it off. Django and ASP.NET set it by a name.
_HSTS = re.compile(
    rb"(?i:strict-transport-security)[^\n]{0,200}(?:\n[^\n]{0,200}){0,2}?(?i:max-age)\s*[=:]\s*[\"']?[1-9]"
    rb"|\bSECURE_HSTS_SECONDS\s*=\s*[1-9]|\.UseHsts\(\)"
)
_HSTS_WORDS = (b"ransport-", b"RANSPORT-", b"SECURE_HSTS", b"UseHsts")
_COMMENT = re.compile(rb"\s*(?:#|//|\*|<!--|--|;)")
_HEADER_FILES = (".py", ".js", ".ts", ".mjs", ".cjs", ".go", ".java", ".kt", ".rb", ".php", ".cs", ".rs", ".ex", ".conf", ".toml", ".json", ".tpl", ".template")
_SERVER_FILES = ("Caddyfile", ".htaccess", "_headers", "nginx.conf")


def read(tree: Tree) -> Iterator[Resource | Gap]:
    """The repository, and one `repo/ResponseHeader` for each file that sets HSTS."""
    credentials: list[Value] = []
    places: dict[Path, Location] = {(): Location(".gitignore" if ".gitignore" in tree.files else "")}
    unsearched: list[str] = []
    searched = 0
    for path in sorted(tree.files):
        file = tree.files[path]
        if not file.in_scope or (tree.is_git and not file.tracked) or _BINARY.search(file.name):
            continue
        try:
            raw = tree.bytes(path)
        except Unreadable as error:
            unsearched.append(f"{path}: {error}")
            continue
        searched += 1
        for line, kind in _credentials(raw):
            if len(credentials) < MAX_FOUND:
                places["credentials", len(credentials)] = Location(path, line)
                credentials.append({"file": path, "type": kind})
        yield from _headers(file, raw)
    committed = _committed(tree, places)
    ignored, line = _env_ignored(tree)
    places["envIgnored",] = Location(".gitignore", line) if line else places[()]
    attributes: dict[str, Value] = {
        "isGit": tree.is_git,
        "envIgnored": ignored,
        "committedEnv": committed,
        "filesSearched": searched,
        "credentials": OpenList(credentials, Unknown.because(*unsearched)) if unsearched else credentials,
    }
    if tree.files:
        yield Resource(REPOSITORY, ".", attributes, places, source="repository")


def _credentials(raw: bytes) -> Iterator[tuple[int, str]]:
    for prefix, kind, pattern in _CREDENTIALS:
        if prefix not in raw:
            continue
        for match in pattern.finditer(raw):
            if not _PLACEHOLDER.search(match[0]):
                yield raw.count(b"\n", 0, match.start()) + 1, kind


def _headers(file: TreeFile, raw: bytes) -> Iterator[Resource]:
    if not (file.name.endswith(_HEADER_FILES) or file.name in _SERVER_FILES) or not any(word in raw for word in _HSTS_WORDS):
        return
    if re.search(r"(?i)(?:^|[/_.-])(?:test|spec)s?[_.-]", file.path):
        return
    for match in _HSTS.finditer(raw):
        if _COMMENT.match(raw, raw.rfind(b"\n", 0, match.start()) + 1):
            continue
        line = raw.count(b"\n", 0, match.start()) + 1
        attributes: dict[str, Value] = {"header": "Strict-Transport-Security"}
        yield Resource(RESPONSE_HEADER, file.path, attributes, {(): Location(file.path, line)}, source="repository")
        return


def _committed(tree: Tree, places: dict[Path, Location]) -> Value:
    """Tracked `.env` files, and those of a stage that assign secrets."""
    found: list[Value] = []
    for path in sorted(tree.files):
        file = tree.files[path]
        if not file.in_scope or not (_ENV.search(file.name) or (_ENV_OF_STAGE.search(file.name) and _assigns_secret(tree, path))):
            continue
        if not tree.is_git:
            return Unknown.because(f"{path} lies here, and this is no git work tree: whether it is committed is not known")
        if file.tracked:
            places["committedEnv", len(found)] = Location(path, 1)
            found.append(path)
    return found


def _assigns_secret(tree: Tree, path: str) -> bool:
    try:
        return _SECRET_LINE.search(tree.bytes(path)) is not None
    except Unreadable:
        return True


def _env_ignored(tree: Tree) -> tuple[Value, int]:
    """Whether git would ignore `.env` at the root, and the line of `.gitignore` that says so."""
    import pathspec

    try:
        lines: Sequence[str] = tree.text(".gitignore").splitlines()
    except Unreadable as error:
        return (False if ".gitignore" not in tree.files else Unknown.because(f".gitignore: {error}")), 0
    try:
        result = pathspec.GitIgnoreSpec.from_lines(lines).check_file(".env")
    except ValueError as error:
        return Unknown.because(f".gitignore: {error}"), 0
    return bool(result.include), (result.index + 1 if result.include and result.index is not None else 0)
