"""One browser for all tests of what people see, and windows in it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browsing import Window, browsing, visiting
from tests.node_project import node_project

Open = Callable[..., AbstractAsyncContextManager[Window]]
"""Opens a window on a service; see `tests.browsing.visiting`."""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser, which starts once."""
    async with browsing() as started:
        yield started


@pytest.fixture
def open_window(browser: Browser, request: pytest.FixtureRequest) -> Open:
    """Opens a window on the service at an address, see `tests.browsing.visiting`."""

    def opened(origin: str, **options: object) -> AbstractAsyncContextManager[Window]:
        return partial(visiting, browser, origin, request.node.name)(**options)  # type: ignore[arg-type]

    return opened


@pytest.fixture(scope="session")
def axe() -> str:
    """Source text of axe-core."""
    project = node_project(Path(__file__).parent / "axe")
    return (project / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
