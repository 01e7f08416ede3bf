"""The languages of names."""

from enum import Enum

import strawberry


@strawberry.enum(description="A language in which names are given.")
class Language(Enum):
    """English or Chinese."""

    EN = strawberry.enum_value("EN", description="English.")
    ZH = strawberry.enum_value("ZH", description="Simplified Chinese.")
