"""Which antigens each HLA locus has, and the first fields that they stand for.

First fields are those of `domain.first_fields`. Splits and associated antigens:
``wmda/rel_ser_ser.txt`` of https://github.com/ANHIG/IMGTHLA, version 3.38.0; the antigens
themselves: the recognised specificities
(http://hla.alleles.org/antigens/recognised_serology.html). Facts, no copy of a file.
"""

from typing import Final

ABSENT: Final = "NNNN"
"""Says of DRB3, DRB4 and DRB5, which not everybody has, that the gene was looked for and is not
there."""

MAY_BE_ABSENT: Final = frozenset({"DRB3", "DRB4", "DRB5"})

PREFIXES: Final[dict[str, tuple[str, ...]]] = {
    "A": ("A",),
    "B": ("B",),
    "C": ("Cw", "C"),
    "DRB1": ("DR",),
    "DQB1": ("DQ",),
}
"""What may stand before the number of an antigen; the loci that have antigens."""


def _antigens(same: str, **others: str) -> dict[str, tuple[str, ...]]:
    """Return antigens: ``same`` number their own first field, ``others`` are ``_number=fields``."""
    own = {number: (number.zfill(2),) for number in same.split()}
    return own | {name.strip("_"): tuple(fields.split()) for name, fields in others.items()}


ANTIGENS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "A": _antigens(
        "1 2 3 11 23 24 25 26 29 30 31 32 33 34 36 43 66 68 69 74 80",
        _9="23 24",
        _10="25 26 34 66",
        _19="29 30 31 32 33 74",
        _28="68 69",
        _203="02",
        _210="02",
        _2403="24",
    ),
    "B": _antigens(
        "7 8 13 14 15 18 27 35 37 38 39 40 41 42 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 "
        "67 73 78 81 82",
        _5="51 52",
        _12="44 45",
        _16="38 39",
        _17="57 58",
        _21="49 50",
        _22="54 55 56",
        _60="40",
        _61="40",
        _62="15",
        _63="15",
        _64="14",
        _65="14",
        _70="15",
        _71="15",
        _72="15",
        _75="15",
        _76="15",
        _77="15",
        _703="07",
        _2708="27",
        _3901="39",
        _3902="39",
        _4005="40",
        _5102="51",
        _5103="51",
    ),
    "C": _antigens("1 2 3 4 5 6 7 8", _9="03", _10="03"),
    "DRB1": _antigens(
        "1 4 7 8 9 10 11 12 13 14 15 16",
        _2="15 16",
        _3="03",
        _5="11 12",
        _6="13 14",
        _17="03",
        _18="03",
        _103="01",
        _1403="14",
        _1404="14",
    ),
    "DQB1": _antigens("2 4 5 6", _1="05 06", _3="03", _7="03", _8="03", _9="03"),
}
"""The antigens of a locus by number, each with the first fields of its alleles.

An allele of another first field can react like the antigen too; such alleles are rare.
"""
