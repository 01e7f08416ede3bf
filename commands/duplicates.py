"""`cordgraph release duplicates`: which units look like one donation counted twice."""

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.options import json_option
from commands.output import print_json
from commands.session import as_operator
from publishing.duplicates import Suspect, list_duplicates

_SHOWN = 100
"""Groups that the table shows; JSON has all."""


@click.command("duplicates")
@json_option
def show_duplicates(*, as_json: bool) -> None:
    """Show the units that look like one donation counted twice.

    They agree in birth date, HLA and TNC_FRZN, and wait until a bank corrects or removes all but
    one of them. This names units of the banks: it is for the operator alone.

    \b
    Examples:
      cordgraph release duplicates
      cordgraph release duplicates --json
    """
    groups = as_operator(list_duplicates)
    if as_json:
        print_json([[unit.as_json() for unit in group] for group in groups])
    else:
        _print(groups)


def _print(groups: list[tuple[Suspect, ...]]) -> None:
    console = Console(highlight=False)
    if not groups:
        console.print("No unit looks like another one.")
        return
    table = Table("donation", "bank", "unit", "state")
    for number, group in enumerate(groups[:_SHOWN], start=1):
        for unit in group:
            table.add_row(str(number), unit.bank, escape(unit.unit_number), _state(unit))
        table.add_section()
    console.print(table)
    if len(groups) > _SHOWN:
        console.print(f"{len(groups) - _SHOWN:,} more: see --json.")
    waiting = sum(unit.release is None for group in groups for unit in group)
    console.print(f"{len(groups):,} donations; {waiting:,} units wait.")


def _state(unit: Suspect) -> str:
    if unit.release is not None:
        return f"published in release {unit.release}"
    return "waits" if unit.consent else "has no consent"
