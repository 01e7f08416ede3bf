"""Has a published release judged by a program that is not ours, and records what it found."""

import asyncio
import json
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from database.pool import Connection
from domain.channel import NEW_RELEASE
from domain.failures import Refused, Unavailable
from publishing.audit import record
from publishing.history import read_release

ATTRIBUTES = ("bank", "period", "abo", "tnc", "cd34", "volume", "processing")
"""The columns of published values that a judge reads; ``added`` comes behind them."""

_K = """
select min(s.k) from open.batch_class b
join open.unit_class c on c.id = b.class_id join open.scheme s on s.number = c.scheme
where b.added <= $1 and (b.withdrawn is null or b.withdrawn > $1)
"""

# As anybody can read them: * is not published, and a band without ends was not recorded.
_UNITS = """
select coalesce(c.bank, '*') as bank,
       coalesce(c.period_from || '..' || c.period_to, '*') as period,
       coalesce(c.abo, '*') as abo,
       case when jsonb_typeof(s.levels -> 'tnc_cuts') = 'array'
            then concat(c.tnc_min, '..', c.tnc_max) else '*' end as tnc,
       case when jsonb_typeof(s.levels -> 'cd34_cuts') = 'array'
            then concat(c.cd34_min, '..', c.cd34_max) else '*' end as cd34,
       case when jsonb_typeof(s.levels -> 'volume_cuts') = 'array'
            then concat(c.volume_min, '..', c.volume_max) else '*' end as volume,
       coalesce(c.processing, '*') as processing, b.added
from open.unit u
join open.batch_class b on b.id = u.batch_class_id
join open.unit_class c on c.id = b.class_id
join open.scheme s on s.number = c.scheme
where b.added <= $1 and (b.withdrawn is null or b.withdrawn > $1)
"""

_ADD = """
insert into open.judgement (release, judge, version, k, k_of_batches, units, confirmed)
values ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge found of a release.

    Attributes:
        release: Number of the release.
        judge: Name of the program.
        version: Its version.
        units: Units that it read.
        k: Units of the smallest class by all published values.
        k_of_batches: The same where the release that added a unit is a value too.
        confirmed: Whether that is what the release promises.
    """

    release: int
    judge: str
    version: str
    units: int
    k: int
    k_of_batches: int
    confirmed: bool

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "release": self.release,
            "judge": self.judge,
            "version": self.version,
            "units": self.units,
            "k": self.k,
            "k_of_batches": self.k_of_batches,
            "verdict": "CONFIRMED" if self.confirmed else "REFUTED",
        }


async def judge_release(connection: Connection, number: int, python: Path) -> Judgement:
    """Have release ``number`` judged; whatever comes of it is recorded for everybody to read.

    Args:
        connection: An operator's connection, outside a transaction.
        number: Number of the release.
        python: The interpreter of the judge's environment.

    Raises:
        Refused: There is no such release, or it is withdrawn.
        Unavailable: The judge is missing or failed; nothing is recorded.
    """
    release = await read_release(connection, number)
    if release["withdrawn_at"] is not None:
        raise Refused(f"release {number} is withdrawn; its units can no longer be read")
    with tempfile.TemporaryDirectory(prefix="cordgraph-judge-") as folder:
        units = Path(folder, "units.csv")
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute("set local statement_timeout = 0")
            k: int = await connection.fetchval(_K, number)
            await connection.copy_from_query(
                _UNITS, number, output=units, format="csv", header=True
            )
        found = await _ask(python, units)
    smallest, smallest_of_batches = found["k"]
    judged = Judgement(
        release=number,
        judge=found["judge"],
        version=found["version"],
        units=found["units"],
        k=smallest,
        k_of_batches=smallest_of_batches,
        confirmed=found["units"] == release["unit_count"] and smallest_of_batches >= k,
    )
    await record_judgement(connection, judged)
    return judged


async def record_judgement(connection: Connection, judged: Judgement) -> None:
    """Add ``judged`` to what everybody can read of its release; it stays there."""
    async with connection.transaction():
        await connection.execute(
            _ADD,
            judged.release,
            judged.judge,
            judged.version,
            judged.k,
            judged.k_of_batches,
            judged.units,
            judged.confirmed,
        )
        await record(
            connection, "release.judge", f"release {judged.release}", details=judged.as_json()
        )
        await connection.execute("select pg_notify($1, $2)", NEW_RELEASE, str(judged.release))


async def _ask(python: Path, units: Path) -> dict[str, Any]:
    """Return what the judge says of the file ``units``."""
    columns = ",".join(ATTRIBUTES)
    with resources.as_file(resources.files("publishing") / "judges" / "k_anonymity.py") as program:
        try:
            running = await asyncio.create_subprocess_exec(
                python,
                "-I",  # neither our modules nor settings of the environment reach it
                program,
                units,
                columns,
                f"{columns},added",
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise Unavailable(
                f"the judge cannot be started: {python}: {error.strerror}",
                hint="`make judge` makes its environment; --python names another one.",
            ) from error
        try:
            said, complained = await running.communicate()
        finally:
            if running.returncode is None:
                running.kill()
    if running.returncode:
        lines = complained.decode(errors="replace").strip().splitlines()
        raise Unavailable(
            f"the judge failed with status {running.returncode}: {lines[-1] if lines else ''}",
            hint="Nothing is recorded. `make judge` makes its environment anew.",
        )
    try:
        found: dict[str, Any] = json.loads(said)
        _, _ = found["k"]
        return {name: found[name] for name in ("judge", "version", "units", "k")}
    except (ValueError, TypeError, KeyError) as error:
        raise Unavailable(
            "the judge did not say what it found", hint="Nothing is recorded. See its --python."
        ) from error
