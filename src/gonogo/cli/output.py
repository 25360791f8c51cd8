"""`-o FORMAT[=PATH]`: which reports are written where, and how the terminal one is drawn."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TextIO

import click

from gonogo.cli.streams import Streams
from gonogo.config import Surroundings
from gonogo.model.assessment import Assessment

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
FORMATS = ("text", *_MODULES)


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
    """How the user wants the terminal report."""

    color: str
    verbose: bool
    surroundings: Surroundings


def write_reports(assessment: Assessment, outputs: Sequence[Output], streams: Streams, drawing: Drawing) -> bool:
    """Write every report; the text report goes to standard output unless another format took it. False if one failed."""
    wanted = list(outputs)
    if not any(output.path is None for output in wanted):
        wanted.append(Output("text", None))
    written = True
    for output in wanted:
        try:
            _write(assessment, output, streams, drawing)
        except BrokenPipeError:
            raise
        except OSError as error:
            streams.stderr.write(f"gonogo: cannot write {output.path}: {error.strerror or error}\n")
            written = False
    return written


def _write(assessment: Assessment, output: Output, streams: Streams, drawing: Drawing) -> None:
    if output.path is None:
        _render(assessment, output.format, streams.stdout, drawing)
        return
    with output.path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
        _render(assessment, output.format, out, drawing)


def _render(assessment: Assessment, format_name: str, out: TextIO, drawing: Drawing) -> None:
    if format_name in _MODULES:
        import_module(f"gonogo.report.{_MODULES[format_name]}").render(assessment, out)
    else:
        from gonogo.report import terminal

        terminal.render(assessment, out, _style(out, drawing))


def _style(out: TextIO, drawing: Drawing):  # type: ignore[no-untyped-def]  # Style is imported only when text is drawn
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
