"""What is known of a thing that is sent as it is, before a byte of it is read."""

import base64
import datetime as dt
from dataclasses import dataclass
from email.utils import format_datetime


@dataclass(frozen=True, slots=True)
class Representation:
    """The bytes behind an address, told by their hash.

    Attributes:
        media_type: Media type, with its parameters.
        size: Bytes.
        sha256: SHA-256 of the bytes, in hexadecimal.
        changed: When they were published, in UTC; ``None`` where no date says it reliably.
    """

    media_type: str
    size: int
    sha256: str
    changed: dt.datetime | None = None

    @property
    def etag(self) -> str:
        """The strong entity tag: made of the content alone, so that every replica says the same."""
        return f'"sha256-{self.sha256}"'

    @property
    def digest(self) -> str:
        """The value of ``Repr-Digest`` (RFC 9530)."""
        return f"sha-256=:{base64.b64encode(bytes.fromhex(self.sha256)).decode()}:"

    @property
    def last_modified(self) -> str | None:
        """The value of ``Last-Modified``."""
        if self.changed is None:
            return None
        return format_datetime(self.changed.astimezone(dt.UTC), usegmt=True)
