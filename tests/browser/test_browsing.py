"""The browser of these tests sees what a careless page does."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.conftest import Open

_PAGE = """<!doctype html><html lang="en"><head><title>Page</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width"></head><body><main>{}</main></body></html>"""
_PAGES = {
    "/careful": "<h1>A page</h1>",
    "/stranger": '<img alt="" src="http://stranger.example/x.png">',
    "/inline": '<p style="color: red">red</p>',
    "/missing": '<img alt="" src="/nothing.png">',
    "/throws": '<script src="/throws.js"></script>',
    "/talks": '<script src="/talks.js"></script>',
    "/unlabelled": '<h1>A form</h1><input type="text">',
    "/cookie": "<h1>A page that remembers</h1>",
    "/wide": '<h1>Wide</h1><img alt="" width="900" height="20" src="data:,">',
}
_SCRIPTS = {
    "/throws.js": "throw new Error('a fault')",
    "/talks.js": "console.warn('look at this')",
}
_POLICY = "default-src 'none'; script-src 'self'; img-src * data:; style-src 'self'"


class _Careless(BaseHTTPRequestHandler):
    """Serves the pages above."""

    def do_GET(self) -> None:
        """Answer one request."""
        text, kind = _SCRIPTS.get(self.path), "text/javascript"
        if text is None and self.path in _PAGES:
            text, kind = _PAGE.format(_PAGES[self.path]), "text/html; charset=utf-8"
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", _POLICY)
        if self.path == "/cookie":
            self.send_header("Set-Cookie", "who=you")
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Base address of a service of careless pages."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Careless) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_nothing_is_said_of_a_careful_page(open_window: Open, url: str, axe: str) -> None:
    """No complaint, nothing found by axe, no overflow, and a picture."""
    async with open_window(url) as window:
        await window.open("/careful")
        assert await window.axe_findings(axe) == []
        assert await window.width_overflow() == 0
        picture = await window.screenshot("page")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert window.watch.requests == ["GET /careful"]


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/stranger", "off origin: GET http://stranger.example/x.png"),
        ("/inline", "policy: style-src-attr forbids inline"),
        ("/missing", "status 404: GET .*/nothing.png"),
        ("/throws", "exception: a fault"),
        ("/talks", "console warning: look at this"),
        ("/cookie", "cookie: who"),
    ],
)
async def test_what_a_page_does_is_a_failure(
    open_window: Open, url: str, path: str, complaint: str
) -> None:
    """Each kind of carelessness fails a test, with words that say what it was."""
    with pytest.raises(AssertionError, match=complaint):
        async with open_window(url) as window:
            await window.open(path)


async def test_what_a_test_expects_is_no_failure(open_window: Open, url: str) -> None:
    """A pattern names the complaint that belongs to the test."""
    async with open_window(url, expected=["look at this"]) as window:
        await window.open("/talks")
    assert window.watch.complaints == ["console warning: look at this"]


async def test_axe_finds_what_has_no_label(open_window: Open, url: str, axe: str) -> None:
    """Rule and place are told."""
    async with open_window(url) as window:
        await window.open("/unlabelled")
        (found,) = await window.axe_findings(axe)
    assert found.startswith("label (")
    assert '<input type="text">' in found


async def test_what_is_too_wide_is_measured(open_window: Open, url: str) -> None:
    """A narrow window shows a page that does not fit."""
    async with open_window(url, width=400) as window:
        await window.open("/wide")
        assert await window.width_overflow() > 400
