"""Files of a release."""

from typing import Self

import strawberry

from loaders.releases import ReleaseFileRecord
from schema.scalars import BigInt


@strawberry.type(description="A file that holds a release or a part of it. Files never change.")
class ReleaseFile:
    """One file."""

    path: str = strawberry.field(description="Path of the file inside the release.")
    url: str = strawberry.field(description="Address, relative to the root of the service.")
    media_type: str = strawberry.field(description="Media type of the file.")
    bytes: BigInt = strawberry.field(description="Size of the file in bytes.")
    rows: BigInt | None = strawberry.field(
        description="Rows of data in the file; null for files without rows."
    )
    sha256: str = strawberry.field(description="SHA-256 of the file, in hexadecimal.")

    @classmethod
    def of(cls, record: ReleaseFileRecord) -> Self:
        """Return the file of a record."""
        return cls(
            path=record.path,
            url=f"releases/{record.release}/{record.path}",
            media_type=record.media_type,
            bytes=BigInt(record.bytes),
            rows=None if record.rows is None else BigInt(record.rows),
            sha256=record.sha256,
        )
