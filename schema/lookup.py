"""Finds the objects of ids."""

from collections.abc import Sequence

from domain.identifiers import InvalidIdentifierError, Kind, parse
from loaders.units import UnitsKey, units_by_id
from schema.context import Context
from schema.errors import Code, ContractError, quoted
from schema.types.bank import Bank
from schema.types.indication import Indication
from schema.types.node import Node
from schema.types.release import Release
from schema.types.unit import CordBloodUnit

Found = Node | Exception | None


async def look_up(context: Context, id_: str, release: int | None) -> Node | None:
    """Return the object of ``id_`` as ``release`` knows it, or ``None``.

    Raises:
        ContractError: the text is no id, or the release cannot be read.
    """
    (found,) = await look_up_all(context, [id_], release)
    if isinstance(found, Exception):
        raise found
    return found


async def look_up_all(context: Context, ids: Sequence[str], release: int | None) -> list[Found]:
    """Return what `look_up` returns or raises for each of ``ids``, all units in one go."""
    found: list[Found] = []
    places: dict[int, str] = {}
    for place, id_ in enumerate(ids):
        try:
            kind, key = _parse(id_)
            found.append(_in_memory(context, kind, key, release))
        except ContractError as error:
            found.append(error)
        else:
            if kind is Kind.UNIT:
                places[place] = key
    if places:
        units = await _units(context, context.release(release).number, tuple(places.values()))
        for place, unit in zip(places, units, strict=True):
            found[place] = unit
    return found


async def look_up_unit(context: Context, id_: str, release: int | None) -> CordBloodUnit | None:
    """Return the unit of ``id_`` as ``release`` knows it, or ``None``.

    Raises:
        ContractError: the text is not the id of a unit, or the release cannot be read.
    """
    kind, key = _parse(id_)
    if kind is not Kind.UNIT:
        raise ContractError(
            Code.INVALID_ID,
            f"{quoted(id_)} is not the id of a unit: these are cbu_ and 20 hexadecimal digits.",
        )
    (unit,) = await _units(context, context.release(release).number, (key,))
    if isinstance(unit, Exception):
        raise unit
    return unit


def _parse(id_: str) -> tuple[Kind, str]:
    try:
        return parse(id_)
    except InvalidIdentifierError as error:
        raise ContractError(Code.INVALID_ID, f"{quoted(id_)} is not an id: {error}.") from None


def _in_memory(context: Context, kind: Kind, key: str, release: int | None) -> Node | None:
    """Return the object of a key, or ``None`` for a unit, which is not in memory."""
    if kind is Kind.RELEASE:
        return _release(context, int(key), release)
    number = context.release(release).number
    if kind is Kind.BANK:
        return Bank.coded(context.catalogue, number, key)
    return Indication.coded(context, number, key) if kind is Kind.INDICATION else None


def _release(context: Context, number: int, read: int | None) -> Release | None:
    """Return the release that an id names, which is the same whatever release is read."""
    if read is not None or context.default_release is not None:
        context.release(read)  # one that cannot be read is an error, as for any other id
    if context.catalogue.releases.get(number) is None:
        context.live = True  # it may exist one day
        return None
    return Release.of(context.release(number))


async def _units(
    context: Context, release: int, ids: tuple[str, ...]
) -> list[CordBloodUnit | Exception | None]:
    """Return the units of ``ids``; what fails stands in the place of each, and alone."""
    try:
        rows = await context.loaders.of(units_by_id).load(UnitsKey(release, ids))
    except Exception as error:  # noqa: BLE001 - whoever takes it raises it
        return [error] * len(ids)
    held = iter(CordBloodUnit.all_of(context, release, (row for row in rows if row is not None)))
    return [None if row is None else next(held) for row in rows]
