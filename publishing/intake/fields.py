"""The fields of a unit in the WMDA inventory XML: a table of names and rules.

Names, types and allowed values follow WMDA's ``Inventories.xsd`` 2.x; ranges of cell counts and
volumes follow the EMDIS dictionary; ``CONSENT_OPEN_DATA`` is CordGraph's own.
"""

from dataclasses import dataclass

from publishing.intake.hla import HlaTyping, Method
from publishing.intake.rules import (
    DECIMAL,
    REAL,
    TENTHS,
    WHOLE,
    Cells,
    Choice,
    Day,
    Number,
    Rule,
    Text,
)


@dataclass(frozen=True)
class Field:
    """A field of a unit.

    Attributes:
        path: Element name; inside HLA the names joined by slashes.
        rule: How its text is read.
        mandatory: Whether each unit must have it.
        private: Whether its value is never repeated in a message.
    """

    path: str
    rule: Rule
    mandatory: bool = False
    private: bool = False


LONGEST_ID = 17
"""Characters of a bank's own number of a unit."""

_TNC = "10.63 x 10^8 cells are written 1.063E9"
_CD34 = "4.2 x 10^6 cells are written 4.2E6"
# fmt: off
_ETHNIC_GROUPS = (
    "AFNA", "AFSS", "ASSW", "ASSO", "ASCE", "ASSE", "ASNE", "ASOC", "CAEU", "CAER", "CANA",
    "CAAU", "HICA", "HISA", "AF", "AS", "CA", "HI", "MX", "OT", "UK",
)
# fmt: on
_CULTURE = Choice(("P", "N", "D"))
_COUNT_OF_99 = Number(WHOLE, 0, 99)
_QUANTITY = Number(TENTHS, 0, 99.9)

_SIMPLE = (
    Field("ID", Text(LONGEST_ID), mandatory=True),
    Field("GRID", Text(19, 19), private=True),
    Field("ATTR", Text(3), private=True),
    Field("BIRTH_DATE", Day(), mandatory=True),
    Field("SEX", Choice(("M", "F")), private=True),
    Field("ABO", Choice(("A", "B", "O", "AB"))),
    Field("RHESUS", Choice(("P", "N")), private=True),
    Field(
        "ETHN",
        Choice(_ETHNIC_GROUPS),
        private=True,
    ),
    Field("CCR5", Choice(("DD", "WW", "DW")), private=True),
    Field("RSV_PAT", Text(17), private=True),
    Field("STATUS", Choice(("AV", "TU", "RS", "DE")), mandatory=True),
    Field("STAT_END_DATE", Day(may_come=True)),
    Field("STAT_REASON", Choice(("QR", "AD", "CD", "DS", "XP", "MR", "OT", "UK"))),
    Field("LOCAL_ID", Text(17), private=True),
    Field("BAG_ID", Text(17), private=True),
    Field("BANK_MANUF_ID", Text(10)),
    Field("BANK_DISTRIB_ID", Text(10)),
    Field("COLL_DATE", Day()),
    Field("PROC_DATE", Day()),
    Field("PROC_METH", Choice(("HES", "DGS", "CEN", "FIL", "FIC", "PER", "OTH"))),
    Field("PROC_METH_TYPE", Choice(("MAN", "SPX", "OTP", "AXP", "OTH"))),
    Field("FREEZE_DATE", Day()),
    Field("FREEZE_METH", Choice(("C", "M"))),
    Field("PROD_MOD", Choice(("BCE", "DNE", "PLR", "PRR", "RBR", "NOT", "OTH"))),
    Field("BAG_TYPE", Choice(("80/20", "50/50", "40/60", "NS"))),
    Field("BAGS", Number(WHOLE, 1, 99)),
    Field("BACT_CULT", _CULTURE, private=True),
    Field("FUNG_CULT", _CULTURE, private=True),
    Field("HEMO_STATUS", Choice(("DN", "DU", "NS", "CD", "NC", "DT", "DD")), private=True),
    Field("VOL", Number(DECIMAL, 10, 999.9)),
    Field("VOL_FRZN", Number(DECIMAL, 1, 999.9)),
    Field("TNC", Cells(9.999e9, 1e6, _TNC)),
    Field("TNC_FRZN", Cells(9.999e9, 1e6, _TNC)),
    Field("RED_BC_FRZN", Number(REAL, 0, 9.999e9)),
    Field("MNC_FRZN", Number(REAL, 0, 9.999e9)),
    Field("CD34PC", Cells(999.9e6, 1e3, _CD34)),
    Field("CD34PC_FRZN", Cells(999.9e6, 1e3, _CD34)),
    Field("CFU_FRZN", Number(REAL, 0, 999.9e5)),
    Field("VIABILITY", Number(WHOLE, 0, 100)),
    Field("VIABILITY_DATE", Day()),
    Field("VIABILITY_CELLS", Choice(("TNC", "CD34PC", "CD45PC"))),
    Field("VIABILITY_METHOD", Choice(("7A", "PI", "TB", "OT"))),
    Field("ATT_SEG", _COUNT_OF_99),
    Field("DNA_SMPL", Choice(("true", "false", "1", "0"))),
    Field("OTH_SMPL", Choice(("true", "false", "1", "0"))),
    Field("CT_COMPLETE_DATE", Day()),
    Field("CT_SMPL_TYPE", Choice(("AS", "WB", "RC", "FP", "ED"))),
    Field("AL_RED_BC", _COUNT_OF_99),
    Field("AL_SER", _COUNT_OF_99),
    Field("SER_QUANT", _QUANTITY),
    Field("AL_PLA", _COUNT_OF_99),
    Field("PLA_QUANT", _QUANTITY),
    Field("CONSENT_OPEN_DATA", Choice(("Y", "N"))),
)

LOCI: dict[str, tuple[Method, ...]] = {
    **dict.fromkeys(("A", "B", "C", "DRB1", "DQB1"), ("SER", "DNA")),
    **dict.fromkeys(("DRB3", "DRB4", "DRB5", "DQA1", "DPA1", "DPB1"), ("DNA",)),
}
"""The loci of an HLA type, and the typings that each can have."""

# Serology stands in the tree for each locus, so that where there is none it is refused and not
# dropped without a word.
_WRITTEN: tuple[tuple[str, Method], ...] = tuple(
    (locus, method) for locus in LOCI for method in ("SER", "DNA")
)

MANDATORY_LOCI = ("A", "B", "DRB1")
"""The loci that each unit must have typed."""

DROPPED = frozenset({"MAT", "IDM", "KIR"})
"""Whole blocks that are passed over unread: mother, infectious markers, KIR genes."""

GROUPS = frozenset(
    {
        "HLA",
        *(f"HLA/{locus}" for locus in LOCI),
        *(f"HLA/{locus}/{method}" for locus, method in _WRITTEN),
    }
)
"""The elements that hold elements; HLA is mandatory."""

FIELDS = {
    **{field.path: field for field in _SIMPLE},
    **{
        path: Field(path, HlaTyping(locus, method))
        for locus, method in _WRITTEN
        for path in (f"HLA/{locus}/{method}/FIELD1", f"HLA/{locus}/{method}/FIELD2")
    },
}
"""The elements that hold a value, by path."""
