"""`gonogo upload`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import click

from gonogo.cli.exit_codes import ExitCode
from gonogo.cli.paths import file
from gonogo.cli.streams import Streams
from gonogo.config import read_github

if TYPE_CHECKING:
    from gonogo.formats.sarif import Sarif
    from gonogo.publish.github_target import Target
    from gonogo.publish.github_upload import Uploaded

_MAX_FLAWS = 10
Say: TypeAlias = Callable[[str], None]
"""Tells the user something; lines after the first are shown as they are, for YAML."""


@click.command("upload")
@click.argument("path", metavar="FILE.sarif")
@click.option("--repository", metavar="OWNER/NAME", default="", help="The repository [GITHUB_REPOSITORY].")
@click.option("--ref", metavar="REF", default="", help="refs/heads/B, refs/tags/T or refs/pull/N/merge|head; together with --sha [GITHUB_REF].")
@click.option("--sha", metavar="SHA", default="", help="The full id of the commit that was scanned [GITHUB_SHA].")
@click.option("--server-url", metavar="URL", default="", help="A GitHub Enterprise Server [GITHUB_SERVER_URL, else https://github.com].")
@click.option("--api-url", metavar="URL", default="", help="Its REST API, where that is elsewhere [GITHUB_API_URL].")
@click.option("--checkout-uri", metavar="URI", default="", help="Where the files lay, if the SARIF has absolute URIs: file:///home/me/repo/.")
@click.option("--category", metavar="NAME", default="", help="Set the category of every run; each category has its own alerts.")
@click.option("--wait/--no-wait", default=True, help="Whether to wait until GitHub has read the file [wait].")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), default=300.0, metavar="SECONDS", help="For all of it: tries, rate limits, processing [300].")
@click.option("--check/--no-check", default=True, help="Whether what GitHub would refuse is looked for first [check].")
@click.option("--allow-partial", is_flag=True, help="Upload a run that could not check everything, completed with what --known has.")
@click.option("--known", metavar="LAST.sarif", help="The last whole run: what it found and a partial one did not is said again.")
@click.pass_obj
def command(
    streams: Streams,
    path: str,
    repository: str,
    ref: str,
    sha: str,
    server_url: str,
    api_url: str,
    checkout_uri: str,
    category: str,
    wait: bool,
    timeout: float,
    check: bool,
    allow_partial: bool,
    known: str | None,
) -> int:
    """Upload a SARIF file to GitHub code scanning, and wait until GitHub has read it.

    \b
    gonogo scan . -o sarif=gonogo.sarif; gonogo upload gonogo.sarif

    The token is read from GITHUB_TOKEN or GH_TOKEN. In a workflow the job needs

    \b
    permissions:
      security-events: write
    env:
      GITHUB_TOKEN: ${{ github.token }}

    GitHub takes what an upload lacks for fixed, so that a run which failed or could not check everything is not uploaded.

    \b
    Exit codes: 0 uploaded (or a fork's pull request, which may not), 2 usage, 5 not uploaded or not read by GitHub.
    """
    from gonogo.formats.sarif import SarifError, read_sarif
    from gonogo.publish.errors import PublishError
    from gonogo.publish.github_sarif import with_category
    from gonogo.publish.github_target import target
    from gonogo.publish.github_upload import Time, upload
    from gonogo.report.escape import printable
    from gonogo.sources.git import git

    if bool(ref) != bool(sha):
        raise click.UsageError("--ref and --sha go together: which commit, and what it is called")
    if checkout_uri and not urlsplit(checkout_uri).scheme:
        raise click.UsageError(f"--checkout-uri {checkout_uri} is no URI like file:///home/me/repo/")
    if allow_partial and not known:
        raise click.UsageError("--allow-partial needs --known LAST.sarif: GitHub takes what an upload lacks for fixed")
    around = read_github()

    def say(text: str) -> None:
        shown = text.replace(around.token, "[redacted]") if around.token else text
        streams.stderr.write("gonogo: " + "\n".join(map(printable, shown.splitlines())) + "\n")

    try:
        token = _token(around.token)
        sarif = read_sarif(file(path, "SARIF file"))
        where = target(
            around, repository=repository, ref=ref, sha=sha, server_url=server_url, api_url=api_url,
            checked_out=(git(Path(), "rev-parse", "HEAD") or b"").decode("ascii", "replace").strip(),
        )  # fmt: skip
        sarif = _whole(sarif, file(known, "SARIF file") if allow_partial and known else None, say)
        if category:
            sarif = with_category(sarif, category)
        if check:
            _check(sarif, say)
        done = upload(sarif, where, token, timeout=timeout, wait=wait, checkout_uri=checkout_uri, clock=Time(progress=say))
    except SarifError as error:
        say(str(error))
        return ExitCode.USAGE
    except PublishError as error:
        say(str(error))
        return ExitCode.USAGE if error.user else ExitCode.REPORT
    return _told(done, sarif, where, say)


def _check(sarif: Sarif, say: Say) -> None:
    """One result that GitHub refuses loses all of them, and its answer does not say which. Raises `PublishError`."""
    from gonogo.formats.sarif_lint import Weight, lint
    from gonogo.publish.errors import PublishError

    refused = [flaw for flaw in lint(sarif) if flaw.weight is Weight.REFUSED]
    for flaw in refused[:_MAX_FLAWS]:
        say(f"{flaw.pointer or '/'}: {flaw.message}")
    if refused:
        raise PublishError(f"{sarif.file} is not sent: GitHub would refuse it; `gonogo sarif check` lists all that is wrong, --no-check sends it all the same", user=True)


def _token(token: str) -> str:
    if not token:
        raise click.UsageError("no token: set GITHUB_TOKEN (or GH_TOKEN); in a workflow: env: {GITHUB_TOKEN: ${{ github.token }}}")
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise click.UsageError("GITHUB_TOKEN (or GH_TOKEN) holds more than a token: a line break, a blank or a character that is not ASCII")
    return token


def _whole(sarif: Sarif, known: Path | None, say: Say) -> Sarif:
    """The log of a whole run, or of a partial one completed. Raises `PublishError` for a failed run, and for a partial one without `known`."""
    from gonogo.formats.sarif import failures, read_sarif, shortfalls
    from gonogo.publish.errors import PublishError
    from gonogo.publish.github_sarif import with_known
    from gonogo.report.escape import printable

    failed, short = [[reason for run in sarif.runs() for reason in find(run)] for find in (failures, shortfalls)]
    reasons = "; ".join(printable(reason) for reason in [*failed, *short][:3])
    if failed:
        raise PublishError(f"not uploaded: {sarif.file} is of a run that failed ({reasons}), and GitHub would take what it lacks for fixed")
    if short and known is None:
        raise PublishError(
            f"not uploaded: {sarif.file} is of a run that could not check everything ({reasons}), and GitHub would take what it lacks for fixed."
            " Make it whole, or complete it from the last whole run: --allow-partial --known LAST.sarif"
        )
    if not short or known is None:
        return sarif
    completed, added = with_known(sarif, read_sarif(known))
    say(f"{sarif.file} is of a run that could not check everything ({reasons}): {added} results of {known} are said again")
    return completed


def _told(done: Uploaded, sarif: Sarif, target: Target, say: Say) -> int:
    """Say what became of it."""
    from gonogo.publish.github_culprit import culprits
    from gonogo.publish.github_upload import State

    if done.note:
        say(done.note)
    elif done.state is State.PENDING:
        say(f"uploaded as {done.id}; not waited for")
    elif done.state is State.COMPLETE:
        say(f"uploaded as {done.id} for {target.ref} of {target.repository}: {sum(1 for _ in sarif.results())} results, read by GitHub")
    else:
        say(f"uploaded as {done.id}, and GitHub could not take it:")
    for error in done.errors:
        say(f"GitHub: {error}")
        for culprit in culprits(error, sarif):
            say(f"  {culprit}")
    return ExitCode.REPORT if done.state is State.FAILED else ExitCode.GO
