"""`cordgraph manual`: every command with its options, as one page."""

from collections.abc import Iterator
from pathlib import Path

import click

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
"""The page of the documentation that is made here."""

_HEAD = """# Commands

Every command of `cordgraph`, as `--help` shows it. The page is written by `cordgraph manual
--write`, and a test says when it is out of date. How the commands go together is in
[operating](operator.md); exit codes are in [releases](release.md); what all of them read from the
environment is in [settings](settings.md).
"""
_WIDTH = 96


@click.command("manual")
@click.option("--write", is_flag=True, help="Write docs/commands.md of a source tree.")
@click.pass_context
def manual(context: click.Context, *, write: bool) -> None:
    """Print what all commands say of themselves, as Markdown.

    \b
    Examples:
      cordgraph manual > commands.md
      cordgraph manual --write
    """
    root = context.find_root().command
    text = manual_text(root)
    if write:
        PAGE.write_text(text, encoding="utf-8")
        click.echo(f"wrote {PAGE}")
    else:
        click.echo(text, nl=False)


def manual_text(root: click.Command) -> str:
    """Return the manual of ``root`` and all commands below it."""
    parts = [_HEAD]
    for words, command in every_command(root):
        name = " ".join(("cordgraph", *words))
        parts.append(f"## {name}\n\n```text\n{_help_of(command, name)}\n```\n")
    return "\n".join(parts)


def every_command(
    command: click.Command, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield each command with its words, groups before what is in them, in order of the words."""
    yield words, command
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            if not below.hidden:
                yield from every_command(below, (*words, name))


def _help_of(command: click.Command, name: str) -> str:
    context = click.Context(command, info_name=name, terminal_width=_WIDTH)
    context.help_option_names = ["-h", "--help"]
    lines = command.get_help(context).splitlines()
    return "\n".join(line.rstrip() for line in lines)
