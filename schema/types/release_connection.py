"""Lists of releases."""

from collections.abc import Sequence
from typing import Self

import strawberry

from schema.paging import PageRequest, cursor, cut_page
from schema.types.page_info import PageInfo
from schema.types.release import Release


@strawberry.type(description="A release in a list.")
class ReleaseEdge:
    """Relay's edge."""

    cursor: str = strawberry.field(description="Place of the release in the list.")
    node: Release = strawberry.field(description="The release.")


@strawberry.type(description="A list of releases.")
class ReleaseConnection:
    """One page of a list that is short enough to be read whole."""

    edges: list[ReleaseEdge] = strawberry.field(
        description="The releases of the page with their cursors."
    )
    nodes: list[Release] = strawberry.field(description="The releases of the page.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    total_count: int = strawberry.field(description="Exact number of releases in the list.")

    @classmethod
    def cut(cls, scope: str, releases: Sequence[Release], request: PageRequest) -> Self:
        """Cut a page out of all releases, which are ordered by number."""
        page = cut_page(releases, _key, request)
        keys = [_key(release) for release in page.items]
        return cls(
            edges=[
                ReleaseEdge(cursor=cursor(scope, key), node=release)
                for key, release in zip(keys, page.items, strict=True)
            ],
            nodes=list(page.items),
            page_info=PageInfo.around(page, scope, keys),
            total_count=len(releases),
        )


def _key(release: Release) -> str:
    return f"{release.number:09d}"
