"""Licences under which data are published."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """A licence: its SPDX identifier, its names, and where its text stands."""

    spdx: str
    name_en: str
    name_zh: str
    url: str


_KNOWN = (
    LicenceTerms(
        "CC0-1.0",
        "Creative Commons Zero 1.0 Universal",
        "知识共享零 1.0 通用",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    LicenceTerms(
        "CC-BY-4.0",
        "Creative Commons Attribution 4.0 International",
        "知识共享署名 4.0 国际",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
)


def licence_terms(spdx: str) -> LicenceTerms:
    """Return what is known of the licence ``spdx``; of others, SPDX knows where the text is."""
    for licence in _KNOWN:
        if licence.spdx == spdx:
            return licence
    return LicenceTerms(spdx, spdx, spdx, f"https://spdx.org/licenses/{spdx}.html")
