"""Asks the same about what is hidden and about nothing, and notes all that could differ."""

import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import asyncpg

from database.pool import Connection
from domain.identifiers import unit_id
from domain.units import UnitClass
from loaders.statements import Pool, Statement
from publishing.anonymise import Anonymiser, RawUnit
from publishing.scheme import first_scheme
from tests.attacks.public import Probe, Trace
from tests.attacks.spy import NAMES, Spy

Work = list[tuple[str, int]]

_UNIT = """
query ($id: ID!) {
  unit(id: $id) { id bank { code } } node(id: $id) { id } nodes(ids: [$id]) { id }
}
"""
_CLASS = """
query ($filter: UnitFilter!) { units(filter: $filter) {
  totalCount nodes { id } pageInfo { hasNextPage startCursor } inventory(groupBy: [BANK]) { units }
} }
"""
_TOTAL = "query ($filter: UnitFilter!) { units(filter: $filter) { totalCount } }"
_NEXT = """
query ($filter: UnitFilter!) { units(filter: $filter) { totalCount pageInfo { hasNextPage } } }
"""
_DOCUMENTS = {"unit": (_UNIT,), "class": (_CLASS, _TOTAL, _NEXT)}
_EACH = 4
"""Probes of each kind."""

_UNPUBLISHED = """
select r.id, r.bank, r.unit_number, coalesce(r.collection_date, r.birth_date), r.abo,
       r.tnc_frozen, r.cd34_frozen, r.volume_ml, r.product_modification,
       m.raw_unit_id is not null
from intake.raw_unit r left join intake.unit_map m on m.raw_unit_id = r.id
where m.release is null order by m.raw_unit_id is null, r.id
"""
_PUBLISHED = _UNPUBLISHED.replace("m.release is null", "m.release is not null")
_STATISTICS = ("fingerprint",)
"""Statements that run by the clock, whatever is asked."""


@dataclass(frozen=True)
class Hidden:
    """What must not be told from nothing.

    Attributes:
        units: Ids that unpublished units have or would have, those that wait first.
        filters: Conditions that only unpublished units meet.
        empty: Conditions that no unit meets.
    """

    units: Sequence[str]
    filters: Sequence[Mapping[str, Any]]
    empty: Sequence[Mapping[str, Any]]


async def read_hidden(operator: Connection, keys: Sequence[bytes]) -> Hidden:
    """Return what is in the intake and in no release, as the operator knows it."""
    anonymise = Anonymiser(first_scheme(), keys[0])
    unpublished = [RawUnit(*row) for row in await operator.fetch(_UNPUBLISHED)]
    published = [RawUnit(*row) for row in await operator.fetch(_PUBLISHED)]
    hidden = {anonymise(raw).unit_class for raw in unpublished}
    shown = {anonymise(raw).unit_class for raw in published}
    return Hidden(
        units=[unit_id(keys[-1], raw.bank, raw.unit_number) for raw in unpublished],
        filters=[_filter(c) for c in sorted(hidden - shown, key=repr) if _recorded(c)],
        empty=[_filter(c) for c in _combined(hidden | shown) if c not in hidden | shown],
    )


def _recorded(unit_class: UnitClass) -> bool:
    bands = (unit_class.tnc, unit_class.cd34)
    return all(band and (band.minimum or band.maximum) for band in bands)


def _combined(classes: set[UnitClass]) -> Iterator[UnitClass]:
    """Yield the combinations of values that occur at all."""
    complete = sorted(filter(_recorded, classes), key=repr)
    names = ("bank", "period", "abo", "tnc", "cd34", "volume", "processing")
    columns = [list(dict.fromkeys(getattr(c, name) for c in complete)) for name in names]
    return itertools.starmap(UnitClass, itertools.product(*columns))


def _filter(unit_class: UnitClass) -> dict[str, Any]:
    assert unit_class.period
    assert unit_class.tnc
    assert unit_class.cd34
    return {
        "bank": [unit_class.bank],
        "aboGroup": [unit_class.abo],
        "collectedFrom": unit_class.period.first,
        "collectedTo": unit_class.period.last,
        "tncAtLeast": unit_class.tnc.minimum,
        "tncBelow": unit_class.tnc.maximum,
        "cd34AtLeast": unit_class.cd34.minimum,
        "cd34Below": unit_class.cd34.maximum,
    }


@contextmanager
def recorded_work() -> Iterator[Work]:
    """Note each statement that the API runs in this process, and how many rows it returned."""
    work: Work = []
    run = Statement.rows

    async def rows(self: Statement[Any], pool: Pool, *arguments: object) -> list[asyncpg.Record]:
        found = await run(self, pool, *arguments)
        if self.name not in _STATISTICS:
            work.append((self.name, len(found)))
        return found

    with patch.object(Statement, "rows", rows):
        yield work


def probe_all(spy: Spy, hidden: Hidden, work: Work) -> list[Probe]:
    """Ask about units and classes that are hidden, and each time about nothing."""
    digests = (hashlib.sha256(id_.encode()).hexdigest() for id_ in hidden.units)
    nobodies = [f"cbu_{digest[:20]}" for digest in digests]
    units = [({"id": a}, {"id": b}) for a, b in zip(hidden.units, nobodies, strict=True)]
    classes = [
        ({"filter": a}, {"filter": b}) for a, b in zip(hidden.filters, hidden.empty, strict=False)
    ]
    return [
        Probe(
            f"{kind} of {version}",
            _trace(spy, document, version, asked, work),
            _trace(spy, document, version, nothing, work),
        )
        for kind, pairs in (("unit", units), ("class", classes))
        for asked, nothing in pairs[:_EACH]
        for version in NAMES
        for document in _DOCUMENTS[kind]
    ]


def _trace(spy: Spy, document: str, version: str, variables: dict[str, Any], work: Work) -> Trace:
    priced = spy.respond(document, version, path="/cost", **variables)
    work.clear()
    answer = spy.respond(document, version, **variables)
    named = str(variables.get("id", ""))
    return Trace(
        status=answer.status,
        body=answer.body.decode().replace(named, "?") if named else answer.body.decode(),
        headers=tuple(name for name, _ in answer.headers),
        cost=priced.body.decode(),
        work=tuple(work),
    )
