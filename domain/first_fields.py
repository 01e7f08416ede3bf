"""Which first fields each HLA locus has, by the WHO nomenclature.

They name groups of alleles: https://github.com/ANHIG/IMGTHLA. Facts, no copy of a file.
"""

from typing import Final

FIRST_FIELDS: Final[dict[str, frozenset[str]]] = {
    locus: frozenset(fields.split())
    for locus, fields in {
        "A": "01 02 03 11 23 24 25 26 29 30 31 32 33 34 36 43 66 68 69 74 80",
        "B": "07 08 13 14 15 18 27 35 37 38 39 40 41 42 44 45 46 47 48 49 50 51 52 53 54 55 56 "
        "57 58 59 67 73 78 81 82 83",
        "C": "01 02 03 04 05 06 07 08 12 14 15 16 17 18",
        "DRB1": "01 03 04 07 08 09 10 11 12 13 14 15 16",
        "DQB1": "02 03 04 05 06",
        "DRB3": "01 02 03",
        "DRB4": "01 02 03",
        "DRB5": "01 02",
        "DQA1": "01 02 03 04 05 06",
    }.items()
}
"""The first fields of the loci that have few. DPA1 and DPB1 number theirs on without end."""
