"""The scheme in force: read from its file and frozen in the database with the first release."""

import tomllib
from importlib import resources
from typing import Any

from database.pool import Connection
from domain.failures import Refused
from domain.schemes import Scheme

CURRENT = 1
"""Number of the scheme under which the next batch is published."""

_OPTIONAL = {"period_years": None, "tnc_cuts": None, "cd34_cuts": None, "volume_cuts": None}


def current_scheme() -> Scheme:
    """Return the scheme of the file ``schemes/scheme-<CURRENT>.toml`` of this package.

    Raises:
        Refused: The file does not describe a scheme that the disclosure rules allow.
    """
    name = f"scheme-{CURRENT}.toml"
    text = resources.files("publishing").joinpath("schemes", name).read_text("utf-8")
    return parse_scheme(CURRENT, text, name)


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
