"""Whether the values of one unit agree with each other."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from publishing.intake.faults import Code
from publishing.intake.fields import LOCI, MANDATORY_LOCI
from publishing.intake.hla import is_antigen_of

Disagreement = tuple[Code, str, str]
"""A code, the field, and the rule as a sentence."""

PROCESSING_DAYS = 3
"""Days from collection to processing after which a warning is given (the usual 72 hours)."""

COLLECTION_DAYS = 7
"""Days from birth after which no cord blood can be collected: it is taken at birth."""

GREATEST_GROWTH = 1.05
"""TNC after processing by TNC before it: cells do not grow, but counters differ."""

GREATEST_CD34_SHARE = 0.05
"""CD34+ cells by total nucleated cells; about 0.003 is usual."""

_DATES = ("BIRTH_DATE", "COLL_DATE", "PROC_DATE", "FREEZE_DATE")
_STAGES = (("CD34PC", "TNC"), ("CD34PC_FRZN", "TNC_FRZN"))
_FIRST_FIELDS = {
    locus: tuple(f"HLA/{locus}/{method}/FIELD1" for method in methods)
    for locus, methods in LOCI.items()
}
_ANTIGENS = tuple(
    (f"HLA/{locus}/SER/FIELD{number}", locus)
    for locus, methods in LOCI.items()
    if "SER" in methods
    for number in (1, 2)
)
_PAIRS = tuple(
    (first, first.removesuffix("1") + "2") for paths in _FIRST_FIELDS.values() for first in paths
)


def disagreements(
    values: Mapping[str, Any], *, may_be_deleted: bool = False
) -> Iterator[Disagreement]:
    """Yield what does not fit together among the ``values`` of a unit, by path as read.

    A value that is missing, or was refused on its own, is not judged here. Only changes
    (``may_be_deleted``) name deleted units.
    """
    if not may_be_deleted:
        yield from _unit_exists(values)
    for rule in _RULES:
        yield from rule(values)


def _dates_ascend(values: Mapping[str, Any]) -> Iterator[Disagreement]:
    given = [name for name in _DATES if name in values]
    for earlier, later in pairwise(given):
        if values[later] < values[earlier]:
            yield Code.DATE_ORDER, later, f"{later} must not be before {earlier}."


def _collection_is_at_birth(values: Mapping[str, Any]) -> Iterator[Disagreement]:
    if "BIRTH_DATE" in values and "COLL_DATE" in values:
        days = (values["COLL_DATE"] - values["BIRTH_DATE"]).days
        if days > COLLECTION_DAYS:
            yield (
                Code.COLLECTED_LATE,
                "COLL_DATE",
                f"COLL_DATE must be at most {COLLECTION_DAYS} days after BIRTH_DATE.",
            )


def _processing_is_prompt(values: Mapping[str, Any]) -> Iterator[Disagreement]:
    if "COLL_DATE" in values and "PROC_DATE" in values:
        days = (values["PROC_DATE"] - values["COLL_DATE"]).days
        if days > PROCESSING_DAYS:
            yield (
                Code.PROCESSED_LATE,
                "PROC_DATE",
                "The unit was processed more than 72 hours after collection.",
            )


def _cells_do_not_grow(values: Mapping[str, Any]) -> Iterator[Disagreement]:
    if _exceeds(values, "TNC_FRZN", "TNC", GREATEST_GROWTH):
        yield (
            Code.TNC_GREW,
            "TNC_FRZN",
            "TNC_FRZN must not exceed TNC by more than 5 %: processing adds no cells.",
        )


def _cd34_is_a_part(values: Mapping[str, Any]) -> Iterator[Disagreement]:
    for part, whole in _STAGES:
        if _exceeds(values, part, whole, GREATEST_CD34_SHARE):
            yield Code.CD34_SHARE, part, f"{part} must be at most 5 % of {whole}."


def _exceeds(values: Mapping[str, Any], name: str, limiting: str, factor: float) -> bool:
    """Tell whether both are given and ``name`` is more than ``factor`` times ``limiting``."""
    if name not in values or limiting not in values:
        return False
    return bool(values[name] > values[limiting] * factor)


def _unit_exists(values: Mapping[str, Any]) -> Iterator[Disagreement]:
    if values.get("STATUS") == "DE":
        yield (
            Code.STATUS_DELETED,
            "STATUS",
            "A FULL inventory must not hold deleted units (DE): leave them out.",
        )


def _typing_is_complete(values: Mapping[str, Any]) -> Iterator[Disagreement]:
    for first, second in _PAIRS:
        if second in values and first not in values:
            yield Code.HLA_INCOMPLETE, second, f"{second} must not stand without {first}."


def _antigens_fit_alleles(values: Mapping[str, Any]) -> Iterator[Disagreement]:
    for path, locus in _ANTIGENS:
        if path in values:
            pair = (f"HLA/{locus}/DNA/FIELD1", f"HLA/{locus}/DNA/FIELD2")
            alleles = [values[allele] for allele in pair if allele in values]
            if len(alleles) == len(pair) and not is_antigen_of(locus, values[path], alleles):
                message = f"{path} is not the antigen of an allele that DNA names; DNA counts."
                yield Code.HLA_DISAGREES, path, message


_RULES: tuple[Callable[[Mapping[str, Any]], Iterator[Disagreement]], ...] = (
    _dates_ascend,
    _collection_is_at_birth,
    _processing_is_prompt,
    _cells_do_not_grow,
    _cd34_is_a_part,
    _typing_is_complete,
    _antigens_fit_alleles,
)


def untyped_loci(given: Mapping[str, Any]) -> Iterator[Disagreement]:
    """Yield the mandatory loci for which the paths in ``given`` hold no typing."""
    for locus in MANDATORY_LOCI:
        if given.keys().isdisjoint(_FIRST_FIELDS[locus]):
            path = f"HLA/{locus}"
            yield Code.HLA_INCOMPLETE, path, f"{path} must be typed: give FIELD1 of DNA or SER."
