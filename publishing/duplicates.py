"""Units that look like one donation counted twice, at one bank or across banks.

Two units do if they agree in birth date, ``TNC_FRZN`` and the first fields of HLA-A, -B and -DRB1,
and no locus that both have typed contradicts. docs/intake.md states the rule in full.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from database.pool import Connection

_IDS = "select id from intake.look_alikes() order by id"

_UNITS = """
select dense_rank() over (order by s.birth_date, s.tnc_frozen, s.hla_key) as donation,
       r.bank, r.unit_number, r.consent, m.release
from intake.look_alikes() s join intake.raw_unit r using (id)
left join intake.unit_map m on m.raw_unit_id = r.id
order by donation, r.bank, r.unit_number
"""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A unit that may be the same donation as another.

    Attributes:
        bank: Its bank.
        unit_number: The bank's own number of it.
        consent: Whether it may be published at all.
        release: The release that published it, or ``None``: it waits.
    """

    bank: str
    unit_number: str
    consent: bool
    release: int | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data; for the operator alone."""
        return {
            "bank": self.bank,
            "unit": self.unit_number,
            "consent": self.consent,
            "release": self.release,
        }


async def find_duplicates(connection: Connection) -> list[int]:
    """Return the ids of all raw units that look like another one, ascending.

    Published ones are among them: whatever looks like them waits.
    """
    return [row[0] for row in await connection.fetch(_IDS, timeout=None)]


async def list_duplicates(connection: Connection) -> list[tuple[Suspect, ...]]:
    """Return the suspects, those that look alike together; for the operator alone."""
    rows: Iterable[Any] = await connection.fetch(_UNITS, timeout=None)
    return [
        tuple(Suspect(*row[1:]) for row in alike) for _, alike in groupby(rows, key=itemgetter(0))
    ]
