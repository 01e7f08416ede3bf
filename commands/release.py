"""`cordgraph release`: plan, publish and look at releases; approvals and withdrawals beside it."""

import asyncio
import os
from collections.abc import Iterator

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands.approval import approve_release, how_to_approve
from commands.duplicates import show_duplicates
from commands.export import export_command, export_published, said
from commands.judgement import judge_command
from commands.options import json_option, profile_option
from commands.output import print_json
from commands.progress import ProgressBars
from commands.session import as_operator, operator_session
from commands.withdrawal import withdraw, withdraw_classes, withdrawals
from database.access import data_home
from domain.banks import BANK_CODES
from domain.failures import Failure
from publishing.activity.table import ActivityTable
from publishing.approvals import Kind
from publishing.export.release_files import Exported
from publishing.gate import Check, Outcome, Profile, shown
from publishing.history import list_releases, read_release
from publishing.hla.planning import HlaPlan
from publishing.plan import Plan, plan, record_plan
from publishing.release import Published, publish

_COLOUR = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.RELAXED: "yellow",
    Outcome.LEFT_OUT: "yellow",
}

_profile = profile_option("How strictly the gate is applied; synthetic is for demonstrations.")
_at_most = click.option(
    "--at-most",
    type=click.IntRange(min=1),
    metavar="UNITS",
    help="Let at most so many new units take part; those that wait from earlier always do.",
)
_without = click.option(
    "--without",
    type=click.Choice(BANK_CODES),
    multiple=True,
    help="Let no new unit of this bank take part; may be given several times.",
)


@click.group("release")
def release_commands() -> None:
    """Plan, approve, publish, withdraw and look at releases.

    \b
    Examples:
      cordgraph release plan
      cordgraph release publish --profile synthetic --at-most 240000
      cordgraph release export
      cordgraph release show 3 --json
    """


for command in (
    approve_release,
    export_command,
    judge_command,
    show_duplicates,
    withdraw,
    withdraw_classes,
    withdrawals,
):
    release_commands.add_command(command)


@release_commands.command("plan")
@_profile
@_at_most
@_without
@json_option
def plan_command(
    *, profile: str, at_most: int | None, without: tuple[str, ...], as_json: bool
) -> None:
    """Show what the next release would be, and whether the gate lets it through.

    Nothing is published. The plan and its measured values are kept for the record. Exit code 1
    if the gate is closed.

    \b
    Examples:
      cordgraph release plan
      cordgraph release plan --profile synthetic --json
    """
    planned = asyncio.run(_plan(Profile(profile), at_most, without))
    if as_json:
        print_json(planned.as_json())
    else:
        _print_plan(planned)
    if planned.failed or planned.empty:
        raise SystemExit(1)


@release_commands.command("publish")
@_profile
@_at_most
@_without
@json_option
def publish_command(
    *, profile: str, at_most: int | None, without: tuple[str, ...], as_json: bool
) -> None:
    """Publish the next release, wholly or not at all, and write its files.

    It must be the plan that two people approved: give the options of that plan. It can be
    interrupted at any moment and run again. Exit code 1 if the gate is closed or there is nothing
    new, 3 if another release or an intake is running. Exit code 3 also if the release is published
    and its files are not: `cordgraph release export` writes them.

    \b
    Examples:
      cordgraph release publish
      cordgraph release publish --profile synthetic --at-most 240000
    """
    asyncio.run(_publish(Profile(profile), at_most, without, as_json=as_json))


def _say_published(published: Published) -> None:
    made = " (synthetic)" if published.synthetic else ""
    click.echo(
        f"Published release {published.number}{made}: {published.added:,} units added, "
        f"{published.withdrawn:,} withdrawn, {published.units:,} in all, "
        f"{published.deferred:,} wait."
    )
    click.echo(f"digest {published.digest}")


@release_commands.command("list")
@json_option
def list_command(*, as_json: bool) -> None:
    """List all releases.

    \b
    Example:
      cordgraph release list
    """
    releases = as_operator(list_releases)
    if as_json:
        print_json(releases)
        return
    table = Table("release", "published", "profile", "units", "added", "held back", "state")
    for row in releases:
        table.add_row(
            str(row["number"]),
            f"{row['published_at']:%Y-%m-%d %H:%M} UTC",
            row["profile"],
            f"{row['unit_count']:,}",
            f"{row['added_unit_count']:,}",
            f"{row['held_back_percent']} %",
            "withdrawn" if row["withdrawn_at"] else "published",
        )
    Console(highlight=False).print(table if releases else "No release has been published yet.")


@release_commands.command("show")
@click.argument("number", type=click.IntRange(min=1))
@json_option
def show_command(*, number: int, as_json: bool) -> None:
    """Show everything that the row of release NUMBER says.

    \b
    Example:
      cordgraph release show 3
    """
    row = as_operator(read_release, number)
    if as_json:
        print_json(row)
        return
    table = Table.grid(padding=(0, 2))
    for name, value in row.items():
        table.add_row(name.replace("_", " "), "-" if value is None else str(value))
    Console(highlight=False, soft_wrap=True).print(table)


async def _plan(profile: Profile, at_most: int | None, without: tuple[str, ...]) -> Plan:
    keys = data_home(os.environ) / "keys"
    async with operator_session() as connection:
        with ProgressBars() as bars:
            planned = await plan(
                connection,
                keys=keys,
                profile=profile,
                at_most=at_most,
                without=without,
                report=bars,
            )
        await record_plan(connection, planned)
        return planned


async def _publish(
    profile: Profile, at_most: int | None, without: tuple[str, ...], *, as_json: bool
) -> None:
    home = data_home(os.environ)
    async with operator_session() as connection:
        with ProgressBars() as bars:
            published = await publish(
                connection,
                keys=home / "keys",
                profile=profile,
                at_most=at_most,
                without=without,
                report=bars,
            )
        if not as_json:
            _say_published(published)
        exported: Exported | None = None
        number = published.number
        try:
            with ProgressBars() as bars:
                exported = await export_published(connection, home, number, bars)
        except Failure:  # which says it
            raise
        except BaseException:
            click.echo(
                f"Release {number} is published, and its files are missing so far: "
                f"`cordgraph release export {number}` writes them.",
                err=True,
            )
            raise
        finally:
            if as_json:
                print_json(
                    published.as_json()
                    | {"files": None if exported is None else exported.as_json()}
                )
        if not as_json:
            click.echo(said(exported))


def _print_plan(planned: Plan) -> None:
    console = Console(highlight=False)
    inventory = planned.inventory
    console.print(
        f"Release {planned.release} under scheme {planned.scheme.number}, "
        f"profile {planned.profile.value}: {planned.figures.added:,} units would be added, "
        f"{planned.figures.withdrawn:,} withdrawn, {len(planned.batch.deferred):,} would wait."
    )
    console.print(
        f"Not published so far: {inventory.eligible:,} eligible ({inventory.waiting:,} of them "
        f"waiting), {inventory.too_recent:,} too recent, {inventory.without_consent:,} without "
        "consent."
    )
    if inventory.counted_twice:
        console.print(
            f"{inventory.counted_twice:,} more wait because they look like one donation counted "
            "twice: see `cordgraph release duplicates`."
        )
    for line in _activity_lines(planned.activity):
        console.print(line, soft_wrap=True)
    console.print(_checks_table(planned.checks))
    console.print(_hla_table(planned.hla))
    console.print(f"plan {planned.digest}", soft_wrap=True)
    console.print(_verdict(planned), soft_wrap=True)


def _activity_lines(table: ActivityTable) -> Iterator[str]:
    if table.cells:
        yield (
            f"Transplant activity: {table.cells:,} cells, {len(table.added):,} of them new, "
            f"{len(table.renewed):,} with a new value; {table.outdated:,} stand although newer "
            f"reports say something else; {table.unshown:,} units are too few to be shown."
        )
    elif table.unshown:
        yield f"Transplant activity: {table.unshown:,} units are too few to be shown."
    for waiting in table.waiting:
        yield f"The activity of {waiting.year} waits for a report of {', '.join(waiting.banks)}."


def _checks_table(checks: tuple[Check, ...]) -> Table:
    table = Table("check", "outcome", "measured", "limit", "reason")
    for check in checks:
        colour = _COLOUR[check.outcome]
        about = f"\n({check.about})" if check.about else ""
        table.add_row(
            check.name,
            f"[{colour}]{check.outcome.value}[/{colour}]",
            escape(f"{shown(check.measured)} {check.unit}{about}"),
            f"{'at least' if check.lower else 'at most'} {shown(check.limit)}",
            escape(check.reason),
        )
    return table


def _hla_table(planned: HlaPlan) -> Table | str:
    """Say which HLA tables there would be; people sign the plan, and with it their digest."""
    remarks = "\n".join(planned.remarks)
    if not planned.tables:
        return escape(f"No HLA frequency tables: {remarks}.")
    table = Table("HLA locus", "region", "groups shown", "typed units", "as of release")
    for each in planned.tables:
        table.add_row(
            each.locus, each.region, str(len(each.groups)), f"{each.typed:,}", str(each.as_of)
        )
    table.caption = escape(remarks) if remarks else None
    return table


def _verdict(planned: Plan) -> str:
    if planned.empty:
        return "[red]There is nothing new to publish.[/red]"
    if planned.failed:
        names = [check.name for check in planned.failed]
        closed = f"[red]The gate is closed:[/red] {', '.join(names)}"
        if names != ["approvals"]:
            return closed
        approving = how_to_approve(Kind.RELEASE, planned.digest)
        return f"{closed}\nAll else passes. Two people approve the plan: {escape(approving)}"
    return "[green]The gate is open.[/green]"
