"""The options that a scan and an audit share: what is claimed, by which rules it is judged, and where the reports go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gonogo.cli import documents
from gonogo.cli.language import in_language
from gonogo.cli.lock_file import lock_path
from gonogo.cli.output import FORMATS, Drawing, Output, OutputType
from gonogo.cli.paths import directory, file
from gonogo.cli.streams import Streams
from gonogo.config import Config, ConfigError, read_config, read_surroundings
from gonogo.model.evidence import KINDS
from gonogo.model.finding import Severity

if TYPE_CHECKING:
    from gonogo.engine.known import Known
    from gonogo.model.resource import Resource
    from gonogo.request import ScanRequest


@dataclass(frozen=True, slots=True)
class Judging:
    """What the options say; each field is one of them."""

    checklists: Sequence[str]
    rule_dirs: Sequence[str]
    lock_file: str | None
    config_file: str | None
    environment: str | None
    var_files: Sequence[str]
    plans: Sequence[str]
    states: Sequence[str]
    exclude: Sequence[str]
    include: Sequence[str]
    ignores_of: Sequence[str]
    imports: Sequence[str]
    max_age: str
    release: str
    evidence: Sequence[str] = ()
    no_render: bool = False
    outputs: Sequence[Output] = ()
    baseline: str | None = None
    fail_on: str | None = None
    unknown: str | None = None
    exit_zero: bool = False
    color: str = "auto"
    verbose: bool = False
    sarif_profile: str = "github"
    lang: str | None = None

    def request(self, root: Path, *, configured: bool = True) -> ScanRequest:
        """The scan of `root`; its own configuration is read where it is `configured`. Raises `ConfigError` and usage errors."""
        from gonogo.request import ScanRequest

        explicit = file(self.config_file, "configuration") if self.config_file else None
        config = self._over(read_config(root, explicit) if configured or explicit else Config())
        request = ScanRequest(
            root=root,
            clock=lambda: datetime.now(UTC),
            checklists=tuple(file(c, "checklist") for c in self.checklists or [str(root / c) for c in config.checklists]),
            rule_dirs=tuple(directory(d, "rules directory") for d in self.rule_dirs or [str(root / d) for d in config.rules]),
            lock_file=self._lock_file(root, config),
            environment=self.environment or config.environment,
            config=config,
            var_files=tuple(_below(root, file(f, "var file")) for f in self.var_files),
            documents=documents.read_documents(root, self.plans, self.states),
            scans=self._scans(root),
            evidence=tuple(_artefact(given) for given in self.evidence),
            known=self._known(),
            release=self.release,
            render=not self.no_render,
        )
        return self._with_signed(request) if configured or explicit else request

    def drawing(self, root: Path) -> Drawing:
        return Drawing(self.color, self.verbose, read_surroundings(), self.sarif_profile, root, self.lang)

    def _over(self, config: Config) -> Config:
        return replace(
            config,
            exclude=(*config.exclude, *self.exclude),
            include=(*config.include, *self.include),
            ignores_of=_known_tools((*config.ignores_of, *(tool for given in self.ignores_of for tool in given.split(",")))),
            gate=replace(
                config.gate,
                fail_on=Severity(self.fail_on) if self.fail_on else config.gate.fail_on,
                unknown_blocks=self.unknown == "block" if self.unknown else config.gate.unknown_blocks,
            ),
        )

    def _with_signed(self, request: ScanRequest) -> ScanRequest:
        """The request with the attestations and waivers of its root. Raises `ConfigError`."""
        from gonogo.engine.register import RegisterError, read_attestations, read_waivers
        from gonogo.report.escape import printable_lines

        root, config = request.root, request.config
        try:
            return replace(
                request,
                attestations=read_attestations(root / config.attestations, root),
                waivers=read_waivers(root / config.waivers, root, config.gate.max_waiver_days),
            )
        except RegisterError as error:
            raise ConfigError(printable_lines(str(error))) from None

    def _scans(self, root: Path) -> tuple[Resource, ...]:
        if not self.imports:
            return ()
        from gonogo.sources.scan_reports import ReportError, age, load_imports, read_scans

        try:
            oldest, table, now = age(self.max_age), load_imports(), datetime.now(UTC)
            return tuple(scan for given in dict.fromkeys(self.imports) for scan in read_scans(given, root, now, oldest, table))
        except ReportError as error:
            raise click.UsageError(str(error)) from None

    def _known(self) -> Known:
        from gonogo.engine.known import NOTHING

        if self.baseline is None:
            return NOTHING
        from gonogo.engine.baseline import BaselineError, read_baseline

        try:
            return read_baseline(file(self.baseline, "baseline")).known(datetime.now(UTC).date())
        except BaselineError as error:
            raise ConfigError(str(error)) from None

    def _lock_file(self, root: Path, config: Config) -> Path | None:
        context = click.get_current_context(silent=True)
        streams = context.obj if context is not None and isinstance(context.obj, Streams) else None
        return lock_path(root, self.lock_file, config.map, streams)


_ASKED = (
    click.option("-c", "--checklist", "checklists", multiple=True, metavar="FILE", help="A Markdown checklist; repeatable. Without one, every control."),
    click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="A directory of further rule packs; repeatable."),
    click.option("--map", "lock_file", metavar="FILE", help="The lock file of reviewed bindings [.gonogo/map.yaml]."),
    click.option("--config", "config_file", metavar="FILE", help="The configuration [gonogo.toml at the scanned root]."),
    click.option("--env", "environment", metavar="NAME", help="The environment that goes live: production, staging, … or one of [environments] in gonogo.toml [production]."),
    click.option("--var-file", "var_files", multiple=True, metavar="FILE", help="A Terraform var file below the root, given last to each Terraform root; repeatable. TF_VAR_* of the process environment is never read: a scan does not depend on who runs it."),
    documents.options,
    click.option("--exclude", multiple=True, metavar="NAME|GLOB", help="Leave these out besides tests, examples and vendored code; repeatable."),
    click.option("--include", multiple=True, metavar="GLOB", help="Take these in whatever leaves them out; repeatable."),
    click.option("--no-render", is_flag=True, help="Render no chart and build no kustomization: each is a gap, and what it deploys is unknown."),
    click.option("--ignores-of", multiple=True, metavar="TOOL,…", help="Honour the ignores of checkov, trivy, tfsec, hadolint, kube-linter or zizmor, where their rule asks what a control asks."),
    click.option("--import", "imports", multiple=True, metavar="[CONTROL=]FILE", help="SARIF of another scanner as evidence: trivy.sarif, dast=zap.sarif; repeatable."),
    click.option("--release", default="", metavar="NAME", help="What is about to be released: attestations of that release count, those of another do not."),
    click.option("--max-age", metavar="AGE", default="7d", show_default=True, help="How old such a report may be: 36h, 7d. An older one shows nothing."),
    click.option("--evidence", "evidence", multiple=True, metavar="KIND=FILE", help=f"What a test or a drill left: coverage=coverage.xml, e2e=junit.xml, load=k6.json; repeatable. KIND: {', '.join(KINDS)}."),
)  # fmt: skip
_OUTPUT = click.option("-o", "--output", "outputs", multiple=True, type=OutputType(), help=f"A report, to stdout or a file; repeatable. Formats: {', '.join(FORMATS)}.")
_GATES = (
    click.option("--fail-on", type=click.Choice([s.value for s in Severity]), help="The least severity that stops a release [low]."),
    click.option("--unknown", type=click.Choice(["block", "warn"]), help="Whether what could not be checked leaves the release undecided [block]."),
    click.option("--exit-zero", is_flag=True, help="Exit 0 on NO-GO and INCOMPLETE."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True),
    click.option("-v", "--verbose", is_flag=True, help="List what is in order, too."),
    in_language,
    click.option("--sarif-profile", type=click.Choice(["github", "full"]), default="github", show_default=True, help="What -o sarif has: what GitHub takes, or everything that was asked."),
)  # fmt: skip
_TOLD = (
    _OUTPUT,
    click.option("--baseline", metavar="FILE", help="Violations that are known and fail nothing for now; gonogo baseline create writes them."),
    *_GATES,
)  # fmt: skip


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command these options, together as `judging`."""
    return _given(command, (*_ASKED, *_TOLD))


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options of what is asked of what, without those of what comes of it, together as `judging`."""
    return _given(command, _ASKED)


def _given(command: Callable[..., Any], of: Sequence[Callable[[Any], Any]]) -> Callable[..., Any]:
    @wraps(command)
    def collected(*args: Any, **given: Any) -> Any:
        taken = {field.name: given.pop(field.name) for field in fields(Judging) if field.name in given}
        return command(*args, judging=Judging(**taken), **given)

    wrapped: Callable[..., Any] = collected
    for option in reversed(of):
        wrapped = option(wrapped)
    return wrapped


def reporting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command only those of the options that are about a finished assessment: reports, gates, drawing."""
    for option in reversed((_OUTPUT, *_GATES)):
        command = option(command)
    return command


def _artefact(given: str) -> tuple[str, str]:
    kind, separator, path = given.partition("=")
    if not separator or kind not in KINDS:
        raise click.UsageError(f"--evidence {given}: write KIND=FILE, with KIND one of {', '.join(KINDS)}")
    return kind, str(file(path, "evidence"))


def _known_tools(names: Sequence[str]) -> tuple[str, ...]:
    """The tools whose ignores are asked for. Raises `ConfigError` for one that is not known."""
    wanted = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if wanted:
        from gonogo.engine.foreign_ignores import tools

        known = tools()
        for name in wanted:
            if name not in known:
                raise ConfigError(f"--ignores-of {name}: it is one of {', '.join(known)}")
    return wanted


def _below(root: Path, path: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise click.UsageError(f"{path} is not below {root}: a scan reads nothing else") from None
