"""`-o FORMAT[=PATH]`: which reports are written where, and how the terminal one is drawn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TextIO

import click

from gonogo.cli.language import language_of
from gonogo.cli.streams import Streams
from gonogo.config import Surroundings
from gonogo.model.assessment import Assessment
from gonogo.translation.language import ENGLISH, Language

_MODULES = {
    "concise": "concise",
    "json": "json_document",
    "junit": "junit",
    "gitlab": "gitlab",
    "github": "github",
    "markdown": "markdown",
    "comment": "comment",
    "csv": "csv_table",
    "cyclonedx": "cyclonedx",
    "oscal": "oscal",
}
"""Format -> the module of `gonogo.report` that renders it, imported when it is asked for."""
_SPOKEN = frozenset({"text", "concise", "markdown", "comment", "junit", "github", "gitlab"})
"""The formats that people read, in their language. The others are compared by machines, and are English."""
FORMATS = ("text", "sarif", *_MODULES)
MAX_READ = 32 * 1024 * 1024
"""So much of files is read again for a report, ten seconds' hashing: beyond it lines are not told apart by what stands in them."""
MAX_FILE = 10 * 1024 * 1024
"""The largest of these files."""


@dataclass(frozen=True, slots=True)
class Output:
    """One report; `path` is None for standard output."""

    format: str
    path: Path | None


class OutputType(click.ParamType[Output]):
    """`text`, `json=report.json`, `json=-`."""

    name = "FORMAT[=PATH]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        text = str(value)
        name, _, path = text.partition("=")
        if name not in FORMATS:
            self.fail(f"unknown format {name!r}; one of {', '.join(FORMATS)}", param, ctx)
        return Output(name, Path(path) if path and path != "-" else None)


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the user wants the reports; `root` is where the files lie that they tell of."""

    color: str
    verbose: bool
    surroundings: Surroundings
    sarif_profile: str = "github"
    root: Path = Path()
    lang: str | None = None
    """The language that is asked for."""


def write_reports(assessment: Assessment, outputs: Sequence[Output], streams: Streams, drawing: Drawing) -> bool:
    """Write every report; the text report goes to standard output unless another format took it. False if one failed."""
    wanted = list(outputs)
    if not any(output.path is None for output in wanted):
        wanted.append(Output("text", None))
    written = True
    language = _language(assessment, wanted, drawing)
    for output in wanted:
        try:
            _write(assessment, output, streams, drawing, language)
        except BrokenPipeError:
            raise
        except OSError as error:
            streams.stderr.write(f"gonogo: cannot write {output.path}: {error.strerror or error}\n")
            written = False
    return written


def _language(assessment: Assessment, wanted: Sequence[Output], drawing: Drawing) -> Language:
    """Nothing is read where nobody reads."""
    return language_of(assessment, drawing.lang) if any(output.format in _SPOKEN for output in wanted) else ENGLISH


def _write(assessment: Assessment, output: Output, streams: Streams, drawing: Drawing, language: Language) -> None:
    if output.path is None:
        _render(assessment, output.format, streams.stdout, drawing, language)
        return
    with output.path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
        _render(assessment, output.format, out, drawing, language)


def _render(assessment: Assessment, format_name: str, out: TextIO, drawing: Drawing, language: Language) -> None:
    if format_name in _MODULES:
        spoken = (language,) if format_name in _SPOKEN else ()
        import_module(f"gonogo.report.{_MODULES[format_name]}").render(assessment, out, *spoken)
    elif format_name == "sarif":
        from gonogo.report import sarif

        sarif.render(assessment, out, sarif.Options(drawing.sarif_profile == "full", *_files(drawing.root)))
    else:
        from gonogo.report import terminal

        terminal.render(assessment, out, _style(out, drawing, language))


def _files(root: Path) -> tuple[Callable[[str], bytes | None], Callable[[str], str]]:
    """Reads a file of the scanned directory or a checklist beside it, and says where it lies from there."""
    top = root.resolve()
    left = MAX_READ

    def found(name: str) -> Path | None:
        try:
            candidates = (path.resolve() for path in (root / name, Path(name)) if path.is_file())
            return next(candidates, None)
        except OSError:  # a name that is too long for a file: a document to convert may say anything
            return None

    def read(name: str) -> bytes | None:
        nonlocal left
        path = found(name)
        try:
            if path is None or path.stat().st_size > min(MAX_FILE, left):
                return None
            content = path.read_bytes()
        except OSError:
            return None
        left -= len(content)
        return content

    def below(name: str) -> str:
        """Where it lies; what a symbolic link leads to lies elsewhere, and GitHub does not show it through the link."""
        path = found(name)
        return os.path.relpath(path, top).replace(os.sep, "/") if path is not None else name

    return read, below


def _style(out: TextIO, drawing: Drawing, language: Language):  # type: ignore[no-untyped-def]  # Style is imported only when text is drawn
    from gonogo.report.layout import Style

    around = drawing.surroundings
    interactive = out.isatty()
    width = around.width or (shutil.get_terminal_size().columns if interactive and not around.ci else 100)
    encoding = (getattr(out, "encoding", None) or "utf-8").lower().replace("-", "")
    return Style(
        color=_colored(drawing.color, around, interactive),
        ascii=not encoding.startswith("utf"),
        width=max(60, min(width, 160)),
        verbose=drawing.verbose,
        language=language,
    )


def _colored(choice: str, around: Surroundings, interactive: bool) -> bool:
    """`--color` before NO_COLOR before FORCE_COLOR before TERM=dumb before a terminal."""
    if choice != "auto":
        return choice == "always"
    if around.no_color:
        return False
    if around.force_color:
        return True
    return interactive and not around.dumb
