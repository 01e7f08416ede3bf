"""`cordgraph schema`: the contract as text."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from commands.uses import uses_command
from domain.failures import Refused
from schema.build import sdl
from schema.changelog import as_atom, as_json, as_markdown
from schema.changes import Comparison, checked_in, compare_versions, successive
from schema.freeze import drift
from schema.versions import CURRENT, VERSIONS, Version

ROOT = Path(__file__).resolve().parent.parent
SDL_FOLDER = ROOT / "schema" / "sdl"
PAGES_FOLDER = ROOT / "docs" / "schema"

_FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "markdown": as_markdown,
    "json": as_json,
    "atom": lambda comparison: as_atom([comparison], VERSIONS),
}


@click.group("schema")
def schema_commands() -> None:
    """Show the public contract.

    \b
    Example:
      cordgraph schema sdl 2026-10
    """


@schema_commands.command("sdl")
@click.argument("version", required=False)
@click.option(
    "--write",
    is_flag=True,
    help="Write the checked-in files of every version, and the pages of their changes.",
)
def print_sdl(version: str | None, *, write: bool) -> None:
    """Print the schema definition of VERSION (default: the current one).

    A retired version's is the one that was checked in while it was served.

    \b
    Examples:
      cordgraph schema sdl > schema.graphql
      cordgraph schema sdl --write
    """
    if write:
        _write_all()
        return
    chosen = version or CURRENT.name
    if chosen in [known.name for known in VERSIONS.served]:
        click.echo(sdl(chosen), nl=False)
    else:
        click.echo(_definitions(chosen)[chosen], nl=False)


@schema_commands.command("diff")
@click.argument("before")
@click.argument("after")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_FORMATS)),
    default="markdown",
    show_default=True,
    help="How to write the changes.",
)
def print_diff(before: str, after: str, form: str) -> None:
    """Print what changed from version BEFORE to version AFTER.

    \b
    Example:
      cordgraph schema diff 2026-10 2027-01 --format json
    """
    comparison = compare_versions(before, after, _definitions(before, after))
    click.echo(_FORMATS[form](comparison), nl=False)


schema_commands.add_command(uses_command)


def pages() -> dict[str, str]:
    """Return the generated pages of all changes that are checked in: name -> text."""
    found = {}
    comparisons = successive(checked_in(VERSIONS))
    for comparison in comparisons:
        version = VERSIONS.get(comparison.after)
        address = f"../migrating/{version.guide}" if version and version.guide else None
        found[f"{comparison.name}.md"] = as_markdown(comparison, address)
        found[f"{comparison.name}.json"] = as_json(comparison, address)
    return {**found, "changes.atom": as_atom(comparisons, VERSIONS)}


def _definitions(*versions: str) -> dict[str, str]:
    """Return the checked-in definitions, which must include ``versions``."""
    known = checked_in(VERSIONS)
    for version in versions:
        if version not in known:
            raise Refused(
                f"there is no schema version {version!r}", f"The versions are: {', '.join(known)}"
            )
    return known


def _write_all() -> None:
    for version in VERSIONS.served:
        write_definition(version, sdl(version.name), SDL_FOLDER)
    PAGES_FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        _write(PAGES_FOLDER / name, text)


def write_definition(version: Version, text: str, folder: Path) -> None:
    """Write the definition of ``version`` into ``folder``.

    Raises:
        Refused: The version is frozen, and ``text`` is not what is there.
    """
    path = folder / f"{version.name}.graphql"
    if version.frozen and path.exists():
        fault = drift(version, text, path.read_text(encoding="utf-8"))
        if fault is not None:
            raise Refused(fault)
        return
    _write(path, text)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    click.echo(f"wrote {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}", err=True)
