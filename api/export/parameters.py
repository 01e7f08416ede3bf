"""What an export is asked besides its document: in which form, and where to go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from api.endpoint.call import Call
from api.export.lines import Format
from api.negotiation import MediaType, preferred
from api.refusal import RefusalError
from schema.errors import Code, quoted

_OFFERED = {
    MediaType.NDJSON: Format.NDJSON,
    MediaType.CSV: Format.CSV,
    MediaType.JSONL: Format.NDJSON,
}
_SWITCH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class ExportParameters:
    """The form of an export and its place.

    Attributes:
        form: The format.
        header: Whether a table begins with the names of its columns.
        after: The cursor after which to go on, or the id of a unit; ``None`` at the start.
    """

    form: Format
    header: bool
    after: str | None

    @classmethod
    def of(cls, call: Call, in_url: Mapping[str, str]) -> Self:
        """Read the parameters from those of a URL, and the format else from ``Accept``.

        Raises:
            RefusalError: INVALID_ARGUMENT or NOT_ACCEPTABLE.
        """
        after = in_url.get("after") or None
        header = in_url.get("header")
        if header is not None and header not in _SWITCH:
            raise RefusalError(
                Code.INVALID_ARGUMENT,
                f"The parameter header must be true or false, not {quoted(header)}.",
            )
        # What goes on after a cut is put behind what came before it.
        return cls(_format(call, in_url), _SWITCH[header] if header else after is None, after)


def _format(call: Call, in_url: Mapping[str, str]) -> Format:
    named = in_url.get("format")
    if named is not None:
        if named not in list(Format):
            raise RefusalError(
                Code.INVALID_ARGUMENT,
                f"The parameter format must be {' or '.join(Format)}, not {quoted(named)}.",
            )
        return Format(named)
    wanted = preferred(call.field(b"accept"), list(_OFFERED))
    if wanted is None:
        raise RefusalError(
            Code.NOT_ACCEPTABLE, f"Accept one of the media types {', '.join(_OFFERED)}."
        )
    return _OFFERED[wanted]
