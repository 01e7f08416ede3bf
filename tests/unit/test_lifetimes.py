"""Lifetimes, and the list of versions that they refer to."""

import datetime as dt
from typing import Any

import pytest

from schema.lifetime import ALWAYS, EnumReason, Lifetime, lifetime, lifetime_of
from schema.versions import CURRENT, VERSIONS, Version, Versions, VersionStatus
from tests.contracts_in_time import TIMES

_DAY = dt.date(2020, 1, 1)


@pytest.mark.parametrize(
    ("life", "alive"),
    [
        (Lifetime(), ["2020-01", "2021-01", "2022-01", "2023-01"]),
        (Lifetime(since="2021-01"), ["2021-01", "2022-01", "2023-01"]),
        (Lifetime(until="2022-01"), ["2020-01", "2021-01"]),
        (Lifetime(since="2021-01", until="2022-01"), ["2021-01"]),
    ],
)
def test_a_lifetime_includes_its_beginning_and_excludes_its_end(
    life: Lifetime, alive: list[str]
) -> None:
    """`since` is the first version with the part, `until` the first one without."""
    versions = ["2020-01", "2021-01", "2022-01", "2023-01"]
    assert [name for name in versions if life.alive(name)] == alive


def test_the_reason_of_a_deprecation_is_the_same_whenever_its_end_is_decided() -> None:
    """Else the definition of a frozen version would change."""
    open_end = Lifetime(deprecated="2022-01", replacement="label")
    decided = Lifetime(deprecated="2022-01", replacement="label", until="2024-01")
    assert open_end.deprecation_reason("2021-01") is None
    assert open_end.deprecation_reason("2023-01") == "Use label."
    assert decided.deprecation_reason("2023-01") == "Use label."


@pytest.mark.parametrize(
    "given",
    [
        {"since": "2022-01", "until": "2021-01"},
        {"since": "2022-01", "until": "2022-01"},
        {"deprecated": "2022-01", "until": "2022-01", "replacement": "x"},
        {"since": "2022-01", "deprecated": "2021-01", "replacement": "x"},
        {"deprecated": "2022-01"},
    ],
)
def test_a_lifetime_that_makes_no_sense_is_refused(given: dict[str, str]) -> None:
    """Out of order, empty, or a deprecation that says not what to do."""
    with pytest.raises(ValueError, match=r"out of order|what to use instead"):
        Lifetime(**given)


def test_metadata_holds_a_lifetime_or_none() -> None:
    """Without one a part lives always; anything else under the name is a mistake."""
    assert lifetime_of(None) is lifetime_of({}) is ALWAYS
    assert lifetime_of(lifetime(since="2021-01")) == Lifetime(since="2021-01")
    with pytest.raises(TypeError):
        lifetime_of({"lifetime": "2021-01"})


def test_the_reason_of_an_enum_value_knows_the_replacement() -> None:
    """It is text for the definition, and data for clients."""
    reason = EnumReason("BRIGHT")
    assert (reason, reason.replacement) == ("Use BRIGHT.", "BRIGHT")


def test_the_current_version_is_the_newest_stable_one() -> None:
    """Else the newest candidate, else the newest deprecated one; never an unstable one."""
    assert TIMES.current.name == "2022-01"
    assert TIMES.newest.name == "2024-01"
    assert [version.name for version in TIMES.served] == [
        "2021-01", "2022-01", "2023-01", "2024-01",
    ]  # fmt: skip
    candidate, unstable = (TIMES.get(name) for name in ("2023-01", "2024-01"))
    assert candidate is not None
    assert unstable is not None
    assert Versions(candidate, unstable).current is candidate
    assert Versions(unstable).current is unstable


def test_the_real_versions_are_a_candidate_and_an_unstable_one() -> None:
    """Until 2026-10 is made stable by its one line."""
    assert [(each.name, each.status.name) for each in VERSIONS] == [
        ("2026-10", "CANDIDATE"),
        ("2027-01", "UNSTABLE"),
    ]
    assert CURRENT.name == "2026-10"


def test_one_line_makes_a_version_stable() -> None:
    """The state and the day; nothing else is needed."""
    versions = Versions(
        Version("2026-10", VersionStatus.STABLE, stable_since=dt.date(2026, 12, 1)),
        *(version for version in VERSIONS if version.name != "2026-10"),
    )
    assert versions.current.frozen
    assert versions.current.opens == dt.date(2026, 12, 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([{"name": "2020-1", "status": VersionStatus.UNSTABLE}], "year and month"),
        ([{"name": "2020-01", "status": VersionStatus.STABLE}], "stable_since"),
        (
            [{"name": "2020-01", "status": VersionStatus.CANDIDATE, "stable_since": _DAY}],
            "stable_since",
        ),
        (
            [{"name": "2020-01", "status": VersionStatus.UNSTABLE, "sunset": _DAY}],
            "has an end",
        ),
        (
            [{"name": "2020-01", "status": VersionStatus.DEPRECATED, "stable_since": _DAY}],
            "dates of its end",
        ),
        (
            [
                {
                    "name": "2020-01",
                    "status": VersionStatus.DEPRECATED,
                    "stable_since": _DAY,
                    "deprecated_since": _DAY,
                    "sunset": dt.date(2019, 1, 1),
                }
            ],
            "sunset lies before",
        ),
        (
            [
                {
                    "name": "2020-01",
                    "status": VersionStatus.DEPRECATED,
                    "stable_since": _DAY,
                    "deprecated_since": _DAY,
                    "successor": "2019-01",
                }
            ],
            "successor",
        ),
        (
            [
                {"name": "2020-02", "status": VersionStatus.UNSTABLE},
                {"name": "2020-01", "status": VersionStatus.UNSTABLE},
            ],
            "oldest first",
        ),
        ([], "no schema version is served"),
    ],
)
def test_a_list_of_versions_that_contradicts_itself_is_refused(
    given: list[dict[str, Any]], message: str
) -> None:
    """Names, order, dates and successors are checked when the process starts."""
    with pytest.raises(ValueError, match=message):
        Versions(*(Version(**each) for each in given))
