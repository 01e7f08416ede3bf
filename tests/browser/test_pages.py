"""The pages as people see them: every kind, in both languages and both themes, wide and narrow."""

import re
from collections.abc import Iterator

import pytest

from api.pages.directory import PAGES
from database.access import Access
from tests.browser.conftest import Open
from tests.ide_files import require_ide
from tests.serving import serving

_SAMPLES = {"number": "3", "version": "2027-01", "name": "quickstart"}
_NAMES = {
    "/guides/adr/{name}": "0004-a-batch-is-drawn-by-a-secret-rank",
    "/guides/migrating/{name}": "2027-01",
    "/examples/{name}": "units-for-a-patient",
}


_EAGER = "for (const picture of document.images) picture.loading = 'eager'"
_SHOWN = "[...document.images].every((each) => each.complete && each.naturalWidth > 0)"
_LEFT = r"failed: GET .*/pictures/.*ERR_ABORTED"
"""Pictures that were on their way when the reader went on."""


def _sample(pattern: str) -> str:
    """Return an address of a kind of page."""
    return pattern.format_map({**_SAMPLES, "name": _NAMES.get(pattern, _SAMPLES["name"])})


PATHS = [_sample(page.path) for page in PAGES]


@pytest.fixture(scope="module")
def url(published: Access) -> Iterator[str]:
    """A running service with three releases."""
    with serving(published) as base:
        yield base


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_is_well_for_everybody(
    open_window: Open, url: str, axe: str, path: str
) -> None:
    """In each language: nothing serious for axe in either theme, no complaint, no overflow."""
    for language, theme, width in (
        ("", "light", 1280),
        ("/zh", "dark", 1280),
        ("", "dark", 320),
        ("/zh", "light", 320),
    ):
        async with open_window(url, theme=theme, width=width) as window:
            await window.open(language + path)
            await window.page.evaluate(_EAGER)
            await window.until(_SHOWN)
            assert await window.axe_findings(axe) == []
            assert await window.width_overflow() == 0
            await window.screenshot(f"{language.strip('/') or 'en'}-{theme}-{width}")


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_reads_without_script(open_window: Open, url: str, path: str) -> None:
    """Everything is there, and nothing is asked for but the page, its style and its pictures."""
    async with open_window(url, javascript=False) as window:
        await window.open(path)
        assert await window.page.locator("h1").count() == 1
        assert await window.page.locator("main").inner_text()
    kinds = {
        request.rpartition(".")[2] for request in window.watch.requests if "/static/" in request
    }
    assert kinds <= {"css", "svg", "js"}


async def test_the_keyboard_reaches_everything(open_window: Open, url: str) -> None:
    """The first key goes to the content; every link has its turn and shows that it has."""
    async with open_window(url) as window:
        await window.open("/")
        page = window.page
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"
        await window.open("/guides/quickstart")
        reached = 0
        total = await page.locator("a[href], button, [tabindex='0'], summary").count()
        for _ in range(total):
            await page.keyboard.press("Tab")
            outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline == "solid", await page.evaluate("document.activeElement.outerHTML")
            reached += 1
        assert reached == total > 20


async def test_the_switch_leads_to_the_same_page(open_window: Open, url: str) -> None:
    """From one language to the other and back."""
    async with open_window(url) as window:
        await window.open("/limits")
        await window.page.get_by_role("link", name="中文").click()
        await window.page.wait_for_url("**/zh/limits")
        await window.page.get_by_role("link", name="English").click()
        await window.page.wait_for_url(f"{url}/limits")


async def test_a_command_can_be_copied(open_window: Open, url: str) -> None:
    """The button copies the whole block, which begins with a program that everybody has."""
    async with open_window(url) as window:
        context = window.page.context
        await context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
        await window.open("/")
        await window.page.locator(".copy").nth(1).click()
        copied = await window.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl {url}/graphql/2026-10 ")


async def test_a_newcomer_gets_a_first_answer_by_two_keys(open_window: Open, url: str) -> None:
    """From the home page the query opens with its answer, which is the one on the page."""
    require_ide()
    async with open_window(url, expected=[_LEFT]) as window:
        await window.open("/")
        (total,) = re.findall(r'"totalCount": ([0-9]+)', await window.page.inner_text("main"))
        await window.page.get_by_role("link", name="Open this query").focus()
        await window.page.keyboard.press("Enter")
        await window.page.wait_for_selector("body[data-ready]")
        await window.until(f"document.body.innerText.includes('\"totalCount\": {total}')")
        await window.screenshot("first-answer")


async def test_the_query_of_a_picture_opens_with_its_release(open_window: Open, url: str) -> None:
    """In the IDE, pinned, with its answer."""
    require_ide()
    async with open_window(url, expected=[_LEFT]) as window:
        await window.open("/banks")
        await window.page.get_by_role("link", name=re.compile("Query.*Units by city")).click()
        await window.page.wait_for_selector("body[data-ready]")
        await window.until("document.body.innerText.includes('Guangzhou')")
        assert "release=3" in window.page.url


async def test_a_page_that_is_not_there_helps(open_window: Open, url: str, axe: str) -> None:
    """In a page of its own, in the language of the address."""
    async with open_window(url, expected=["status 404", "404 \\(Not Found\\)"]) as window:
        await window.open("/zh/nothing")
        assert await window.axe_findings(axe) == []
        await window.screenshot("lost")
        await window.page.get_by_role("link", name="全部数据发布").click()
        await window.page.wait_for_url("**/zh/releases/")


async def test_the_first_page_is_on_screen_soon(open_window: Open, url: str) -> None:
    """One small style sheet blocks it, and all that it needs is little."""
    async with open_window(url) as window:
        await window.open("/")
        sizes = await window.page.evaluate(
            "performance.getEntriesByType('resource')"
            ".filter((each) => each.renderBlockingStatus === 'blocking')"
            ".map((each) => each.decodedBodySize)"
        )
    assert len(sizes) == 1
    assert sizes[0] < 20_000
