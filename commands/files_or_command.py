"""A command that takes files, or the name of one of its subcommands in their place."""

from typing import Any

import click


class FilesOrCommand(click.Group):
    """Runs itself, unless its first argument is the name of a subcommand.

    A file of such a name is given as ``./NAME``.
    """

    allow_interspersed_args = True
    """Options may stand behind the files."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - what click hands on
    ) -> click.Context:
        """Return the context of the subcommand, or else of the command itself."""
        command = self.commands.get(args[0]) if args else None
        if command is None:
            return super().make_context(info_name, args, parent, **extra)
        return command.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as a command without subcommands does."""
        return click.Command.parse_args(self, ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run as a command without subcommands does."""
        return click.Command.invoke(self, ctx)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return how the command itself is used."""
        return click.Command.collect_usage_pieces(self, ctx)
