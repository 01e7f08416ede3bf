"""Attacks on match estimates: whatever they say must follow from the tables that are served."""

from domain.match_areas import match_areas
from domain.match_estimate import estimate_matches
from domain.regions import Region
from tests.attacks.public import Bands, Finding, Patient, Public, Seen


def unequal_estimates(public: Public) -> list[Finding]:
    """Compute each estimate anew; one that differs was made of something that is not public."""
    findings = (
        Finding(seen.place, f"{_told(bands)} units of {region} match {_named(patient)}")
        for seen in public.seen
        for (patient, region), bands in seen.estimates.items()
        if bands != _computed(seen, patient, region)
    )
    return list(dict.fromkeys(findings))


def _computed(seen: Seen, patient: Patient, region: Region) -> Bands:
    areas = match_areas(seen.locus_tables, region)
    if not areas:
        return None
    return tuple((band.least, band.most) for band in estimate_matches(patient, areas).bands)


def _told(bands: Bands) -> str:
    return "no" if bands is None else ", ".join(f"{least} to {most}" for least, most in bands)


def _named(patient: Patient) -> str:
    return " ".join(",".join(pair) for pair in patient)
