"""The frequency tables of a release in the form that match estimates read."""

from domain.hla import OTHER
from domain.match_areas import Tables
from domain.match_estimate import LocusTable
from domain.regions import Region
from loaders.catalogue import Catalogue
from loaders.hla_frequencies import HlaTable


def match_tables(catalogue: Catalogue, release: int) -> Tables:
    """Return the tables of ``release`` by region and locus; none if it has none."""
    return {
        (Region(table.record.region), table.record.locus): _locus_table(table)
        for table in catalogue.hla_tables(release)
    }


def _locus_table(table: HlaTable) -> LocusTable:
    shares = {row.hla_group: row.frequency for row in table.rows}
    return LocusTable(
        published=table.record.published_units,
        typed=table.record.typed_units,
        frequencies={group: share for group, share in shares.items() if group != OTHER},
        other=shares.get(OTHER, 0.0),
    )
