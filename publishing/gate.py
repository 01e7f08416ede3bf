"""The gate: named checks that say whether there is enough data to share."""

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from domain.disclosure import MINIMUM_ACTIVITY, MINIMUM_BANKS, MINIMUM_CLASS
from domain.gate_reasons import GateReason
from domain.periods import period_of

_RELAXABLE = frozenset({"cadence", "waivers", "approvals"})
_FLOORS = {
    "anonymity": MINIMUM_CLASS,
    "differences": MINIMUM_CLASS,
    "activity": MINIMUM_ACTIVITY,
    "activity-banks": MINIMUM_BANKS,
    "approvals": 2,
}
"""What the checks that protect people ask for at least."""


class Profile(StrEnum):
    """How strictly the gate is applied."""

    STRICT = "strict"
    SYNTHETIC = "synthetic"


class Outcome(StrEnum):
    """What a check came to.

    ``RELAXED`` failed, but the profile does not insist. ``LEFT_OUT`` failed, and the release is
    made without what the check is about.
    """

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    RELAXED = "relaxed"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured value and, where one helps, what it was measured on or why it is so."""

    value: float
    about: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """The limit of one check.

    Attributes:
        name: Name of the check.
        limit: The limit itself is allowed.
        lower: Whether it is the least allowed value, else the greatest.
        unit: What is counted.
        reason: Why the limit is what it is.
        profiles: Profiles that apply the check.
        public: The word under which everybody may learn that the check failed.
        withdrawal: Whether it is applied to a release that only leaves classes out.
        leaves_out: What a release is made without if the check fails; nothing: there is no release.
    """

    name: str
    limit: float
    lower: bool
    unit: str
    reason: str
    profiles: frozenset[Profile]
    public: GateReason
    withdrawal: bool
    leaves_out: str = ""

    def allows(self, value: float) -> bool:
        """Tell whether ``value`` keeps the limit."""
        return value >= self.limit if self.lower else value <= self.limit


@dataclass(frozen=True, slots=True)
class Check:
    """A rule applied to a measured value."""

    name: str
    outcome: Outcome
    measured: float
    limit: float
    lower: bool
    unit: str
    about: str
    reason: str

    @property
    def sentence(self) -> str:
        """What was measured against which limit, as one sentence without its full stop."""
        bound = "at least" if self.lower else "at most"
        about = f" ({self.about})" if self.about else ""
        return (
            f"{self.name}: {shown(self.measured)} {self.unit}{about}, "
            f"the limit is {bound} {shown(self.limit)}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the check as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules of ``gate.toml``, the times in it, and the SHA-256 of that text."""

    rules: tuple[Rule, ...]
    relaxed: Mapping[Profile, frozenset[str]]
    lag_days: int
    closed_years: int
    activity_lag_days: int
    activity_patience_days: int
    digest: str

    def cutoff(self, today: dt.date) -> dt.date:
        """Return the last day of collection that is eligible on ``today``: the end of a year."""
        settled = today - dt.timedelta(days=self.lag_days)
        running = period_of((settled + dt.timedelta(days=1)).year, self.closed_years)
        return dt.date(running.first - 1, 12, 31)

    def rule(self, name: str) -> Rule:
        """Return the rule of the check ``name``, which exists."""
        return next(rule for rule in self.rules if rule.name == name)

    def check(
        self,
        measures: Mapping[str, Measure | None],
        profile: Profile,
        *,
        only_withdraws: bool = False,
    ) -> tuple[Check, ...]:
        """Apply the rules of ``profile``, in the order of the file.

        Args:
            measures: A measure for each rule; ``None`` where it does not apply. Leaving one out
                is a mistake, so that no check can be forgotten.
            profile: Which rules apply and which are relaxed.
            only_withdraws: Whether the release adds nothing and leaves classes out.

        Raises:
            ValueError: A rule was not measured, or a measure has no rule.
        """
        if strange := set(measures) ^ {rule.name for rule in self.rules}:
            raise ValueError(f"gate.toml and what is measured differ in {sorted(strange)}")
        return tuple(
            self._apply(rule, measure, profile)
            for rule in self.rules
            if profile in rule.profiles
            and (rule.withdrawal or not only_withdraws)
            and (measure := measures[rule.name])
        )

    def _apply(self, rule: Rule, measure: Measure, profile: Profile) -> Check:
        if rule.allows(measure.value):
            outcome = Outcome.PASS
        elif rule.name in self.relaxed[profile]:
            outcome = Outcome.RELAXED
        elif rule.leaves_out:
            outcome = Outcome.LEFT_OUT
        else:
            outcome = Outcome.FAIL
        return Check(
            name=rule.name,
            outcome=outcome,
            measured=measure.value,
            limit=rule.limit,
            lower=rule.lower,
            unit=rule.unit,
            about=measure.about,
            reason=rule.reason,
        )


@cache
def configured_gate() -> Gate:
    """Return the gate as configured in this package's ``gate.toml``."""
    return parse_gate(resources.files("publishing").joinpath("gate.toml").read_text("utf-8"))


def parse_gate(text: str) -> Gate:
    """Read a gate from TOML.

    Raises:
        ValueError: A check has not exactly one limit, a profile relaxes a check that protects
            people, or small classes, a single approval, or HLA without approval would pass.
    """
    table = tomllib.loads(text)
    for name, floor in _FLOORS.items():
        if table["checks"][name]["at_least"] < floor:
            raise ValueError(f"gate.toml: {name} must ask for at least {floor}")
    if table["checks"]["hla-approval"]["at_most"] > 0:
        raise ValueError("gate.toml: hla-approval must allow no donor's unit without an approval")
    relaxed = {
        profile: frozenset(table["profiles"][profile.value]["relaxed"]) for profile in Profile
    }
    if forbidden := frozenset().union(*relaxed.values()) - _RELAXABLE:
        raise ValueError(f"gate.toml: no profile may relax {sorted(forbidden)}")
    return Gate(
        rules=tuple(_rule(name, rule) for name, rule in table["checks"].items()),
        relaxed=relaxed,
        lag_days=table["eligibility"]["lag_days"],
        closed_years=table["eligibility"]["closed_years"],
        activity_lag_days=table["activity"]["lag_days"],
        activity_patience_days=table["activity"]["patience_days"],
        digest=hashlib.sha256(text.encode("utf-8")).hexdigest(),
    )


def shown(value: float) -> str:
    """Write a measured value: whole numbers with thousands, others with two decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _rule(name: str, table: Mapping[str, Any]) -> Rule:
    if ("at_least" in table) == ("at_most" in table):
        raise ValueError(f"gate.toml: {name} needs either at_least or at_most")
    lower = "at_least" in table
    return Rule(
        name=name,
        limit=table["at_least"] if lower else table["at_most"],
        lower=lower,
        unit=table["unit"],
        reason=table["reason"],
        profiles=frozenset(Profile(name) for name in table.get("profiles", list(Profile))),
        public=GateReason(table["public"]),
        withdrawal=table.get("withdrawal", False),
        leaves_out=table.get("leaves_out", ""),
    )
