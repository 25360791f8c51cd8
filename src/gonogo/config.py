"""`gonogo.toml`, `[tool.gonogo]` and the environment, read once into one frozen object."""

from __future__ import annotations

import os
import posixpath
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gonogo.model.environment import PRODUCTION, Environment, Environments
from gonogo.model.evidence import EvidenceSettings
from gonogo.model.finding import Severity
from gonogo.model.gate import Gate

FILE = "gonogo.toml"
NOTIFY = "GONOGO_NOTIFY"
"""The environment variable with the addresses of who is told."""
_NOTIFY = re.compile(rf"{NOTIFY}[A-Z0-9_]*")
_AT_THE_TOP = {"fail_on": "fail_on", "unknown_blocks": "unknown"}
"""What stood at the top before there was `[gate]`, and what it is called there."""
_FIGURES = {"min_coverage": (0, 100, False), "max_waivers": (0, None, True), "max_waiver_days": (1, 3660, True)}
"""Of each figure of `[gate]` the least, the most, and whether it is whole."""


class ConfigError(Exception):
    """A configuration that cannot be used; the message is one sentence with the file and what to do."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a run; the defaults are those of a repository without configuration."""

    exclude: tuple[str, ...] = ()
    """Directory names or globs out of scope, besides the default ones."""
    include: tuple[str, ...] = ()
    """Globs that are in scope whatever excludes them."""
    checklists: tuple[str, ...] = ()
    """Checklists, relative to the configuration's directory."""
    rules: tuple[str, ...] = ()
    """Directories of rule packs, relative to the configuration's directory."""
    map: str = ".gonogo/map.yaml"
    """The lock file of reviewed bindings, relative to the configuration's directory."""
    environment: str = "production"
    """The environment that is judged."""
    environments: tuple[Environment, ...] = ()
    """What is said of each environment."""
    attestations: str = ".gonogo/attestations.yaml"
    """What people state of what no rule decides, relative to the configuration's directory."""
    waivers: str = ".gonogo/waivers.yaml"
    """The gaps that are accepted for a while, relative to the configuration's directory."""
    gate: Gate = Gate()
    """`[gate]`: what a release must pass. `fail_on` and `unknown_blocks` may stand at the top, too."""
    ignores_of: tuple[str, ...] = ()
    """The tools whose own ignores are honoured where their rule asks what a control asks."""
    evidence: EvidenceSettings = EvidenceSettings()
    """`[evidence]`: artefacts of tests and drills, and how old they may be."""
    notify: tuple[str, ...] = ()
    """`[notify]` `targets`: names of environment variables that hold the addresses of who is told."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the process environment says about output (research: `NO_COLOR`, `FORCE_COLOR`, `TERM`, `CI`)."""

    no_color: bool = False
    force_color: bool = False
    dumb: bool = False
    ci: bool = False
    width: int = 0
    locale: str = ""
    """What messages are to be in: `ko_KR.UTF-8`; of the three variables the first that is set, as POSIX has it."""


@dataclass(frozen=True, slots=True)
class GitHubSurroundings:
    """What GitHub Actions says of the repository and the commit it runs for, and the token; empty where it says nothing.

    https://docs.github.com/actions/reference/variables-reference. `GITHUB_TOKEN` is not there by itself.
    """

    repository: str = ""
    ref: str = ""
    sha: str = ""
    api_url: str = ""
    server_url: str = ""
    event_name: str = ""
    event_path: str = ""
    token: str = field(default="", repr=False)


def read_config(root: Path, explicit: Path | None = None) -> Config:
    """The configuration of a scanned root: `explicit`, else its `gonogo.toml`, else `[tool.gonogo]` of its pyproject.toml.

    Discovery never leaves the root. Raises `ConfigError`.
    """
    if explicit is not None:
        return _config(_load(explicit), explicit, root)
    own = root / FILE
    if own.is_file():
        return _config(_load(own), own, root)
    project = root / "pyproject.toml"
    if project.is_file():
        try:
            table = _load(project).get("tool", {})
        except ConfigError:
            return Config()  # somebody else's broken file: not ours to report
        mine = table.get("gonogo") if isinstance(table, Mapping) else None
        if isinstance(mine, Mapping):
            return _config(mine, project, root)
    return Config()


def read_surroundings(environment: Mapping[str, str] | None = None) -> Surroundings:
    """What the environment says about colour and width."""
    env = os.environ if environment is None else environment
    force = env.get("FORCE_COLOR", "") or env.get("CLICOLOR_FORCE", "")
    columns = env.get("COLUMNS", "")
    return Surroundings(
        no_color=bool(env.get("NO_COLOR", "")),
        force_color=bool(force) and force != "0",
        dumb=env.get("TERM") == "dumb",
        ci=any(env.get(name) for name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL")),
        width=int(columns) if columns.isdigit() else 0,
        locale=next(filter(None, (env.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), ""),
    )


def read_github(environment: Mapping[str, str] | None = None) -> GitHubSurroundings:
    """What the environment says of GitHub. `GITHUB_TOKEN` goes before `GH_TOKEN`."""
    env = os.environ if environment is None else environment
    names = [f.name for f in fields(GitHubSurroundings) if f.name != "token"]
    said = {name: env.get(f"GITHUB_{name.upper()}", "").strip() for name in names}
    return GitHubSurroundings(**said, token=(env.get("GITHUB_TOKEN") or env.get("GH_TOKEN") or "").strip())


def read_notify(given: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The addresses of who is told: each is given, or in the environment variable that is named, which may hold several apart by white space.

    Raises `ConfigError`, which holds no address.
    """
    env = os.environ if environment is None else environment
    found: list[str] = []
    for text in given:
        if not _NOTIFY.fullmatch(text):
            found.append(text)
        elif env.get(text, "").strip():
            found += env[text].split()
        else:
            raise ConfigError(f"{text} is to hold whom to notify, and is not set in the environment")
    return tuple(dict.fromkeys(found))


def notify_by_default(config: Config, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The variables with the addresses of who is told of every audit: `GONOGO_NOTIFY` where it is set, and those of `[notify]`."""
    env = os.environ if environment is None else environment
    return (*([NOTIFY] if env.get(NOTIFY, "").strip() else []), *config.notify)


def read_endpoint_variables(environment: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """`GONOGO_ENDPOINT_*` of the process environment."""
    env = os.environ if environment is None else environment
    return {name: value for name, value in env.items() if name.startswith("GONOGO_ENDPOINT_")}


def read_kubeconfig(given: str | None, environment: Mapping[str, str] | None = None) -> str:
    """The kubeconfig: the given one, that of KUBECONFIG (files with `:` between them), or the one that kubectl takes."""
    env = os.environ if environment is None else environment
    return given or env.get("KUBECONFIG", "").strip() or str(Path("~/.kube/config").expanduser())


def _load(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _config(table: Mapping[str, object], path: Path, root: Path) -> Config:
    defaults = Config()
    settings: dict[str, Any] = {}
    gates: dict[str, Any] = {}
    of_gate: dict[str, Any] = {}
    known = {f.name: getattr(defaults, f.name) for f in fields(Config)}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name in _AT_THE_TOP:
            gates[name] = _typed(path, key, value, getattr(defaults.gate, name))
            continue
        if name not in known:
            close = get_close_matches(name, (*known, *_AT_THE_TOP), 1)
            raise ConfigError(f"{path}: unknown setting {key}" + (f"; did you mean {close[0]}?" if close else ""))
        if name == "gate":
            of_gate = _gate(path, value)
        elif name == "environments":
            settings[name] = _environments(path, value, root)
        elif name == "evidence":
            settings[name] = _evidence(path, value)
        else:
            settings[name] = _notify(path, value) if name == "notify" else _typed(path, key, value, known[name])
    for name in gates.keys() & of_gate.keys():
        raise ConfigError(f"{path}: {_AT_THE_TOP[name]} stands in [gate] and at the top; keep one")
    return Config(**settings, gate=Gate(**gates, **of_gate))


def _gate(path: Path, table: object) -> dict[str, Any]:
    """`[gate]`, as what `Gate` has."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{path}: gate is a table, [gate], not {table!r}")
    defaults = Gate()
    known = {"unknown" if f.name == "unknown_blocks" else f.name: getattr(defaults, f.name) for f in fields(Gate)}
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            close = get_close_matches(name, known, 1)
            raise ConfigError(f"{path}: unknown setting gate.{key}" + (f"; did you mean {close[0]}?" if close else ""))
        if name == "unknown":
            if value not in ("block", "warn"):
                raise ConfigError(f"{path}: gate.unknown is block or warn, not {value!r}")
            found["unknown_blocks"] = value == "block"
        elif name in _FIGURES:
            found[name] = _figure(path, f"gate.{key}", value, *_FIGURES[name])
        else:
            found[name] = _typed(path, f"gate.{key}", value, known[name])
    return found


def _figure(path: Path, key: str, value: object, least: int, most: int | None, whole: bool) -> float:
    kind = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= (value if most is None else most):
        raise ConfigError(f"{path}: {key} is a {'whole ' if whole else ''}number of at least {least}{'' if most is None else f' and at most {most}'}, not {value!r}")
    return value


def _typed(path: Path, key: str, value: object, default: object) -> object:
    if isinstance(default, Severity):
        if value in list(Severity):
            return Severity(str(value))
        raise ConfigError(f"{path}: {key} is one of {', '.join(Severity)}, not {value!r}")
    if isinstance(default, bool):
        if isinstance(value, bool):
            return value
        raise ConfigError(f"{path}: {key} is true or false, not {value!r}")
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            return tuple(value)
        raise ConfigError(f"{path}: {key} is a list of strings, not {value!r}")
    if isinstance(value, str):
        return value
    raise ConfigError(f"{path}: {key} is a string, not {value!r}")


def _notify(path: Path, table: object) -> tuple[str, ...]:
    """Only names of variables: an address holds a token, and a repository must not choose which of the environment's secrets is sent."""
    targets = table.get("targets") if isinstance(table, Mapping) and set(table) == {"targets"} else None
    if not isinstance(targets, list) or not all(isinstance(target, str) and _NOTIFY.fullmatch(target) for target in targets):
        raise ConfigError(f'{path}: [notify] has `targets`, names of environment variables that begin with {NOTIFY}: targets = ["{NOTIFY}_TEAM"]')
    return tuple(targets)


def _evidence(path: Path, table: object) -> EvidenceSettings:
    from gonogo.sources.artefacts.settings import SettingsError, read_settings

    try:
        return read_settings(table)
    except SettingsError as error:
        raise ConfigError(f"{path}: {error}") from None


def _environments(path: Path, table: object, root: Path) -> tuple[Environment, ...]:
    """`[environments.NAME]`; the usual names of production mean `production` here too."""
    if not isinstance(table, Mapping):
        raise ConfigError(f"{path}: environments is a table of tables, [environments.NAME], not {table!r}")
    usual, defaults = Environments(), Environment("")
    known = {f.name: getattr(defaults, f.name) for f in fields(Environment) if f.name != "name"}
    found: dict[str, Environment] = {}
    for written, entries in table.items():
        where = f"environments.{written}"
        if not isinstance(entries, Mapping):
            raise ConfigError(f"{path}: {where} is a table, not {entries!r}")
        settings: dict[str, Any] = {}
        for key, value in entries.items():
            name = key.replace("-", "_")
            if name not in known:
                close = get_close_matches(name, known, 1)
                raise ConfigError(f"{path}: unknown setting {where}.{key}" + (f"; did you mean {close[0]}?" if close else ""))
            settings[name] = _typed(path, f"{where}.{key}", value, known[name])
        name = PRODUCTION if usual.words.get(written.lower()) == PRODUCTION else written
        if name in found:
            raise ConfigError(f"{path}: {where} and another table mean {name}; write one of them")
        files = settings.get("var_files", ())
        settings["var_files"] = tuple(posixpath.normpath(file) for file in files)
        found[name] = Environment(name, **settings)
        for file in files:
            target = (root / file).resolve()
            if not target.is_file() or not target.is_relative_to(root.resolve()):
                raise ConfigError(f"{path}{_line(path, file)}: {where}.var_files: there is no {file} below {root}; write its path from there")
    return tuple(found.values())


def _line(path: Path, text: str) -> str:
    """`:12` where `text` is written in the file first."""
    lines = path.read_text("utf-8-sig").splitlines()
    return next((f":{number}" for number, line in enumerate(lines, 1) if text in line), "")
