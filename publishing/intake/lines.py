"""A file of lines in UTF-8, read as a stream: bytes go in, numbered lines come out."""

from collections.abc import Iterator

from publishing.intake.faults import Code, FileFaultError, Finding

MAXIMUM_LINE = 1_048_576
"""Bytes of a line; the longest unit has some 3,000."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Lines:
    """Cuts bytes into lines; a line ends with LF or CR LF, the last one also with the file.

    Attributes:
        number: Number of the line that was given last, from 1.
    """

    def __init__(self) -> None:
        self.number = 0
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[str]:
        """Yield the lines that end in ``data``, without their ends.

        Raises:
            FileFaultError: A line is no UTF-8 or does not end.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield self._text(line)
        if len(self._rest) > MAXIMUM_LINE:
            self.number += 1
            self._refuse_length()

    def close(self) -> Iterator[str]:
        """Yield the last line, if the file does not end with a line end.

        Raises:
            FileFaultError: It is no UTF-8.
        """
        if self._rest:
            line, self._rest = self._rest, b""
            yield self._text(line)

    def _text(self, line: bytes) -> str:
        self.number += 1
        if self.number == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if len(line) > MAXIMUM_LINE:
            self._refuse_length()
        try:
            return line.decode().removesuffix("\r")
        except UnicodeDecodeError as error:
            message = (
                f"The bytes at byte {error.start + 1} of the line are not UTF-8; "
                "write the file as UTF-8."
            )
            raise FileFaultError(Finding(Code.TEXT_ENCODING, message, self.number)) from None

    def _refuse_length(self) -> None:
        message = f"A line must not exceed {MAXIMUM_LINE:,} bytes."
        raise FileFaultError(Finding(Code.TEXT_TOO_LONG, message, self.number))


class LineReading:
    """Reads a file by its lines as bytes come; memory stays the same however long it is."""

    def __init__(self) -> None:
        self._lines = Lines()

    def feed(self, data: bytes) -> None:
        """Read the next bytes of the file.

        Raises:
            FileFaultError: The file cannot be read on.
        """
        for line in self._lines.feed(data):
            self._read(line)

    def close(self) -> None:
        """Read the end of the file.

        Raises:
            FileFaultError: The last line cannot be read, or the file ends too early.
        """
        for line in self._lines.close():
            self._read(line)
        self._end()

    def _read(self, text: str) -> None:
        """Read a line."""
        raise NotImplementedError

    def _end(self) -> None:
        """Check what only the end of the file can tell."""
