"""`gonogo`: the command group, and the border at which errors become one line and an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

import click

from gonogo import __version__
from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.streams import Streams

_HELP = """Check the claims of a production-readiness checklist against evidence.

Reads a checklist (Markdown with `- [x]` boxes) and the infrastructure code of a repository, and says which items are really
satisfied, each with the line that proves it.

\b
Exit codes: 0 GO, 1 NO-GO, 2 usage or configuration, 3 INCOMPLETE (something needed could not be
checked), 4 nothing to check, 5 a report could not be written or an upload failed,
70 a crash, 75 another audit of the same series is under way.
"""
# name -> (module, one line of help): `--help` lists the commands without importing them.
_COMMANDS = {
    "scan": "Scan a repository, against a checklist or against the whole catalogue.",
    "audit": "Audit live Google Cloud, beside the code of a repository or alone.",
    "doctor": "Say what an audit of Google Cloud would not see, and what to grant.",
    "convert": "Write the assessment of a run in other formats.",
    "explain": "Explain a control or a rule: what it asks, why, how to fix it.",
    "facts": "Print what gonogo sees in a repository, as JSON.",
    "checklist": "Show the items of a checklist and the controls they bind to.",
    "attest": "State what no rule can decide, with evidence and an expiry.",
    "waive": "Accept a gap for a while, with an owner and an approver.",
    "baseline": "Keep a baseline: violations that are known and fail no run for now.",
    "history": "List recorded runs, export one.",
    "drift": "Compare the last recorded run with an earlier one.",
    "schedule": "Write the files that run an audit on a schedule.",
    "sarif": "Check SARIF files of any tool against what GitHub takes.",
    "upload": "Upload a SARIF file to GitHub code scanning.",
    "rules": "List, check and test rule packs.",
}


class _Lazy(click.Group):
    """A group that imports a command only when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"gonogo.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, help=_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="gonogo %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of a crash.")
def group(debug: bool) -> None:
    pass


def main(argv: Sequence[str], stdout: TextIO, stderr: TextIO) -> int:
    """Run one command and return its exit code; nothing is raised and nothing is written anywhere else."""
    streams = Streams(stdout, stderr)
    try:
        with streams.redirected():
            result = group.main(args=list(argv), prog_name="gonogo", standalone_mode=False, obj=streams)
        return int(result) if isinstance(result, int) else ExitCode.GO
    except click.exceptions.NoArgsIsHelpError as error:
        stdout.write(error.format_message() + "\n")
        return ExitCode.USAGE
    except click.ClickException as error:
        stderr.write(_usage(error))
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        stderr.write("gonogo: interrupted\n")
        return 130
    except BrokenPipeError:
        return ExitCode.REPORT  # `gonogo scan | head`: nobody reads on
    except Exception as error:  # noqa: BLE001 - the last border: a crash is 70, never 1, which would read as NO-GO
        stderr.write(f"gonogo: internal error: {type(error).__name__}: {error}. Please report this; --debug shows the traceback.\n")
        if "--debug" in argv:
            import traceback

            traceback.print_exception(error, file=stderr)
        return ExitCode.CRASH


def _usage(error: click.ClickException) -> str:
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"\nTry: {error.ctx.command_path} --help"
    return f"gonogo: {error.format_message()}{hint}\n"


def entry() -> None:
    """The console script."""
    # One short run that keeps what it builds: looking for cycles in it takes a third of the time and frees next to nothing.
    gc.disable()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    code = main(sys.argv[1:], sys.stdout, sys.stderr)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit, and would say so (https://docs.python.org/3/library/signal.html#note-on-sigpipe).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
