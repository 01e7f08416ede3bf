"""A real browser, whose user has nothing but the service: what it complains of fails the test."""

import asyncio
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    async_playwright,
)

ARTEFACTS = Path(__file__).parents[1] / ".artefacts"
"""Where screenshots are kept; ignored by git."""
_REQUIRED = "CORDGRAPH_REQUIRE_BROWSER"
"""Environment variable that makes a missing browser a failure rather than a reason to skip."""
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Whatever a page names, nothing but this machine can be reached.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
_REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`policy: ${event.effectiveDirective} forbids ${event.blockedURI}`
        + ` at ${event.sourceFile}:${event.lineNumber}`);
});
"""
_WAIT_SECONDS = 20
_SERIOUS = ("serious", "critical")
_OWN_SCHEMES = ("data", "blob", "about", "chrome-extension")

Theme = Literal["light", "dark"]


@dataclass
class Watch:
    """Everything in a browser window that must not happen.

    Attributes:
        origin: Scheme, host and port of the service.
        expected: Patterns of complaints that belong to the test.
        complaints: What happened, in words.
        requests: Every request that was made: method and path.
    """

    origin: str
    expected: Sequence[str] = ()
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Look at all that happens in ``context`` from now on."""
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("requestfailed", self._on_failure)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._complain(f"exception: {error.error}"))

    def conclude(self) -> None:
        """Fail if there is a complaint that no pattern of ``expected`` is found in."""
        unexpected = [
            complaint
            for complaint in self.complaints
            if not any(re.search(pattern, complaint) for pattern in self.expected)
        ]
        if unexpected:
            raise AssertionError("\n".join(unexpected))

    def _complain(self, complaint: str) -> None:
        self.complaints.append(complaint)

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in _OWN_SCHEMES:
            return
        self.requests.append(f"{request.method} {address.path}")
        if f"{address.scheme}://{address.netloc}" != self.origin:
            self._complain(f"off origin: {request.method} {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._complain(f"status {response.status}: {response.request.method} {response.url}")

    def _on_failure(self, request: Request) -> None:
        self._complain(f"failed: {request.method} {request.url}: {request.failure}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(f"console {message.type}: {message.text}")


@dataclass(frozen=True)
class Window:
    """An open window.

    Attributes:
        page: Its page.
        watch: What happened in it.
        name: Name of the test, for its screenshots.
    """

    page: Page
    watch: Watch
    name: str

    async def open(self, path: str) -> Response:
        """Open an address of the service and wait until it is loaded."""
        response = await self.page.goto(self.watch.origin + path)
        assert response is not None
        return response

    async def until(self, expression: str, argument: object = None) -> None:
        """Wait until an expression in the page is true.

        Playwright's own `wait_for_function` evaluates a text in the page, as our policy forbids.
        """
        end = time.monotonic() + _WAIT_SECONDS
        while not await self.page.evaluate(expression, argument):
            assert time.monotonic() < end, f"{expression} is not true after {_WAIT_SECONDS} s"
            await asyncio.sleep(0.05)

    async def screenshot(self, what: str) -> Path:
        """Keep a picture of the whole page among the artefacts."""
        ARTEFACTS.mkdir(exist_ok=True)
        path = ARTEFACTS / f"{self.name}-{what}.png"
        await self.page.screenshot(path=path, full_page=True)
        return path

    async def width_overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        found: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return found

    async def axe_findings(self, axe: str, *, within: str = "html") -> list[str]:
        """Return what axe-core finds serious or critical: rule, words and place.

        Args:
            axe: Source text of axe-core.
            within: Selector of the part of the page that is looked at.
        """
        # By the protocol of the developer tools, which no policy of the page keeps out.
        await self.page.evaluate(axe)
        found: dict[str, Any] = await self.page.evaluate("(within) => axe.run(within)", within)
        return [
            f"{rule['id']} ({rule['help']}): {node['html'][:200]}"
            for rule in found["violations"]
            if rule["impact"] in _SERIOUS
            for node in rule["nodes"]
        ]


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """Give a browser with a profile of its own; skip the test where there is none."""
    program = _program()
    arguments = [*_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visiting(
    browser: Browser,
    origin: str,
    name: str,
    *,
    width: int = 1280,
    theme: Theme = "light",
    locale: str = "en-GB",
    javascript: bool = True,
    expected: Sequence[str] = (),
) -> AsyncIterator[Window]:
    """Give a new window without a past; its complaints fail the test at the end.

    It complains of requests to other origins, statuses from 400, requests that fail, cookies,
    violations of the security policy, exceptions, and errors and warnings in the console.

    Args:
        browser: The browser.
        origin: Base address of the service.
        name: Name of the test.
        width: Width of the window in pixels.
        theme: What the user prefers.
        locale: Language of the user.
        javascript: Whether scripts run.
        expected: Patterns of complaints that are no faults in this test.
    """
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        locale=locale,
        java_script_enabled=javascript,
        reduced_motion="reduce",
    )
    watch = Watch(origin, expected)
    watch.over(context)
    await context.add_init_script(_REPORT_VIOLATIONS)
    try:
        page = await context.new_page()
        page.set_default_timeout(_WAIT_SECONDS * 1_000)
        yield Window(page, watch, re.sub(r"[^\w.-]+", "-", name))
        cookies = await context.cookies()
    finally:
        await context.close()
    watch.complaints += [f"cookie: {cookie.get('name')}" for cookie in cookies]
    watch.conclude()


def _program() -> str:
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if found is None:
        reason = "no Chromium is installed (on Debian: apt-get install chromium)"
        if os.environ.get(_REQUIRED):
            pytest.fail(reason)
        pytest.skip(reason)
    return found
