"""The arguments that many fields share, each described once."""

from typing import Annotated

import strawberry

from schema.limits import LIMITS
from schema.types.language import Language

ReleaseArgument = Annotated[
    int | None,
    strawberry.argument(
        description="Number of the release to read. Default: the request's ?release=N, else the "
        "latest. An unknown or withdrawn release is an error."
    ),
]
LanguageArgument = Annotated[Language, strawberry.argument(description="Language of the answer.")]
First = Annotated[
    int | None,
    strawberry.argument(
        description=f"Items from the start or after a cursor: 0 to {LIMITS.max_page_size}; "
        f"default {LIMITS.default_page_size}. 0 gives totals without a page. Not together with "
        '"last".'
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(description='Cursor to start after; goes with "first".'),
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description=f"Items from the end or before a cursor: 0 to {LIMITS.max_page_size}. Not "
        'together with "first".'
    ),
]
Before = Annotated[
    str | None,
    strawberry.argument(description='Cursor to end before; goes with "last".'),
]
