"""Whether an image reference bears a version or a commit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gonogo.model.value import Unknown
from gonogo.sources.ci.shell.run import Text
from gonogo.sources.ci.tools import Answer

_PLACEHOLDER = re.compile(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\([^()]*(?:\([^()]*\)[^()]*)*\)|`[^`]*`|\{\{.*?\}\}|\$\w+", re.S)
_VERSIONED = re.compile(
    r"sha|commit|version|(^|[_.\W])ver($|[_.\W])|tag|build|run_?(id|number)|number|semver|(^|[_.\W])rev|release|date|time|digest|describe|_iid|short|pipeline_i?id|git_?hash|rev-parse|github\.ref\b(?!_name)",
    re.I,
)
_BRANCH = re.compile(r"ref_name|branch|ref_slug|head_ref|base_ref|env|stage|target", re.I)
# docker/metadata-action: the types of tags that change with each commit or release.
_METADATA_VERSIONED = re.compile(
    r"type=(sha|semver|pep440|match|schedule)|type=ref,\s*event=tag|type=raw,[^;]*\$\{\{[^;]*(sha|version|number|run_id)", re.I
)

MAX_TEXT = 4_000


def version_tagged(images: Sequence[Text]) -> Answer:
    """True where one reference bears a version or a commit, False where all are latest or another name that moves."""
    answers = [
        answer for image in images for reference in _references(image.text[:MAX_TEXT]) if (answer := _reference(reference)) is not None
    ]
    if not answers:
        return Unknown.because("the tag of the image is not written where it is pushed")
    if any(answer is True for answer in answers):
        return True
    unknown = [answer for answer in answers if isinstance(answer, Unknown)]
    return Unknown.merge(unknown) if unknown else False


def _references(text: str) -> Iterator[str]:
    """The references in a list separated by commas, semicolons or white space; expressions are kept whole."""
    if text.startswith("metadata-action:"):
        yield text
        return
    held: list[str] = []

    def hide(match: re.Match[str]) -> str:
        held.append(match.group())
        return f"\x00{len(held) - 1}\x01"

    masked = _PLACEHOLDER.sub(hide, text)
    named = re.findall(r"(?:name|image|ref)=([^,\s\"']+)", masked) if "type=" in masked or "name=" in masked else []
    for part in named or re.split(r"[\s,;]+", masked):
        bare = part.strip("\"'").rpartition("=")[2] if re.match(r"[\w.*-]+=", part) else part.strip("\"'")
        if bare and not bare.startswith("-") and bare not in (".", "|"):
            yield re.sub("\x00(\\d+)\x01", lambda m: held[int(m.group(1))], bare)


def _reference(text: str) -> Answer | None:
    if text.startswith("metadata-action:"):
        return _METADATA_VERSIONED.search(text) is not None
    if "@sha256" in text:
        return True
    held: list[str] = []

    def hide(match: re.Match[str]) -> str:
        held.append(match.group())
        return "\x00"

    masked = _PLACEHOLDER.sub(hide, text)
    last = masked.rpartition("/")[2]
    repository, colon, tag = last.rpartition(":")
    if not colon:
        if last.strip("\x00") == "" and held:
            # The whole name, and its tag with it, comes from elsewhere.
            return Unknown.because(f"the tag of `{text}` is not known")
        return False if "/" in masked or not held else Unknown.because(f"the tag of `{text}` is not known")
    inside = held[len(held) - tag.count("\x00") :] if "\x00" in tag else []
    literal = tag.replace("\x00", "")
    if not inside:
        return any(c.isdigit() for c in literal) and literal.lower() != "latest"
    source = " ".join(inside)
    if _VERSIONED.search(source):
        return True
    if any(c.isdigit() for c in literal):
        return True
    if _BRANCH.search(source):
        return False
    return Unknown.because(f"the tag of `{text}` is not known")
