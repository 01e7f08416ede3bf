"""Licences of data."""

from typing import Self

import strawberry

from schema.arguments import LanguageArgument
from schema.types.language import Language

_KNOWN = {
    "CC0-1.0": (
        "Creative Commons Zero 1.0 Universal",
        "知识共享零 1.0 通用",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    "CC-BY-4.0": (
        "Creative Commons Attribution 4.0 International",
        "知识共享署名 4.0 国际",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
}
"""English name, Chinese name and address by SPDX identifier."""


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
        elsewhere = (spdx, spdx, f"https://spdx.org/licenses/{spdx}.html")
        english, chinese, url = _KNOWN.get(spdx, elsewhere)
        return cls(english=english, chinese=chinese, spdx=spdx, url=url)
