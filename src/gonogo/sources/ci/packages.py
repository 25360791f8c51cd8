"""The scripts of a package.json, and how package managers call them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from gonogo.sources.ci.command import Command
from gonogo.sources.ci.shell.run import Text
from gonogo.sources.tree import Tree, Unreadable

PACKAGE_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
LIFECYCLE = frozenset({"test", "t", "tst", "start", "stop", "restart"})
_NO_SCRIPT_TEXT = """
    install i ci add remove publish pack audit cache config set login whoami version init link up upgrade update why list ls info
    outdated prune dedupe exec dlx x create store fetch rebuild import --version -v help global plugin tag dist-tag pkg
    workspaces patch approve-builds self-update deploy
"""
_NO_SCRIPT = frozenset(_NO_SCRIPT_TEXT.split())


def package_script(command: Command) -> str | None:
    """The package script that `npm run x`, `npm test`, `yarn x` … runs; None where the command runs none."""
    values = {v.text for v in command.option("--prefix", "--dir", "-C", "--cwd", "-w", "--workspace", "--filter", "-F")}
    words = [w for _, w in command.words() if w not in values]
    if words[:1] == ["workspace"] and command.program == "yarn":
        words = words[2:]
    if not words:
        return None
    if words[0] in ("run", "run-script", "rum", "urn"):
        return words[1] if len(words) > 1 else None
    if words[0] in ("t", "tst"):
        return "test"
    if words[0] in LIFECYCLE:
        return None if command.program == "bun" and words[0] == "test" else words[0]
    if command.program in ("yarn", "pnpm", "bun") and words[0] not in _NO_SCRIPT:
        return words[0]
    return None


def after_dashes(command: Command) -> Sequence[Text]:
    """What `npm test -- …` hands on to the script."""
    for index, argument in enumerate(command.arguments):
        if argument.text == "--":
            return command.arguments[index + 1 :]
    return ()


def package_scripts(tree: Tree, path: str) -> Mapping[str, tuple[str, int]] | None:
    """The scripts of a package.json with their lines; None where there is none to read."""
    if path not in tree.files:
        return None
    try:
        text = tree.text(path)
        table = json.loads(text)
    except (Unreadable, ValueError, RecursionError):
        return None
    scripts = table.get("scripts") if isinstance(table, dict) else None
    if not isinstance(scripts, dict):
        return {}
    start = text.find('"scripts"')
    lines: dict[str, tuple[str, int]] = {}
    for name, value in scripts.items():
        if isinstance(value, str):
            at = text.find(json.dumps(name), start)
            lines[name] = (value, text.count("\n", 0, max(at, 0)) + 1)
    return lines
