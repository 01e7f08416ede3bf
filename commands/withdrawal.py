"""`cordgraph release withdraw` and its kin: take back classes or a whole release."""

import os
from pathlib import Path

import click

from commands.approval import how_to_approve
from commands.options import json_option, profile_option
from commands.output import print_json
from commands.session import as_operator
from database.access import data_home
from database.pool import Connection
from domain.banks import BANK_CODES
from domain.failures import Failure, Refused, Unavailable
from files.store import open_store, store_place
from publishing.approvals import Kind, approvals_of, needed_approvals
from publishing.export.release_files import remove_withdrawn_files
from publishing.gate import Profile
from publishing.release_withdrawal import plan_release_withdrawal, withdraw_release
from publishing.withdrawal import Cause, Withdrawal, cancel_withdrawal, pending_withdrawals
from publishing.withdrawal_selection import Selection, plan_withdrawal

_cause = click.option(
    "--cause",
    type=click.Choice([cause.value for cause in Cause]),
    required=True,
    help="Consent that ended, a fault in the data, or a bank's revoked waiver.",
)


@click.command("withdraw-classes")
@click.option("--bank", type=click.Choice(BANK_CODES), help="Bank whose classes are taken back.")
@click.option(
    "--units",
    "units_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File with the bank's numbers of units, one a line: the classes that hold them.",
)
@click.option("--period", type=int, metavar="YEAR", help="First year of the collection period.")
@click.option("--added", type=click.IntRange(min=1), help="Release that added the classes.")
@_cause
@click.option("--reason", required=True, help="A sentence for the record; it is not published.")
@json_option
def withdraw_classes(
    *,
    bank: str | None,
    units_file: Path | None,
    period: int | None,
    added: int | None,
    cause: str,
    reason: str,
    as_json: bool,
) -> None:
    """Plan to take back whole classes; the next release leaves them out once it is approved.

    A class goes as a whole, with all of its at least 11 units, and none of them ever comes back:
    one unit that disappeared would tell on one person. Past releases keep what they said. With
    the cause "consent" the units of --units lose their consent at once.

    \b
    Examples:
      cordgraph release withdraw-classes --bank BJ --units ended.txt --cause consent --reason "..."
      cordgraph release withdraw-classes --added 3 --cause fault --reason "TNC of a broken counter"
    """
    if units_file and (bank is None or period is not None or added is not None):
        raise click.UsageError("--units goes with --bank, and with neither --period nor --added.")
    numbers = _numbers(units_file) if units_file else []
    selection = Selection(bank, numbers, period, added)
    planned = as_operator(plan_withdrawal, selection, Cause(cause), reason)
    if as_json:
        print_json(planned.as_json())
        return
    click.echo(
        f"Planned: {len(planned.classes):,} classes with {planned.units:,} units are left out of "
        "the next release."
    )
    _say_next(planned)


@click.command("withdraw")
@click.argument("number", type=click.IntRange(min=1))
@_cause
@click.option("--reason", required=True, help="A sentence that everybody will read.")
@profile_option("synthetic needs no approvals, for releases that were published under it.")
def withdraw(*, number: int, cause: str, reason: str, profile: str) -> None:
    """Withdraw release NUMBER as a whole; it can no longer be read, and its entry stays.

    The first run plans it and prints its digest. Once two approvers have approved it, the same
    command carries it out, for good, and takes its files out of the store. The batch of a faulty
    release is in the next one too, unless its classes are withdrawn as well. Exit code 1 while
    approvals are missing.

    \b
    Example:
      cordgraph release withdraw 3 --cause fault --reason "Cell counts of one bank were wrong."
    """
    planned, done = as_operator(_withdraw, number, Cause(cause), reason, Profile(profile))
    if not done:
        click.echo(f"Planned: release {number} is withdrawn.")
        _say_next(planned)
        raise SystemExit(1)
    click.echo(f"Release {number} is withdrawn. Caches forget it within a day.")


@click.command("withdrawals")
@click.option("--cancel", metavar="DIGEST", help="Give up the pending withdrawal DIGEST.")
@json_option
def withdrawals(*, cancel: str | None, as_json: bool) -> None:
    """List what is planned to be withdrawn and not done yet.

    \b
    Examples:
      cordgraph release withdrawals
      cordgraph release withdrawals --cancel 9b1e...
    """
    rows = as_operator(_pending, cancel)
    if as_json:
        print_json([{**row.as_json(), "approvals": names} for row, names in rows])
        return
    for row, names in rows:
        what = f"release {row.release}" if row.release else f"{row.units:,} units"
        approved = ", ".join(names) or "nobody"
        click.echo(f"{row.digest}  {what}, {row.cause}: {row.reason} (approved by {approved})")
    if not rows:
        click.echo("No withdrawal is pending.")


def _numbers(file: Path) -> list[str]:
    """Return the unit numbers of ``file``, each once."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise Refused(f"{file}: the file is not UTF-8 text") from error
    except OSError as error:
        raise Unavailable(
            f"{file}: the file cannot be read: {error.strerror}", "Check its name and its rights."
        ) from error
    numbers = sorted({line.strip() for line in lines} - {""})
    if not numbers:
        raise Refused(f"{file}: the file names no unit", hint="Write one number of a unit a line.")
    return numbers


def _say_next(planned: Withdrawal) -> None:
    click.echo(f"withdrawal {planned.digest}")
    click.echo(f"Two people approve it: {how_to_approve(Kind.WITHDRAWAL, planned.digest)}")


async def _withdraw(
    connection: Connection, number: int, cause: Cause, reason: str, profile: Profile
) -> tuple[Withdrawal, bool]:
    """Plan the withdrawal of a release, and carry it out if it is approved."""
    planned = await plan_release_withdrawal(connection, number, cause, reason)
    given = await approvals_of(connection, Kind.WITHDRAWAL, planned.digest)
    if len(given) < needed_approvals(profile):
        return planned, False
    await withdraw_release(connection, planned, profile)
    await _remove_files(connection, number)
    return planned, True


async def _remove_files(connection: Connection, number: int) -> None:
    """Take the files out of the store, which others may serve without us."""
    try:
        store = open_store(store_place(os.environ, data_home(os.environ)))
        await remove_withdrawn_files(connection, store)
    except Failure as failure:
        raise Unavailable(
            f"release {number} is withdrawn, but its files are still in the store: "
            f"{failure.message}",
            hint=f"{failure.hint or ''} Then run `cordgraph release export`.".lstrip(),
        ) from failure


async def _pending(
    connection: Connection, cancel: str | None
) -> list[tuple[Withdrawal, list[str]]]:
    if cancel is not None:
        await cancel_withdrawal(connection, cancel)
    return [
        (row, [g.approver for g in await approvals_of(connection, Kind.WITHDRAWAL, row.digest)])
        for row in await pending_withdrawals(connection)
    ]
