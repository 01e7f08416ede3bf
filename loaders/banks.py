"""Banks as releases know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loaders.statements import Statement


@dataclass(frozen=True, slots=True)
class BankRecord:
    """A bank as read by `release`."""

    release: int
    code: str
    name_en: str
    name_zh: str
    city: str
    region_code: str
    region: str | None
    licence_year: int | None
    operator: str | None
    sources: list[Mapping[str, Any]]


BANKS = Statement("banks", BankRecord)
