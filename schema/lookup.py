"""Finds the object of an id."""

from domain.identifiers import InvalidIdentifierError, Kind, parse
from loaders.indications import indications_by_code
from loaders.published_classes import published_classes
from loaders.units import units_by_id
from schema.context import Context
from schema.errors import Code, ContractError, quoted
from schema.types.bank import Bank
from schema.types.indication import Indication
from schema.types.node import Node
from schema.types.published_values import published_values
from schema.types.release import Release
from schema.types.unit import CordBloodUnit


async def look_up(context: Context, id_: str, release: int | None) -> Node | None:
    """Return the object of ``id_`` as ``release`` knows it, or ``None``.

    Raises:
        ContractError: the text is no id, or the release cannot be read.
    """
    kind, key = _parse(id_)
    if kind is Kind.RELEASE:
        return await _release(context, int(key), release)
    number = (await context.release(release)).number
    if kind is Kind.UNIT:
        return await _unit(context, number, key)
    if kind is Kind.BANK:
        return await Bank.coded(context, number, key)
    indication = await context.loaders.of(indications_by_code).load((number, key))
    return None if indication is None else Indication.of(indication)


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
    return await _unit(context, (await context.release(release)).number, key)


def _parse(id_: str) -> tuple[Kind, str]:
    try:
        return parse(id_)
    except InvalidIdentifierError as error:
        raise ContractError(Code.INVALID_ID, f"{quoted(id_)} is not an id: {error}.") from None


async def _release(context: Context, number: int, read: int | None) -> Release | None:
    """Return the release that an id names, which is the same whatever release is read."""
    if read is not None or context.default_release is not None:
        await context.release(read)  # one that cannot be read is an error, as for any other id
    releases = await context.all_releases()
    if releases.get(number) is None:
        context.live = True  # it may exist one day
        return None
    return Release.of(await context.release(number), latest=releases.latest)


async def _unit(context: Context, release: int, id_: str) -> CordBloodUnit | None:
    unit = await context.loaders.of(units_by_id).load((release, id_))
    if unit is None:
        return None
    record = await context.loaders.of(published_classes).load(unit.batch_class_id)
    return CordBloodUnit.of(unit.id, release, record, published_values(record))
