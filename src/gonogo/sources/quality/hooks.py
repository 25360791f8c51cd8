"""What runs before a commit: which checks the hooks of pre-commit, lefthook, husky and their like make."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gonogo.model.value import Value
from gonogo.sources.ci.follow import Follower
from gonogo.sources.ci.script import whole_file
from gonogo.sources.ci.shell.run import Settings
from gonogo.sources.ci.steps import Job, Observation, StepContext
from gonogo.sources.code_tools import NONE, ROLES, Checks, CodeTools
from gonogo.sources.hook_scripts import runs
from gonogo.sources.hooked_files import hook_runs
from gonogo.sources.members import items
from gonogo.sources.tree import Tree, Unreadable

_PRE_COMMIT = (".pre-commit-config.yaml", ".pre-commit-config.yml")
_LEFTHOOK = tuple(f"{directory}{dot}lefthook.{suffix}" for directory in ("", ".config/") for dot in ("", ".") for suffix in ("yml", "yaml", "json"))
_SCRIPTS = (".husky/pre-commit", ".husky/pre-push")
_LINT_STAGED = (".lintstagedrc", ".lintstagedrc.json", ".lintstagedrc.yml", ".lintstagedrc.yaml")
MAX_COMMANDS = 500


@dataclass(frozen=True, slots=True)
class Hooks:
    """Reads the hooks of a tree. A configuration that cannot be read leaves everything open."""

    tree: Tree
    follower: Follower
    tools: CodeTools

    def checks(self) -> Checks:
        """What all hooks together check."""
        found = NONE
        for part in (self._pre_commit, self._lefthook, self._scripts, self._package):
            try:
                for checks in part():
                    found = found.also(checks)
            except (Unreadable, ValueError, RecursionError) as error:
                found = found.also(_open(f"the hooks cannot be read: {error}"))
        return found

    def _yaml(self, path: str) -> Value:
        parsed = self.tree.yaml(path)
        if parsed.error:
            raise ValueError(f"{path}: {parsed.error}")
        return parsed.documents[0].value if parsed.documents else None

    def _pre_commit(self) -> Iterator[Checks]:
        path = next((p for p in _PRE_COMMIT if p in self.tree.files), None)
        value = self._yaml(path) if path is not None else None
        if not isinstance(value, Mapping):
            return
        for repo in items(value.get("repos")):
            for hook in items(repo.get("hooks")) if isinstance(repo, Mapping) else ():
                if not isinstance(hook, Mapping) or not hook_runs(self.tree, value, hook):
                    continue
                checks = self.tools.hooks(str(hook.get("id")))
                entry = hook.get("entry")
                if isinstance(entry, str):
                    # The entry is what runs, whatever the hook is called. A hook that rewrites a file fails, so that a formatter need not be told to check.
                    arguments = " ".join(str(a) for a in items(hook.get("args")) if isinstance(a, str))
                    checks = self._command(f"{entry} {arguments}", path or "").also(self._command(f"{entry} {arguments} --check", path or ""))
                elif "--exit-zero" in items(hook.get("args")):
                    checks = NONE
                yield checks

    def _lefthook(self) -> Iterator[Checks]:
        for path in (*_LEFTHOOK, "lefthook.toml", ".lefthook.toml"):
            if path not in self.tree.files:
                continue
            value: Any = tomllib.loads(self.tree.text(path)) if path.endswith(".toml") else self._yaml(path)
            for name in ("pre-commit", "pre-push"):
                hook = value.get(name) if isinstance(value, Mapping) else None
                if not isinstance(hook, Mapping) or hook.get("skip") is True:
                    continue
                commands, jobs = hook.get("commands"), hook.get("jobs")
                held = [*(commands.values() if isinstance(commands, Mapping) else ()), *(jobs if isinstance(jobs, list) else ())]
                for command in held[:MAX_COMMANDS]:
                    if isinstance(command, Mapping) and command.get("skip") is not True and isinstance(run := command.get("run"), str):
                        yield self._command(run, path)

    def _scripts(self) -> Iterator[Checks]:
        for path in sorted(self.tree.files):
            if any(path == name or path.endswith(f"/{name}") for name in _SCRIPTS) and self.tree.files[path].in_scope:
                text = self.tree.text(path)
                yield self._command(text, path)
                if runs(text, "lint-staged"):
                    yield from self._lint_staged()

    def _package(self) -> Iterator[Checks]:
        """`package.json` of husky before version 5, simple-git-hooks."""
        if "package.json" not in self.tree.files:
            return
        table = json.loads(self.tree.text("package.json"))
        husky = table.get("husky") if isinstance(table, dict) else None
        for hooks in (husky.get("hooks") if isinstance(husky, dict) else None, table.get("simple-git-hooks") if isinstance(table, dict) else None):
            command = hooks.get("pre-commit") if isinstance(hooks, dict) else None
            if isinstance(command, str):
                yield self._command(command, "package.json")
                if runs(command, "lint-staged"):
                    yield from self._lint_staged()

    def _lint_staged(self) -> Iterator[Checks]:
        """The commands that lint-staged runs. A formatter that it runs rewrites what is committed, so that it is formatted."""
        tables: list[Any] = []
        for path in sorted(p for p in self.tree.files if p.rpartition("/")[2] == "package.json" and self.tree.files[p].in_scope):
            text = self.tree.text(path)
            if '"lint-staged"' in text:
                held = json.loads(text)
                tables.append(held.get("lint-staged") if isinstance(held, dict) else None)
        tables.extend(self._yaml(path) for path in _LINT_STAGED if path in self.tree.files)
        if not tables and any(p.rpartition("/")[2].startswith((".lintstagedrc.", "lint-staged.config.")) for p in self.tree.files):
            yield _open("the configuration of lint-staged is a program")
        for table in tables:
            for value in table.values() if isinstance(table, Mapping) else ():
                for command in ([value] if isinstance(value, str) else items(value))[:MAX_COMMANDS]:
                    if isinstance(command, str):
                        yield self._command(command, "").also(self._command(f"{command} --check", ""))

    def _command(self, text: str, path: str) -> Checks:
        found = NONE
        for step in self.follower.script(whole_file(path, text), Settings(errexit=True), StepContext(Job("hook", path, ""), path)):
            if isinstance(step, Observation):
                found = found.also(step.purpose.checks if step.counts is True else Checks(maybe=step.purpose.checks.maybe))
        return found


def _open(why: str) -> Checks:
    return Checks(maybe=frozenset((role, why) for role in ROLES))
