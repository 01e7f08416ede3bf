"""Hierarchies: the levels at which an attribute can be published, nested, from their files."""

import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final, TypeAlias

from domain.bands import check_cuts
from domain.failures import Refused

Finest: TypeAlias = str | int | None
"""A value at the finest level: a code, the first year of a period, or the number of a band
counted from 0; ``None`` where the bank recorded no cell count or volume."""

SCHEME_KEYS: Final = {
    "bank": "bank",
    "period": "period_years",
    "abo": "abo",
    "tnc": "tnc_cuts",
    "cd34": "cd34_cuts",
    "volume": "volume_cuts",
    "processing": "processing",
}
"""What a scheme's levels call each attribute, in the order in which searches compare them."""

_KINDS: Final = {
    "bank": "each",
    "period": "years",
    "abo": "each",
    "tnc": "cuts",
    "cd34": "cuts",
    "volume": "cuts",
    "processing": "each",
}

ALL_LOST = 100
"""Per cent of an attribute that is lost when it is not published."""


@dataclass(frozen=True, slots=True)
class Level:
    """How finely an attribute is published.

    Attributes:
        words: The level in words, for instance ``"10-year periods"``.
        loss: Per cent of the attribute that is lost; 0 at the finest level.
        cuts: Cut points of bands; empty for another kind of level.
        years: Length of a period; 0 for another kind of level.
        each: Whether each value is published as it is.
    """

    words: str
    loss: int
    cuts: tuple[float, ...] = ()
    years: int = 0
    each: bool = False

    @property
    def published(self) -> bool:
        """Whether the attribute is published at all."""
        return bool(self.cuts or self.years or self.each)


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The levels of one attribute, finest first; the finest is the floor of the policy.

    Attributes:
        attribute: One of the names in `SCHEME_KEYS`.
        levels: Each group of values of a level lies within one group of the next; the last
            level does not publish the attribute.
    """

    attribute: str
    levels: tuple[Level, ...]

    def setting(self, level: int) -> tuple[str, bool | int | list[float] | None]:
        """Return ``level`` as key and value of a scheme's levels."""
        chosen = self.levels[level]
        key = SCHEME_KEYS[self.attribute]
        if _KINDS[self.attribute] == "each":
            return key, chosen.each
        return key, chosen.years or list(chosen.cuts) or None

    def group(self, level: int, value: Finest) -> Finest:
        """Return the group of ``level`` that holds the finest ``value``; equal means together."""
        chosen = self.levels[level]
        if not chosen.published:
            return None
        if chosen.years and isinstance(value, int):
            return value - value % chosen.years
        if chosen.cuts and isinstance(value, int):
            lowest = self.levels[0].cuts[value - 1] if value else 0.0
            return bisect_right(chosen.cuts, lowest)
        return value

    def without(self) -> "Hierarchy":
        """Return the hierarchy of the same attribute that never publishes it."""
        return Hierarchy(self.attribute, self.levels[-1:])


@cache
def configured_hierarchies() -> tuple[Hierarchy, ...]:
    """Return the hierarchies of this package's ``hierarchies/``, in the order of `SCHEME_KEYS`.

    Raises:
        Refused: A file has a fault; see `parse_hierarchy`.
    """
    folder = resources.files("publishing").joinpath("hierarchies")
    return tuple(
        parse_hierarchy(attribute, folder.joinpath(f"{attribute}.toml").read_text("utf-8"))
        for attribute in SCHEME_KEYS
    )


def parse_hierarchy(attribute: str, text: str) -> Hierarchy:
    """Read the hierarchy of ``attribute`` from TOML.

    Raises:
        Refused: ``text`` is not TOML, a level is of no known kind, a level is not nested in the
            next one, losses do not rise from 0 to 100, or the last level publishes something.
    """
    try:
        kind = _KINDS[attribute]
        levels = tuple(_level(table, kind) for table in tomllib.loads(text)["levels"])
        _check_ends(levels)
        for number, (fine, coarse) in enumerate(pairwise(levels), start=1):
            _check_step(number, fine, coarse)
    except KeyError as error:
        raise _fault(attribute, f"{error.args[0]} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise _fault(attribute, str(error)) from error
    return Hierarchy(attribute, levels)


def _fault(attribute: str, message: str) -> Refused:
    return Refused(f"hierarchies/{attribute}.toml: {message}", hint="Correct the hierarchy's file.")


def _level(table: Mapping[str, Any], kind: str) -> Level:
    if strange := set(table) - {"words", "loss", kind}:
        raise ValueError(f"a level says words, loss and {kind}, not {', '.join(sorted(strange))}")
    if not isinstance(table["loss"], int):
        raise TypeError(f"a loss is a whole number of per cent, not {table['loss']}")
    return Level(
        words=table["words"],
        loss=table["loss"],
        cuts=check_cuts(table["cuts"]) if "cuts" in table else (),
        years=table.get("years", 0),
        each=table.get("each", False),
    )


def _check_ends(levels: Sequence[Level]) -> None:
    if not levels or levels[-1].published:
        raise ValueError("the last level must not publish the attribute")
    if (levels[0].loss, levels[-1].loss) != (0, ALL_LOST):
        raise ValueError("the first level must lose 0, the last one 100 per cent")


def _check_step(number: int, fine: Level, coarse: Level) -> None:
    """Check that level ``number`` (from 1) is nested in the next one and loses less."""
    if not fine.published:
        raise ValueError(f"level {number} publishes nothing, so no other may follow")
    if fine.loss >= coarse.loss:
        raise ValueError(f"level {number + 1} must lose more than level {number}")
    if not coarse.published:
        return
    if torn := [cut for cut in coarse.cuts if cut not in fine.cuts]:
        raise ValueError(
            f"level {number + 1} is cut at {torn[0]:g}, where level {number} is not: one band of "
            f"level {number} would lie in two of level {number + 1}"
        )
    if fine.years and coarse.years % fine.years:
        raise ValueError(
            f"{coarse.years} years of level {number + 1} are no multiple of the {fine.years} of "
            f"level {number}: one period of level {number} would lie in two"
        )
