"""Licences of data."""

from typing import Self

import strawberry

from domain.licences import licence_terms
from schema.arguments import LanguageArgument
from schema.types.language import Language


@strawberry.type(description="The licence under which data may be used.")
class Licence:
    """A licence, known by its SPDX identifier."""

    english: strawberry.Private[str]
    chinese: strawberry.Private[str]

    spdx: str = strawberry.field(description='SPDX identifier, for instance "CC-BY-4.0".')
    url: str = strawberry.field(description="Address of the licence's text.")

    @strawberry.field(description="Name of the licence; its SPDX identifier where none is known.")
    def name(self, language: LanguageArgument = Language.EN) -> str:
        """Pick the name in a language."""
        return self.chinese if language is Language.ZH else self.english

    @classmethod
    def of(cls, spdx: str) -> Self:
        """Return the licence of an SPDX identifier."""
        terms = licence_terms(spdx)
        return cls(english=terms.name_en, chinese=terms.name_zh, spdx=terms.spdx, url=terms.url)
