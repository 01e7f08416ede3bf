"""The scheme in force: the newest frozen one, or scheme 1 from its file while there is none."""

import tomllib
from importlib import resources
from typing import Any

from database.pool import Connection
from domain.failures import Refused
from domain.schemes import Scheme

FIRST = 1
"""Number of the scheme that was set by hand and is in force until another one is frozen."""

_OPTIONAL = {"period_years": None, "tnc_cuts": None, "cd34_cuts": None, "volume_cuts": None}


def first_scheme() -> Scheme:
    """Return the scheme of the file ``schemes/scheme-1.toml`` of this package.

    Raises:
        Refused: The file does not describe a scheme that the disclosure rules allow.
    """
    name = f"scheme-{FIRST}.toml"
    text = resources.files("publishing").joinpath("schemes", name).read_text("utf-8")
    return parse_scheme(FIRST, text, name)


async def scheme_in_force(connection: Connection) -> Scheme:
    """Return the scheme under which the next batch is published.

    Raises:
        Refused: Scheme 1 is in force and differs from its frozen form.
    """
    row = await connection.fetchrow(
        "select number, levels from open.scheme order by number desc limit 1"
    )
    if row is not None and row[0] > FIRST:
        return Scheme.from_json(*row)
    scheme = first_scheme()
    await check_frozen(connection, scheme)
    return scheme


async def next_number(connection: Connection) -> int:
    """Return the number of the next scheme that is frozen; 1 is kept for the one set by hand."""
    newest: int = await connection.fetchval("select coalesce(max(number), 0) from open.scheme")
    return max(newest, FIRST) + 1


async def list_schemes(connection: Connection) -> list[Scheme]:
    """Return all schemes, oldest first: scheme 1, whether frozen yet or not, and later ones."""
    rows = await connection.fetch("select number, levels from open.scheme order by number")
    schemes = [Scheme.from_json(*row) for row in rows]
    if not any(scheme.number == FIRST for scheme in schemes):
        schemes.insert(0, first_scheme())
    return schemes


def parse_scheme(number: int, text: str, name: str) -> Scheme:
    """Read the scheme ``number`` from the TOML ``text`` of the file ``name``.

    Raises:
        Refused: ``text`` is not TOML, a level is missing, unknown or not allowed.
    """
    try:
        levels: dict[str, Any] = {**_OPTIONAL, **tomllib.loads(text)}
        return Scheme.from_json(number, levels)
    except (ValueError, TypeError) as error:
        raise Refused(f"{name}: {error}", hint="Correct the scheme's file.") from error


async def check_frozen(connection: Connection, scheme: Scheme) -> bool:
    """Tell whether ``scheme`` is frozen in the database already.

    Raises:
        Refused: The database froze other levels under the same number.
    """
    stored = await connection.fetchval(
        "select levels from open.scheme where number = $1", scheme.number
    )
    if stored is None:
        return False
    if Scheme.from_json(scheme.number, stored) != scheme:
        raise Refused(
            f"schemes/scheme-{scheme.number}.toml differs from scheme {scheme.number} as it was "
            "frozen with its first release",
            hint="Restore the file. Other levels need a new scheme number.",
        )
    return True


async def freeze(connection: Connection, scheme: Scheme) -> None:
    """Store ``scheme`` unless it is stored; from then on it must not differ.

    Raises:
        Refused: The database froze other levels under the same number.
    """
    if not await check_frozen(connection, scheme):
        await connection.execute(
            "insert into open.scheme (number, k, levels) values ($1, $2, $3)",
            scheme.number,
            scheme.k,
            scheme.as_json(),
        )
