"""A patient's HLA groups as somebody writes them."""

import re
from collections.abc import Sequence

from domain.first_fields import FIRST_FIELDS

_PREFIXES = {"A": ("A*", "A"), "B": ("B*", "B"), "DRB1": ("DRB1*", "DRB1", "DR")}
_VALUE = re.compile(r"0*(?P<first>[0-9]{1,2})(?P<more>(:[0-9A-Z]+)*)", re.ASCII)
_TWO = 2
_LONGEST = 30


class InvalidGroupError(ValueError):
    """A text, or a number of texts, that is no typing of a locus; the message says why."""


def patient_pair(locus: str, texts: Sequence[str]) -> tuple[str, str]:
    """Return the two groups of a locus, in order: ``("02", "11")``.

    Args:
        locus: ``A``, ``B`` or ``DRB1``.
        texts: Two values; a homozygous patient has one twice.

    Raises:
        InvalidGroupError: They are not two, or one is no group of the locus.
    """
    if len(texts) != _TWO:
        raise InvalidGroupError(
            f"two values are needed, not {len(texts)}. Write the same one twice for a homozygous "
            "patient; a value that is not known cannot be estimated."
        )
    first, second = sorted(patient_group(locus, text) for text in texts)
    return first, second


def patient_group(locus: str, text: str) -> str:
    """Return the first field of a value such as ``A*11``, ``11``, ``A11`` or ``A*11:01``.

    Raises:
        InvalidGroupError: It is no group of the locus.
    """
    example = f"{locus}*{min(FIRST_FIELDS[locus] - {'01'})}"
    matched = _VALUE.fullmatch(_bare(locus, text.strip())) if len(text) <= _LONGEST else None
    if matched is None:
        raise InvalidGroupError(
            f"{_quoted(text)} is not a group of HLA-{locus}. Write its first field, such as "
            f'"{example}".'
        )
    if matched["more"].endswith("N"):
        raise InvalidGroupError(
            f"{_quoted(text)} is a null allele, which is not expressed: nothing can match it."
        )
    group = matched["first"].zfill(_TWO)
    if group not in FIRST_FIELDS[locus]:
        raise InvalidGroupError(
            f"{_quoted(text)} is not a group of HLA-{locus}: there is no {locus}*{group}. An "
            f'antigen is written as the first field of its alleles, such as "{example}".'
        )
    return group


def _bare(locus: str, text: str) -> str:
    """Return ``text`` without ``HLA-`` and the locus."""
    text = text.removeprefix("HLA-")
    prefix = next((each for each in _PREFIXES[locus] if text.startswith(each)), "")
    return text.removeprefix(prefix)


def _quoted(text: str) -> str:
    return f'"{text}"' if len(text) <= _LONGEST else f'"{text[:_LONGEST]}…"'
