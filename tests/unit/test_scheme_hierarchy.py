"""Hierarchies and the goal of a search: what their files may say."""

import pytest

from domain.bands import band_of, bands_between
from domain.failures import Refused
from domain.periods import period_of
from publishing.gate import configured_gate
from publishing.hierarchy import SCHEME_KEYS, configured_hierarchies, parse_hierarchy
from publishing.scheme import first_scheme
from publishing.scheme_goal import configured_goal, parse_goal

LAST = "[[levels]]\nwords = 'not published'\nloss = 100\n"
WEIGHTS = "".join(
    f"[weights.{name}]\nweight = {weight}\nreason = 'r'\n"
    for name, weight in zip(SCHEME_KEYS, (40, 10, 10, 10, 10, 10, 10), strict=True)
)
LIMITS = (
    "".join(
        f"[limits.{name}]\nat_most = {limit}\nreason = 'r'\n"
        for name, limit in {"held_back": 5, "held_back_group": 10}.items()
    )
    + "[limits.recorded]\nat_least = 98\nreason = 'r'\n"
)


def _levels(*levels: str) -> str:
    return "".join(f"[[levels]]\nwords = 'w'\n{level}\n" for level in levels) + LAST


def test_the_floor_is_the_finest_level() -> None:
    """Nothing finer than bank, five years, group, six and six bands, five bands and method."""
    finest = dict(hierarchy.setting(0) for hierarchy in configured_hierarchies())
    assert finest == {
        "bank": True,
        "period_years": 5,
        "abo": True,
        "tnc_cuts": [8.0, 10.0, 12.5, 15.0, 20.0],
        "cd34_cuts": [2.0, 3.0, 4.0, 6.0, 8.0],
        "volume_cuts": [60.0, 80.0, 100.0, 120.0],
        "processing": True,
    }


def test_every_attribute_can_be_left_out() -> None:
    """The coarsest levels publish nothing, and so does a hierarchy without its attribute."""
    nothing = {key: False if key == name else None for name, key in SCHEME_KEYS.items()}
    hierarchies = configured_hierarchies()
    assert dict(each.setting(len(each.levels) - 1) for each in hierarchies) == nothing
    assert dict(each.without().setting(0) for each in hierarchies) == nothing


def test_the_scheme_set_by_hand_can_be_proposed() -> None:
    """Each of its levels is one of the hierarchies', so that a search is never worse."""
    levels = first_scheme().as_json()
    for hierarchy in configured_hierarchies():
        settings = [hierarchy.setting(number) for number in range(len(hierarchy.levels))]
        key = SCHEME_KEYS[hierarchy.attribute]
        assert (key, levels[key]) in settings


def test_groups_of_bands_are_bands() -> None:
    """The group of a finest band is the coarse band that holds every value of it."""
    for hierarchy in configured_hierarchies():
        finest = hierarchy.levels[0].cuts
        for number, level in enumerate(hierarchy.levels):
            if not level.cuts:
                continue
            bands = bands_between(level.cuts)
            for value in (0.0, *finest, *(cut + 0.1 for cut in finest)):
                place = bands_between(finest).index(band_of(value, bands_between(finest)))
                assert bands.index(band_of(value, bands)) == hierarchy.group(number, place)
            assert hierarchy.group(number, None) is None


def test_groups_of_periods_are_periods() -> None:
    """The group of a five-year period is the longer period that holds it."""
    period = configured_hierarchies()[1]
    for first in range(1995, 2030, 5):
        assert period.group(0, first) == first
        assert period.group(1, first) == period_of(first, 10).first
        assert period.group(2, first) is None


@pytest.mark.parametrize(
    ("attribute", "text", "message"),
    [
        (
            "tnc",
            _levels("cuts = [8, 10]\nloss = 0", "cuts = [9]\nloss = 50"),
            "level 2 is cut at 9, where level 1 is not: one band of level 1 would lie in two",
        ),
        (
            "period",
            _levels("years = 5\nloss = 0", "years = 12\nloss = 50"),
            "12 years of level 2 are no multiple of the 5 of level 1",
        ),
        ("abo", _levels("each = true\nloss = 1"), "the first level must lose 0"),
        ("tnc", _levels("cuts = [8]\nloss = 0", "cuts = [8]\nloss = 0"), "level 2 must lose more"),
        ("abo", _levels("each = true\nloss = 0").removesuffix(LAST), "must not publish"),
        ("abo", LAST.replace("100", "0") + LAST, "level 1 publishes nothing"),
        ("abo", _levels("cuts = [8]\nloss = 0"), "a level says words, loss and each, not cuts"),
        ("tnc", _levels("cuts = [8, 3]\nloss = 0"), "cut points must ascend"),
        ("tnc", _levels("cuts = [8]\nloss = 0.5"), "a whole number of per cent, not 0.5"),
        ("abo", _levels("each = true"), "loss is missing"),
        ("abo", "", "levels is missing"),
        ("abo", "levels = [", "abo.toml"),
    ],
)
def test_a_hierarchy_with_a_fault_is_refused(attribute: str, text: str, message: str) -> None:
    """Levels that are not nested, and any other fault, are named with file and level."""
    with pytest.raises(Refused, match=message) as refused:
        parse_hierarchy(attribute, text)
    assert refused.value.message.startswith(f"hierarchies/{attribute}.toml: ")


def test_the_limits_are_the_gates() -> None:
    """What a search finds keeps the gate's limits on classes and on what is held back."""
    limits = {rule.name: rule.limit for rule in configured_gate().rules}
    goal = configured_goal()
    assert goal.k == limits["anonymity"]
    assert goal.recorded == limits["completeness"]
    assert goal.held_back == limits["held-back"]
    assert goal.held_back_group == limits["held-back-bank"] == limits["held-back-abo"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"k = 10\n{LIMITS}{WEIGHTS}", "k must be at least 11"),
        (f"k = 11\n{LIMITS}{WEIGHTS.replace('40', '41')}", "add up to 100"),
        (f"k = 11\n{LIMITS}{WEIGHTS.replace('bank', 'branch')}", r"check the weights of \['bank'"),
        (f"k = 11\n{LIMITS.replace('5', '100')}{WEIGHTS}", "per cent, 0 to 99"),
        (f"k = 11\n{LIMITS.replace(chr(39) + 'r' + chr(39), repr(''))}{WEIGHTS}", "with a reason"),
        (f"k = 11\n{LIMITS.replace('5', '0.5')}{WEIGHTS}", "a whole number"),
    ],
)
def test_a_goal_with_a_fault_is_refused(text: str, message: str) -> None:
    """A goal is declared with reasons, and never weaker than the disclosure rules."""
    with pytest.raises(ValueError, match=message):
        parse_goal(text)
