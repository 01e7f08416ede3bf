"""Faults of the XML itself, in words that say what to do."""

from xml.parsers import expat

from publishing.intake.faults import Code, FileFaultError, Finding, shown

ENCODINGS = ("UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "US-ASCII")
"""The encodings that a file may be written in."""

_TRUNCATED = {
    expat.errors.XML_ERROR_NO_ELEMENTS,
    expat.errors.XML_ERROR_UNCLOSED_TOKEN,
    expat.errors.XML_ERROR_PARTIAL_CHAR,
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
}
_ENCODING = {
    expat.errors.XML_ERROR_UNKNOWN_ENCODING,
    expat.errors.XML_ERROR_INCORRECT_ENCODING,
}
_ENTITY = {
    expat.errors.XML_ERROR_UNDEFINED_ENTITY,
    expat.errors.XML_ERROR_ENTITY_DECLARED_IN_PE,
}
_FIRST_NON_ASCII = 0x80


def check_encoding(encoding: str | None) -> None:
    """Refuse an encoding that is not one of `ENCODINGS`.

    Raises:
        FileFaultError: It is not.
    """
    if encoding is not None and encoding.upper() not in ENCODINGS:
        raise FileFaultError(
            Finding(
                Code.XML_ENCODING,
                f"The encoding must be one of {', '.join(ENCODINGS)}; write the file as UTF-8.",
                1,
                value=shown(encoding),
            )
        )


def syntax_fault(error: expat.ExpatError, rest: bytes) -> Finding:
    """Return the fault that a parser's error stands for.

    Args:
        error: What expat said, with its place.
        rest: The bytes from the place of the error on; empty if they are not at hand.
    """
    text = expat.ErrorString(error.code)
    place = f"column {error.offset + 1}"
    if text in _TRUNCATED:
        code, message = Code.XML_TRUNCATED, "The file ends too early; send it again, complete."
    elif text in _ENCODING or _is_foreign(text, rest):
        code = Code.XML_ENCODING
        message = (
            f"The bytes at {place} do not fit the file's encoding; write it as UTF-8 "
            "and let its first line say so."
        )
    elif text in _ENTITY:
        code = Code.XML_SYNTAX
        message = f"An entity at {place} is not defined; only &amp; &lt; &gt; &quot; &apos; are."
    else:
        code, message = Code.XML_SYNTAX, f"The XML is broken at {place}: {text}."
    return Finding(code, message, error.lineno)


def _is_foreign(text: str | None, rest: bytes) -> bool:
    return text == expat.errors.XML_ERROR_INVALID_TOKEN and (
        rest[:1] == b"\0" or (rest != b"" and rest[0] >= _FIRST_NON_ASCII)
    )
