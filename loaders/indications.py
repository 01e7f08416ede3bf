"""Indications as releases know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loaders.statements import Statement


@dataclass(frozen=True, slots=True)
class IndicationRecord:
    """An indication as read by `release`."""

    release: int
    code: str
    indication_group: str
    name_en: str
    name_zh: str
    icd10: str | None
    icd11: str | None
    orpha: str | None
    sources: list[Mapping[str, Any]]

    def mentions(self, text: str) -> bool:
        """Tell whether a name or a code contains ``text``, ignoring case."""
        wanted = text.casefold()
        texts = (self.code, self.name_en, self.name_zh, self.icd10, self.icd11, self.orpha)
        return any(wanted in value.casefold() for value in texts if value is not None)


INDICATIONS = Statement("indications", IndicationRecord)
