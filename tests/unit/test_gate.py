"""The gate: its rules, its profiles and what it refuses to be configured to."""

import datetime as dt
from collections.abc import Mapping
from importlib import resources

import pytest

from domain.gate_reasons import GateReason
from publishing.gate import (
    Gate,
    Measure,
    Outcome,
    Profile,
    configured_gate,
    parse_gate,
    shown,
)
from publishing.gate_status import public_reasons

TEXT = resources.files("publishing").joinpath("gate.toml").read_text("utf-8")

PASSING: dict[str, float] = {
    "contributors": 3,
    "cities": 2,
    "dominance-one": 60,
    "dominance-two": 85,
    "p-percent": 10,
    "volume-first": 5_000,
    "volume-later": 1_000,
    "volume-bank": 200,
    "anonymity": 11,
    "differences": 11,
    "activity": 22,
    "activity-banks": 3,
    "held-back": 5,
    "held-back-bank": 10,
    "held-back-abo": 10,
    "consent": 0,
    "origin": 0,
    "quality": 98,
    "completeness": 98,
    "duplicates": 0,
    "lag": 0,
    "cadence": 90,
    "waivers": 0,
    "hla-approval": 0,
    "withdrawals": 0,
    "approvals": 2,
}
AT_LEAST = {
    "contributors",
    "cities",
    "p-percent",
    "volume-first",
    "volume-later",
    "volume-bank",
    "anonymity",
    "differences",
    "activity",
    "activity-banks",
    "quality",
    "completeness",
    "cadence",
    "approvals",
}


def _outcomes(
    gate: Gate, values: Mapping[str, float | None], profile: Profile
) -> dict[str, Outcome]:
    measures = {name: None if value is None else Measure(value) for name, value in values.items()}
    return {check.name: check.outcome for check in gate.check(measures, profile)}


def test_the_limits_themselves_pass() -> None:
    """Every limit is allowed, under the strict profile."""
    outcomes = _outcomes(configured_gate(), PASSING, Profile.STRICT)
    assert outcomes == dict.fromkeys(PASSING, Outcome.PASS)


@pytest.mark.parametrize("name", PASSING)
def test_just_beyond_a_limit_fails(name: str) -> None:
    """A value just beyond its limit fails its own check and no other."""
    beyond = PASSING[name] + (-0.01 if name in AT_LEAST else 0.01)
    outcomes = _outcomes(configured_gate(), {**PASSING, name: beyond}, Profile.STRICT)
    failed = {check for check, outcome in outcomes.items() if outcome is not Outcome.PASS}
    assert failed == {name}
    expected = Outcome.LEFT_OUT if name == "hla-approval" else Outcome.FAIL
    assert outcomes[name] is expected


def test_the_synthetic_profile_relaxes_governance_only() -> None:
    """With everything beyond its limit, only cadence, waivers and approvals are let through."""
    beyond = {name: value + (-1 if name in AT_LEAST else 1) for name, value in PASSING.items()}
    outcomes = _outcomes(configured_gate(), beyond, Profile.SYNTHETIC)
    relaxed = {name for name, outcome in outcomes.items() if outcome is Outcome.RELAXED}
    assert relaxed == {"cadence", "waivers", "approvals"}
    failed = {name for name, outcome in outcomes.items() if outcome is Outcome.FAIL}
    assert failed == set(PASSING) - relaxed - {"origin", "hla-approval"}
    assert "origin" not in outcomes
    assert outcomes["hla-approval"] is Outcome.LEFT_OUT


def test_a_check_that_does_not_apply_is_left_out() -> None:
    """The first release has no cadence."""
    outcomes = _outcomes(configured_gate(), {**PASSING, "cadence": None}, Profile.STRICT)
    assert outcomes == dict.fromkeys(set(PASSING) - {"cadence"}, Outcome.PASS)


def test_a_withdrawal_is_not_stopped_by_what_asks_for_more_data() -> None:
    """A release that only leaves classes out is held to what protects people and to approvals."""
    beyond = {name: value + (-1 if name in AT_LEAST else 1) for name, value in PASSING.items()}
    measures: dict[str, Measure | None] = {name: Measure(value) for name, value in beyond.items()}
    checks = configured_gate().check(measures, Profile.STRICT, only_withdraws=True)
    assert [check.name for check in checks] == [
        "anonymity",
        "differences",
        "activity",
        "activity-banks",
        "consent",
        "origin",
        "hla-approval",
        "withdrawals",
        "approvals",
    ]
    failed = {check.name for check in checks if check.outcome is Outcome.FAIL}
    assert failed == {check.name for check in checks} - {"hla-approval"}


def test_every_failed_check_has_a_public_word() -> None:
    """The words come once each, in the order of the enum whatever failed first; none is unused."""
    assert public_reasons(["approvals", "cities", "contributors"]) == [
        GateReason.BANKS,
        GateReason.GOVERNANCE,
    ]
    assert public_reasons(list(PASSING)) == list(GateReason)
    assert public_reasons([]) == []


def test_no_check_can_be_forgotten() -> None:
    """A rule without a measure is our mistake, and so is a measure without a rule."""
    forgotten = {name: value for name, value in PASSING.items() if name != "consent"}
    with pytest.raises(ValueError, match=r"differ in \['consent'\]"):
        _outcomes(configured_gate(), forgotten, Profile.STRICT)
    with pytest.raises(ValueError, match=r"differ in \['colour'\]"):
        _outcomes(configured_gate(), {**PASSING, "colour": 1}, Profile.STRICT)


def test_a_check_is_told_in_one_sentence() -> None:
    """Name, value, what it was measured on, and the limit."""
    measures = {name: Measure(value) for name, value in PASSING.items()}
    measures["held-back-bank"] = Measure(12.345, "SC")
    checks = configured_gate().check(measures, Profile.STRICT)
    (check,) = [check for check in checks if check.outcome is Outcome.FAIL]
    assert check.sentence == (
        "held-back-bank: 12.35 % of the worst bank (SC), the limit is at most 10"
    )
    assert check.as_json() == {
        "name": "held-back-bank",
        "outcome": "fail",
        "measured": 12.345,
        "limit": 10,
        "lower": False,
        "unit": "% of the worst bank",
        "about": "SC",
        "reason": "An overall limit hides a bank that is hardly shown.",
    }


@pytest.mark.parametrize(
    ("value", "text"), [(5000, "5,000"), (5.0, "5"), (4.375, "4.38"), (0, "0")]
)
def test_measured_values_are_readable(value: float, text: str) -> None:
    """Whole numbers have no decimals, others two."""
    assert shown(value) == text


@pytest.mark.parametrize(
    ("today", "cutoff"),
    [
        (dt.date(2026, 11, 22), dt.date(2024, 12, 31)),
        (dt.date(2025, 12, 31), dt.date(2024, 12, 31)),
        (dt.date(2025, 12, 30), dt.date(2019, 12, 31)),
        (dt.date(2030, 12, 30), dt.date(2024, 12, 31)),
    ],
)
def test_eligibility_ends_with_a_period_that_closed_a_year_ago(
    today: dt.date, cutoff: dt.date
) -> None:
    """365 days after a period ended its units become eligible, all at once."""
    assert configured_gate().cutoff(today) == cutoff


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('relaxed = ["cadence"', 'relaxed = ["consent"', r"no profile may relax \['consent'\]"),
        (
            'at_least = 11\nunit = "units in the smallest class"',
            'at_least = 10\nunit = "units in the smallest class"',
            "anonymity must ask for at least 11",
        ),
        (
            'at_least = 11\nunit = "units in the smallest difference"',
            'at_least = 5\nunit = "units in the smallest difference"',
            "differences must ask for at least 11",
        ),
        (
            'at_least = 22\nunit = "units in the smallest new cell',
            'at_least = 20\nunit = "units in the smallest new cell',
            "activity must ask for at least 22",
        ),
        (
            'at_least = 3\nunit = "banks in the new cell',
            'at_least = 2\nunit = "banks in the new cell',
            "activity-banks must ask for at least 3",
        ),
        (
            'at_least = 2\nunit = "approvals',
            'at_least = 1\nunit = "approvals',
            "approvals must ask for at least 2",
        ),
        (
            "at_most = 0\nunit = \"donors'",
            "at_most = 5\nunit = \"donors'",
            "hla-approval must allow no donor's unit",
        ),
        ("at_least = 3\n", "", "contributors needs either at_least or at_most"),
        (
            "at_least = 3\n",
            "at_least = 3\nat_most = 5\n",
            "contributors needs either at_least or at_most",
        ),
    ],
)
def test_a_configuration_that_endangers_people_is_refused(old: str, new: str, message: str) -> None:
    """What protects people can be neither relaxed nor lowered below the law of the database."""
    assert old in TEXT
    with pytest.raises(ValueError, match=message):
        parse_gate(TEXT.replace(old, new, 1))


def test_every_rule_has_a_reason() -> None:
    """No limit stands there without its reason, and all that is measured has a rule."""
    assert {rule.name for rule in configured_gate().rules} == set(PASSING)
    assert all(rule.reason.strip() for rule in configured_gate().rules)
