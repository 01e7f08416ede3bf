"""`cordgraph scheme`: propose levels, look at them, and freeze them."""

import asyncio
import os
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.options import json_option, profile_option
from commands.output import print_json
from commands.progress import ProgressBars
from commands.session import as_operator, operator_session
from database.access import data_home
from database.pool import Connection
from domain.failures import Refused
from domain.schemes import Scheme
from publishing.gate import Profile
from publishing.hierarchy import ALL_LOST, SCHEME_KEYS
from publishing.scheme import list_schemes
from publishing.scheme_freeze import freeze_proposal
from publishing.scheme_proposal import Proposal, list_proposals, propose, record_proposal


@click.group("scheme")
def scheme_commands() -> None:
    """Propose, freeze and look at schemes: how finely units are published.

    \b
    Examples:
      cordgraph scheme propose
      cordgraph scheme show
      cordgraph scheme freeze 1f0c...
    """


@scheme_commands.command("propose")
@click.option(
    "--without",
    type=click.Choice(list(SCHEME_KEYS)),
    multiple=True,
    help="Leave an attribute unpublished; may be given several times.",
)
@json_option
def propose_command(*, without: tuple[str, ...], as_json: bool) -> None:
    """Search the levels that lose least and hold back few of the eligible units.

    Only the proposal is kept. It says what each attribute's next finer level would hold back,
    and which limit that breaks. Exit code 1 if no unit is eligible.

    \b
    Examples:
      cordgraph scheme propose
      cordgraph scheme propose --without bank --json
    """
    proposal = asyncio.run(_propose(without))
    if as_json:
        found = proposal.found
        print_json(
            {
                "digest": proposal.digest,
                **proposal.document,
                "search": {"nodes": found.nodes, "counted": found.counted},
            }
        )
    else:
        _print_proposal(proposal)


@scheme_commands.command("show")
@click.argument("number", type=click.IntRange(min=1), required=False)
@json_option
def show_command(*, number: int | None, as_json: bool) -> None:
    """Show the levels of scheme NUMBER, or of the one in force.

    \b
    Examples:
      cordgraph scheme show
      cordgraph scheme show 1 --json
    """
    schemes, _ = as_operator(_list)
    known = {scheme.number: scheme for scheme in schemes}
    newest = schemes[-1].number
    scheme = known.get(number or newest)
    if scheme is None:
        raise Refused(f"there is no scheme {number}; the newest is {newest}")
    if as_json:
        print_json(_scheme_json(scheme, newest))
        return
    table = Table.grid(padding=(0, 2))
    for name, value in _scheme_json(scheme, newest).items():
        table.add_row(name.replace("_", " "), _shown(value))
    Console(highlight=False).print(table)


@scheme_commands.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List all schemes and proposals.

    \b
    Example:
      cordgraph scheme list
    """
    schemes, proposals = as_operator(_list)
    newest = schemes[-1].number
    if as_json:
        print_json(
            {
                "schemes": [_scheme_json(scheme, newest) for scheme in schemes],
                "proposals": proposals,
            }
        )
        return
    console = Console(highlight=False, soft_wrap=True)
    for scheme in schemes:
        state = "in force" if scheme.number == newest else "of earlier batches"
        console.print(f"scheme {scheme.number}  {state}")
    for row in proposals:
        console.print(
            f"proposal {row['digest']}  for scheme {row['scheme']}  {row['units']:,} units  "
            f"{row['proposed_at']:%Y-%m-%d %H:%M} UTC"
        )


@scheme_commands.command("freeze")
@click.argument("digest")
@profile_option("Whether approvals are needed; synthetic is for demonstrations.")
@json_option
def freeze_command(*, digest: str, profile: str, as_json: bool) -> None:
    """Make the proposal DIGEST the scheme of all later batches; needs two approvals.

    The scheme gets the next number and a key file of its own for public ids. What was published
    stays as it is.

    \b
    Example:
      cordgraph scheme freeze 1f0c...
    """
    scheme = as_operator(
        freeze_proposal, digest, keys=data_home(os.environ) / "keys", profile=Profile(profile)
    )
    if as_json:
        print_json(_scheme_json(scheme, scheme.number))
        return
    click.echo(f"Scheme {scheme.number} is frozen and in force for later batches.")
    click.echo("Back its key up, apart from the database (docs/scheme.md).")


async def _propose(without: tuple[str, ...]) -> Proposal:
    async with operator_session() as connection:
        with ProgressBars() as bars:
            proposal = await propose(connection, without=without, report=bars)
        await record_proposal(connection, proposal)
        return proposal


async def _list(connection: Connection) -> tuple[list[Scheme], list[dict[str, Any]]]:
    return await list_schemes(connection), await list_proposals(connection)


def _print_proposal(proposal: Proposal) -> None:
    console = Console(highlight=False)
    document, holding = proposal.document, proposal.found.holding
    console.print(
        f"Proposal for scheme {proposal.number}, k = {proposal.goal.k}: it loses "
        f"{_percent(document['loss'] / ALL_LOST)} of what could be published of "
        f"{proposal.units:,} eligible units."
    )
    console.print(
        f"It would hold back {holding.overall.held_back:,} units, "
        f"{_percent(holding.overall.percent)} (at most {proposal.goal.held_back} %); "
        f"{_percent(holding.bank.percent)} of the bank {holding.bank.group} and "
        f"{_percent(holding.abo.percent)} of the ABO group {holding.abo.group} "
        f"(at most {proposal.goal.held_back_group} %)."
    )
    console.print(f"{holding.classes:,} classes, the smallest of {holding.smallest_class} units.")
    console.print(_steps_table(document["attributes"]))
    console.print(f"proposal {proposal.digest}", soft_wrap=True)
    console.print("Approve it, then run `cordgraph scheme freeze` with this digest.")


def _steps_table(attributes: list[dict[str, Any]]) -> Table:
    table = Table(
        "attribute", "recorded", "level", "loses", "next finer", "would save", "would hold back"
    )
    for row in attributes:
        finer = row["next_finer"]
        lost = f"{_points(row['loss'])} of {row['weight']}"
        cost = _finer_cost(finer) if finer else ("-", "-", "-")
        recorded = _percent(row["recorded_percent"])
        table.add_row(row["attribute"], recorded, row["level"], lost, *map(escape, cost))
    return table


def _finer_cost(finer: dict[str, Any]) -> tuple[str, str, str]:
    held = finer["held_back"]
    shares = [
        ("overall", "overall", held["overall"]),
        ("bank", f"bank {held['worst_bank']['group']}", held["worst_bank"]),
        ("abo", f"ABO {held['worst_abo']['group']}", held["worst_abo"]),
    ]
    lines = [
        f"{_percent(share['percent'])} {words}{' (too much)' if name in finer['breaks'] else ''}"
        for name, words, share in shares
    ]
    if "recorded" in finer["breaks"]:
        lines.append("too few values recorded")
    return finer["level"], _points(finer["saves"]), "\n".join(lines)


def _scheme_json(scheme: Scheme, newest: int) -> dict[str, Any]:
    return {
        "scheme": scheme.number,
        "in_force": scheme.number == newest,
        **scheme.as_json(),
    }


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(f"{cut:g}" for cut in value)
    return "not published" if value is None else str(value)


def _points(loss: int) -> str:
    return f"{loss / ALL_LOST:g}"


def _percent(value: float) -> str:
    return f"{value:.1f} %"
