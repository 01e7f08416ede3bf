"""What resolvers share during one request: catalogue, loaders and the release that is pinned."""

import strawberry

from loaders.releases import ReleaseList, ReleaseRecord
from loaders.request import Loaders
from schema.errors import Code, ContractError
from schema.tombstone import tombstone


class Context:
    """The state of one request.

    Attributes:
        loaders: A loader for each batch function.
        catalogue: All that is in memory, as of the beginning of the request.
        default_release: The release that ``?release=N`` pins for the whole request, or ``None``:
            the latest.
        live: Whether a live field was read, which may have another value at any time.
        unpinned: Whether the latest release was read because none was given, so that the same
            request has another answer after the next release.
    """

    def __init__(self, loaders: Loaders, default_release: int | None = None) -> None:
        self.loaders = loaders
        self.catalogue = loaders.store.catalogue
        self.default_release = default_release
        self.live = False
        self.unpinned = False
        self._releases_read: set[int] = set()

    @property
    def releases_read(self) -> list[int]:
        """The numbers of all releases that fields chose or whose units they entered, ascending.

        What lists and units tell of other releases is not counted: it never depends on them.
        """
        return sorted(self._releases_read)

    def release(self, number: int | None) -> ReleaseRecord:
        """Return the release that a field reads: ``number``, else the pinned, else the latest.

        Raises:
            ContractError: the release does not exist or is withdrawn.
        """
        releases = self.catalogue.releases
        chosen = number if number is not None else self.default_release
        if chosen is None:
            self.unpinned = True
        record = releases.latest if chosen is None else releases.get(chosen)
        if record is None:
            raise _no_such_release(chosen, releases)
        gone = tombstone(record)
        if gone is not None:
            raise gone
        self._releases_read.add(record.number)
        return record


Info = strawberry.Info[Context, None]


def _no_such_release(number: int | None, releases: ReleaseList) -> ContractError:
    if not releases.records:
        return ContractError(Code.RELEASE_NOT_FOUND, "No release has been published yet.")
    newest = releases.records[-1].number
    if number is None:
        return ContractError(Code.RELEASE_NOT_FOUND, "Every release so far has been withdrawn.")
    return ContractError(
        Code.RELEASE_NOT_FOUND,
        f"There is no release {number}. Releases are numbered from 1 to {newest}.",
    )
