"""HLA typings: the ways in which a laboratory may write one, and the normal form of a unit's.

Nomenclature: https://hla.alleles.org/nomenclature/naming.html. The letters of a multiple allele
code stand for a list of alleles that is not looked up, nor is whether an allele exists.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from domain.first_fields import FIRST_FIELDS
from publishing.intake.faults import Code
from publishing.intake.hla_codes import (
    ABSENT,
    ANTIGENS,
    MAY_BE_ABSENT,
    PREFIXES,
)
from publishing.intake.rules import RuleBrokenError

Method = Literal["DNA", "SER"]

NORMAL_LOCI: Final = ("A", "B", "C", "DRB1", "DQB1")
"""The loci of the normal form."""

KEY_LOCI: Final = ("A", "B", "DRB1")
"""The loci that two units are compared by to find one donation counted twice."""

_KNOWN_TYPINGS = 131_072
_LONGEST: Final[dict[Method, int]] = {"DNA": 20, "SER": 5}
_SIGNS: Final[dict[Method, str]] = {"DNA": ":*/-", "SER": ""}
_TEXTS = {
    method: re.compile(f"[0-9A-Za-z{re.escape(signs)}]*[0-9A-Za-z]", re.ASCII)
    for method, signs in _SIGNS.items()
}
_FIRST = r"(?P<first>[0-9]{2}|[1-9][0-9]{2,3})"
_NUMBER = "[0-9]{2,4}"
# One field, or two to four with a suffix; a G group has three, a P group two.
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"{_FIRST}(?::(?P<second>{_NUMBER})(?::{_NUMBER}){{0,2}}[NLSCAQ]?)?",
        rf"{_FIRST}:{_NUMBER}:{_NUMBER}G",
        rf"{_FIRST}:{_NUMBER}P",
        rf"{_FIRST}:(?P<code>[A-Z]{{2,5}})",
    )
)
_ANTIGEN = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<number>[1-9][0-9]{0,3})", re.ASCII)

Normal = dict[str, tuple[str | None, str | None]]
"""Two values for each typed locus of `NORMAL_LOCI`: ``{"A": ("11:01", "24"), ...}``.

A value is ``11:01`` where one protein was typed, ``11`` where only the first field is known, and
``None`` where not even that: it was not typed, or the typing leaves several first fields open.
Known values come first, in order. A homozygote has one value twice; ``("11:01", None)`` is none.
"""


@dataclass(frozen=True)
class HlaTyping:
    """The rule of one value of a typing.

    Attributes:
        locus: The locus in whose element the value stands.
        method: ``DNA`` for alleles, ``SER`` for antigens.
    """

    locus: str
    method: Method

    def read(self, text: str, _today: object) -> str:
        """Return ``text``.

        Raises:
            RuleBrokenError: No laboratory can mean it.
        """
        typed_value(self.locus, self.method, text)
        return text


@lru_cache(maxsize=_KNOWN_TYPINGS)
def typed_value(locus: str, method: Method, text: str) -> str | None:
    """Return what one value says, in the normal form: ``11:01``, ``11`` or ``None``.

    Raises:
        RuleBrokenError: No laboratory can mean it.
    """
    if method == "SER":
        return _alone(_antigen(locus, text))
    _require_signs(method, text)
    if text == ABSENT and locus in MAY_BE_ABSENT:
        return None
    return _alleles(locus, text)


def normal_form(typings: Mapping[str, Mapping[Method, Sequence[str | None]]]) -> Normal:
    """Return the normal form of checked typings, ``{"A": {"DNA": ["11:01", None]}, ...}``.

    Of a locus with both, the alleles count, since they say more than the antigens.
    """
    normal: Normal = {}
    for locus, methods in typings.items():
        if locus in NORMAL_LOCI:
            method: Method = "DNA" if "DNA" in methods else "SER"
            first, second = methods[method]
            normal[locus] = _pair(locus, method, first, second)
    return normal


@lru_cache(maxsize=_KNOWN_TYPINGS)
def _pair(
    locus: str, method: Method, first: str | None, second: str | None
) -> tuple[str | None, str | None]:
    values = [text and typed_value(locus, method, text) for text in (first, second)]
    known = sorted(value for value in values if value)
    one, other, *_ = *known, None, None
    return one, other


def is_antigen_of(locus: str, antigen: str, alleles: Sequence[str]) -> bool:
    """Tell whether a checked ``antigen`` may be that of one of two checked ``alleles``."""
    fields = {value and value.partition(":")[0] for value in _pair(locus, "DNA", *alleles)}
    return None in fields or not fields.isdisjoint(_antigen(locus, antigen))


def donation_key(normal: Normal) -> str | None:
    """Return the groups by which a donation is looked for at other banks: ``11,24 46 09,12``.

    The first fields of A, B and DRB1, each once and in order, so that homozygous and "the second
    was not given" are alike. ``None`` where one of the three loci says nothing: what was not typed
    is never equal to anything.
    """
    groups = [_groups(normal[locus]) for locus in KEY_LOCI if locus in normal]
    return " ".join(groups) if len(groups) == len(KEY_LOCI) and all(groups) else None


@lru_cache(maxsize=_KNOWN_TYPINGS)
def _groups(values: tuple[str | None, str | None]) -> str:
    return ",".join(dict.fromkeys(value.partition(":")[0] for value in values if value))


def _require_signs(method: Method, text: str) -> None:
    if len(text) > _LONGEST[method]:
        raise RuleBrokenError(Code.TOO_LONG, f"must have at most {_LONGEST[method]} characters")
    if not _TEXTS[method].fullmatch(text):
        signs = f" and {' '.join(_SIGNS[method])}" if _SIGNS[method] else ""
        raise RuleBrokenError(
            Code.CHARACTERS_INVALID, f"must be a typing of letters, digits{signs} only"
        )


def _alleles(locus: str, text: str) -> str | None:
    """Return what an allele, a group, a code or a list of alleles has in common."""
    values = [_allele(locus, name) for name in text.split("/")]
    if len(values) == 1:
        return values[0][0]
    if any(is_code for _, is_code in values):
        raise RuleBrokenError(
            Code.HLA_MIXED,
            "must list alleles of two fields or more, such as 02:01/02:07, and no group or code "
            "among them",
        )
    names = {value for value, _ in values}
    return names.pop() if len(names) == 1 else _alone({name.partition(":")[0] for name in names})


@lru_cache(maxsize=_KNOWN_TYPINGS)
def _allele(locus: str, name: str) -> tuple[str, bool]:
    """Return what one name says, and whether it is a code or a first field alone."""
    prefix, star, fields = name.rpartition("*")
    if star and prefix.removeprefix("HLA-") not in ("", locus):
        raise RuleBrokenError(
            Code.HLA_LOCUS, f"must be an allele of {locus}: this names another locus"
        )
    form = next((found for form in _FORMS if (found := form.fullmatch(fields))), None)
    if form is None:
        raise RuleBrokenError(Code.HLA_FORM, _how_to_write(fields))
    parts = form.groupdict()
    _require_first_field(locus, parts["first"])
    if parts.get("second"):
        return f"{parts['first']}:{parts['second']}", False
    return parts["first"], bool(parts.get("code")) or ":" not in fields


def _require_first_field(locus: str, first: str) -> None:
    known = FIRST_FIELDS.get(locus)
    if known is not None and first not in known:
        raise RuleBrokenError(
            Code.HLA_UNKNOWN,
            f"must begin with a first field of {locus}: {', '.join(sorted(known))}",
        )


def _how_to_write(fields: str) -> str:
    if ":" not in fields and fields[:2].isdigit():
        return "must have colons between its fields: A*0201 is written 02:01, A*02XX 02:XX"
    if fields.count(":") > 3:  # noqa: PLR2004 - fields of an allele beyond the first
        return "must have at most four fields"
    return (
        "must be an allele (02:01, with up to four fields and N, L, S, C, A or Q after them), "
        "a group (02, 02:XX, 02:01:01G with three fields, 02:01P with two), a multiple allele "
        "code (02:ABCD) or a list of alleles (02:01/02:07)"
    )


def _antigen(locus: str, text: str) -> tuple[str, ...]:
    """Return the first fields of the alleles of an antigen."""
    if locus not in ANTIGENS:
        raise RuleBrokenError(
            Code.HLA_UNKNOWN, f"must be left out: {locus} has no serology, give its DNA typing"
        )
    _require_signs("SER", text)
    found = _ANTIGEN.fullmatch(text)
    if found is None:
        raise RuleBrokenError(
            Code.HLA_FORM,
            f"must be the number of an antigen, such as {PREFIXES[locus][0]}7 or 7",
        )
    if found["prefix"] and found["prefix"] not in PREFIXES[locus]:
        raise RuleBrokenError(
            Code.HLA_LOCUS, f"must be an antigen of {locus}: this names another locus"
        )
    if found["number"] not in ANTIGENS[locus]:
        raise RuleBrokenError(
            Code.HLA_UNKNOWN, f"must be an antigen that {locus} has: {', '.join(ANTIGENS[locus])}"
        )
    return ANTIGENS[locus][found["number"]]


def _alone(fields: Collection[str]) -> str | None:
    """Return the only one of ``fields``, or ``None`` if there are several."""
    return next(iter(fields)) if len(fields) == 1 else None
