"""The languages of the pages, and where a page is in each of them."""

from enum import StrEnum


class Language(StrEnum):
    """A language; its value is the word for it in addresses and in file names."""

    EN = "en"
    ZH = "zh"

    @property
    def tag(self) -> str:
        """The tag by which HTML names it (BCP 47)."""
        return {"en": "en", "zh": "zh-Hans"}[self.value]

    @property
    def locale(self) -> str:
        """The name by which Open Graph names it."""
        return {"en": "en_GB", "zh": "zh_CN"}[self.value]

    @property
    def in_contract(self) -> str:
        """The value of the contract's enum ``Language``."""
        return self.name

    @property
    def other(self) -> "Language":
        """The language to switch to."""
        return Language.ZH if self is Language.EN else Language.EN

    def path(self, path: str) -> str:
        """Return the address in this language of the page at ``path`` in English."""
        return path if self is Language.EN else f"/zh{path}"
