"""From which frequency tables a region's matches are estimated."""

from collections.abc import Mapping, Sequence

from domain.haplotypes import MATCH_LOCI
from domain.match_estimate import Area, LocusTable
from domain.regions import PARTS, Region

Tables = Mapping[tuple[Region, str], LocusTable]
"""The tables of a release by region and locus."""


def match_areas(tables: Tables, region: Region) -> tuple[Area, ...]:
    """Return the areas that together make ``region``; none if a table of a locus is missing.

    The nation is the sum of its parts where these have tables, since people of one part are alike:
    each with its own haplotypes, and what banks of no part have besides.
    """
    whole = _area(tables, region)
    if whole is None:
        return ()
    parts = [_area(tables, part) for part in PARTS]
    known = [part for part in parts if part is not None]
    if region is not Region.NATION or len(known) < len(parts):
        return (whole,)
    rest = _rest(whole, known)
    return (*known, rest) if rest else tuple(known)


def _area(tables: Tables, region: Region) -> Area | None:
    loci = [tables.get((region, locus)) for locus in MATCH_LOCI]
    known = tuple(each for each in loci if each is not None and each.typed)
    return Area(region, known) if len(known) == len(loci) else None


def _rest(whole: Area, parts: Sequence[Area]) -> Area | None:
    """Return what the nation has beyond its parts; ``None`` if that is nothing."""
    loci = []
    for place, table in enumerate(whole.loci):
        others = [part.loci[place] for part in parts]
        typed = table.typed - sum(each.typed for each in others)
        published = table.published - sum(each.published for each in others)
        if typed <= 0 or published < typed:
            return None
        shares = {
            group: _left(table, others, group, share) / typed
            for group, share in table.frequencies.items()
        }
        other = max(0.0, 1 - sum(shares.values()))
        loci.append(LocusTable(published, typed, shares, other, 1 + len(others)))
    return Area(whole.region, tuple(loci))


def _left(table: LocusTable, others: Sequence[LocusTable], group: str, share: float) -> float:
    """Return the units, by their genes, that have ``group`` beyond those of the parts."""
    gone = sum(each.typed * each.frequencies.get(group, 0.0) for each in others)
    return max(0.0, share * table.typed - gone)
