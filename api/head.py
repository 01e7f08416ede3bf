"""Header fields of an answer, also in the form in which they are written."""

from collections.abc import Iterable, Mapping

Field = tuple[bytes, bytes]
"""Name in lower case and value of a header field."""


class Head:
    """Header fields. They are written as they are, so nothing of a request may get in unchecked.

    Attributes:
        fields: The fields.
        lines: Their lines, each with its end.
    """

    __slots__ = ("fields", "lines")

    def __init__(self, fields: Iterable[Field]) -> None:
        self.fields = tuple(fields)
        self.lines = b"".join([b"%b: %b\r\n" % field for field in self.fields])

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Head":
        """Return ``headers`` as they are sent."""
        return cls(fields_of(headers))


NOTHING = Head(())
"""No fields."""


def fields_of(headers: Mapping[str, str]) -> list[Field]:
    """Return headers as they are sent."""
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]
