"""Which packages an image of a Node application installs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gonogo.model.value import Unknown
from gonogo.sources.application.code.events import Live
from gonogo.sources.application.images import Image
from gonogo.sources.application.javascript.packages import Manifest

_MANAGERS = frozenset({"npm", "yarn", "pnpm", "bun"})
_INSTALL = frozenset({"install", "i", "ci", "clean-install", "add", "in", "ins", "isntall", "install-ci-test", "deploy", "fetch"})
_PRODUCTION = frozenset({"--production", "--production=true", "--prod", "-P", "--omit=dev", "--only=production", "--only=prod", "--no-dev", "--only-production"})
_BUNDLERS = frozenset({"esbuild", "webpack", "ncc", "rollup", "tsup", "vite", "next", "nuxt", "parcel"})
# Of Node itself (https://nodejs.org/api/); `node:` is taken away before.
BUILTIN = frozenset({
    "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "crypto", "dgram", "diagnostics_channel", "dns", "events", "fs", "fs/promises", "http", "http2", "https",
    "inspector", "module", "net", "os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream", "string_decoder", "timers", "timers/promises", "tls",
    "tty", "url", "util", "v8", "vm", "worker_threads", "zlib", "test", "sqlite",
})  # fmt: skip


def package_of(path: str) -> str:
    """The package that a symbolic path begins with; `` for what Node, or the language, has by itself."""
    head = path.partition("(")[0]
    if head.startswith(("global:", "nest:", "next:")) or (":" in head and not head.startswith("@")):
        # `express:response` is what express calls a handler with.
        name = head.partition(":")[0]
        return "" if name in ("global", "http", "framework") else {"nest": "@nestjs/common"}.get(name, name)
    parts = head.split("/")
    if head.startswith("@") and len(parts) > 1:
        return f"{parts[0]}/{parts[1].partition('.')[0]}"
    first = parts[0]
    # A dot begins a member, but for packages that have one in their name.
    name = first if first.endswith(".js") else first.partition(".")[0]
    return "" if name in BUILTIN else name


@dataclass(frozen=True, slots=True)
class Installs:
    """What the manifests declare and the image's commands install of it."""

    production: frozenset[str]
    development: frozenset[str]
    images: int
    installs: bool
    omits: bool
    includes: bool
    named: frozenset[str]

    def of(self, path: str) -> Live:
        """Whether the package of a symbolic path is in what the image installs."""
        name = package_of(path)
        if not name or name in self.named:
            return True
        if name in self.production:
            if self.images and not self.installs:
                return Unknown.because("no command of the image installs the dependencies: they may be copied into it")
            return True
        if name in self.development:
            if not self.images or (self.omits and not self.includes):
                return False
            if self.includes and not self.omits:
                return True
            return Unknown.because(f"{name} is a development dependency, and the image installs some with and some without them")
        return False


def read_installs(images: Sequence[Image], manifests: Sequence[Manifest]) -> Installs:
    """What of `manifests` (the application's and its workspace's) is installed."""
    installs = omits = includes = False
    named: set[str] = set()
    for image in images:
        in_production = image.environment.get("NODE_ENV") == "production"
        for command in image.installs:
            words = command.words
            if command.program not in _MANAGERS:
                if set(words[:3]) & _BUNDLERS:
                    omits = True  # what is bundled is part of what ships, whichever kind of dependency it is
                continue
            verb = next((w for w in words[1:] if not w.startswith("-")), "install" if command.program == "yarn" else "")
            without = bool(_PRODUCTION & set(words)) or _follows(words, "--omit", "dev") or _follows(words, "--only", "production")
            if verb in _INSTALL or (verb == "workspaces" and "focus" in words):
                arguments = _packages(words, verb)
                if arguments:
                    named.update(arguments)
                    continue
                installs = True
                if without or in_production:
                    omits = True
                else:
                    includes = True
            elif verb == "prune":
                omits, includes = True, False
    return Installs(
        frozenset(n for m in manifests for n in m.production),
        frozenset(n for m in manifests for n in m.development),
        len(images),
        installs,
        omits,
        includes,
        frozenset(named),
    )


def _follows(words: Sequence[str], option: str, value: str) -> bool:
    return any(a == option and b == value for a, b in zip(words, words[1:], strict=False))


def _packages(words: Sequence[str], verb: str) -> list[str]:
    """The packages that an install command names: `npm install express@4`."""
    after = words[words.index(verb) + 1 :] if verb in words else ()
    found = []
    for previous, word in zip(("", *after), after, strict=False):
        if word.startswith("-") or previous in ("--omit", "--only", "--prefix", "-C", "--filter", "-w", "--workspace", "--registry", "--cache"):
            continue
        if word.startswith((".", "/")) or ":" in word or word in ("&&", "||") or verb in ("ci", "clean-install", "deploy", "fetch"):
            continue
        found.append(f"@{word[1:].partition('@')[0]}" if word.startswith("@") else word.partition("@")[0])
    return found


