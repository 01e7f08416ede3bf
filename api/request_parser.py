"""The parser of HTTP/1.1, for a service that takes up no other protocol."""

from collections.abc import Iterable

import httptools


class RequestParser(httptools.HttpRequestParser):
    """A parser that tells what follows the head of a request for another protocol.

    Attributes:
        left: What it did not parse of the last data, if it met such a head there.
    """

    def __init__(self, protocol: object) -> None:
        super().__init__(protocol)
        self.left = b""
        # As uvicorn has it, so that a request after the last one is no error.
        self.set_dangerous_leniencies(lenient_data_after_close=True)

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        """Parse what came.

        Raises:
            httptools.HttpParserError: It is not HTTP/1.1.
            httptools.HttpParserUpgrade: It has a head that asks for another protocol.
        """
        try:
            super().feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self.left = data[upgrade.args[0] :]
            raise


def without_upgrade(
    parser: RequestParser, url: bytes, headers: Iterable[tuple[bytes, bytes]]
) -> bytes:
    """Return the head that was parsed last, without the field ``Upgrade``."""
    lines = [b"%s %s HTTP/%s" % (parser.get_method(), url, parser.get_http_version().encode())]
    lines += [name + b": " + value for name, value in headers if name != b"upgrade"]
    return b"\r\n".join(lines) + b"\r\n\r\n"
