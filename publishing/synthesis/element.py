"""The `CBU` element of a unit, by the WMDA inventory's names and order."""

from collections.abc import Iterator, Sequence

from publishing.synthesis.notation import Written, plainly
from publishing.synthesis.standing import Markers
from publishing.synthesis.units import Unit

_Child = tuple[str, str | int | None]
"""Name and content of a child element; ``None`` leaves it out."""


def cbu(unit: Unit) -> str:
    """Return the element of a unit on one line.

    Nothing is escaped: every value is a number, a date or a code of ours. The ids begin with
    ``SYN``, so that nobody takes them for those of a real unit, mother or patient.
    """
    children = (*_description(unit), *_record(unit), *_counts(unit), *_ending(unit))
    return f"<CBU>{_elements(children)}</CBU>"


def _description(unit: Unit) -> Iterator[_Child]:
    donor, standing = unit.donor, unit.standing
    yield "ID", f"SYN{unit.bank}{unit.number:08d}"
    yield "BIRTH_DATE", unit.dates.born.isoformat()
    yield "SEX", donor.sex
    yield "ABO", donor.abo
    yield "RHESUS", donor.rhesus
    yield "ETHN", donor.ethnicity
    yield "HLA", _hla(unit.hla)
    yield "KIR", _block(standing.kir)
    yield "IDM", _block(standing.markers)
    yield "RSV_PAT", f"SYNP{unit.bank}{unit.number:08d}" if standing.status == "RS" else None
    yield "STATUS", standing.status
    yield "STAT_REASON", standing.reason


def _record(unit: Unit) -> Iterator[_Child]:
    dates, handling = unit.dates, unit.handling
    yield "BANK_MANUF_ID", unit.bank
    yield "COLL_DATE", dates.collected.isoformat()
    yield "PROC_DATE", dates.processed.isoformat()
    yield "PROC_METH", handling.processing.method
    yield "PROC_METH_TYPE", handling.processing.device
    yield "FREEZE_DATE", dates.frozen.isoformat()
    yield "FREEZE_METH", handling.freezing
    yield "PROD_MOD", handling.processing.modification
    yield "BAG_TYPE", handling.bag
    yield "BACT_CULT", handling.bacteria
    yield "FUNG_CULT", handling.fungi
    yield "HEMO_STATUS", handling.haemoglobin


def _counts(unit: Unit) -> Iterator[_Child]:
    cells = unit.cells
    yield "VOL", cells.volume
    yield "VOL_FRZN", unit.handling.volume_frozen
    yield "TNC", _scientific(cells.tnc)
    yield "TNC_FRZN", _scientific(cells.tnc_frozen)
    yield "CD34PC", _scientific(cells.cd34)
    yield "CD34PC_FRZN", _scientific(cells.cd34_frozen)
    yield "CFU_FRZN", _scientific(cells.cfu_frozen)
    yield "VIABILITY", cells.viability
    if cells.viability is not None:
        yield "VIABILITY_CELLS", cells.viability_cells
        yield "VIABILITY_METHOD", cells.viability_method


def _ending(unit: Unit) -> Iterator[_Child]:
    yield "ATT_SEG", unit.handling.segments
    yield "DNA_SMPL", unit.handling.dna_sample
    yield "MAT", _mother(unit)
    yield "CONSENT_OPEN_DATA", unit.standing.consent


def _mother(unit: Unit) -> str | None:
    if not unit.standing.mother:
        return None
    number = f"{unit.bank}{unit.number:08d}"
    hla = _hla(plainly(unit.standing.mother))
    return _elements((("ID", f"SYNM{number}"), ("ID_BANK", f"SYNB{number}"), ("HLA", hla)))


def _hla(written: Written) -> str:
    return "".join(
        f"<{locus}><{method}><FIELD1>{one}</FIELD1>{_second(other)}</{method}></{locus}>"
        for locus, method, one, other in written
    )


def _second(value: str | None) -> str:
    return "<FIELD2/>" if value is None else f"<FIELD2>{value}</FIELD2>"


def _block(markers: Markers) -> str | None:
    return _elements(markers) if markers else None


def _elements(children: Sequence[_Child]) -> str:
    return "".join(
        f"<{name}>{content}</{name}>" for name, content in children if content is not None
    )


def _scientific(count: float | None) -> str | None:
    """Write an absolute count of cells as banks do: ``1.063E9``."""
    return None if count is None else f"{count:.3E}".replace("E+0", "E")
