"""The IDE in a real browser: everything that somebody can do with it, under its strict policy."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from api.ide.bundle import NEEDED, Bundle
from api.settings import Settings
from database.access import Access
from schema.build import build_schema
from schema.example import Example, examples
from schema.versions import VERSIONS
from tests.browser.conftest import Open
from tests.browsing import Theme, Window
from tests.ide_files import require_ide
from tests.serving import serving

_VERSIONS = [each.name for each in VERSIONS.served]
_QUOTA = 50_000
_EDITOR = ".graphiql-query-editor .CodeMirror"
_VARIABLES = ".graphiql-editor-tool .graphiql-editor:nth-child(1) .CodeMirror"
_ANSWER = ".result-window .CodeMirror"
_TEXT = "(selector) => document.querySelector(selector).CodeMirror.getValue()"
_DEAR = """{ units(first: 100) { nodes { bank { units(first: 100) { nodes { id
  bank { name } } } } } } }"""


@pytest.fixture(scope="module")
def url(published: Access) -> Iterator[str]:
    """A running service with three releases and its IDE."""
    require_ide()
    with serving(published, Settings(anonymous_quota=_QUOTA)) as base:
        yield base


async def _open(window: Window, path: str = "/graphql/2026-10") -> None:
    """Open the IDE and wait until it can be used."""
    await window.open(path)
    await window.page.wait_for_selector("body[data-ready]")
    await window.until("document.querySelectorAll('#release option').length > 1")


async def _text(window: Window, selector: str) -> str:
    text: str = await window.page.evaluate(_TEXT, selector)
    return text


async def _write(window: Window, text: str, selector: str = _EDITOR) -> None:
    await window.page.click(f"{selector} .CodeMirror-scroll", position={"x": 60, "y": 12})
    await window.page.keyboard.press("Control+A")
    await window.page.keyboard.insert_text(text)


async def _run(window: Window) -> Mapping[str, Any]:
    """Press Ctrl-Enter in the document and return the answer."""
    await window.page.evaluate(
        "(selector) => document.querySelector(selector).CodeMirror.setValue('')", _ANSWER
    )
    await window.page.focus(f"{_EDITOR} textarea")
    await window.page.keyboard.press("Control+Enter")
    return await _answer(window)


async def _answer(window: Window) -> Mapping[str, Any]:
    await window.until(f"({_TEXT})('{_ANSWER}').startsWith('{{')")
    answer: Mapping[str, Any] = json.loads(await _text(window, _ANSWER))
    return answer


async def _cost(window: Window, pattern: str) -> str:
    """Wait until the line of the cost says what is expected, and return it."""
    line = window.page.locator("#cost .line", has_text=re.compile(pattern))
    await line.wait_for()
    return await line.inner_text()


def _shown(version: str) -> list[Example]:
    """Return the examples that a version can answer."""
    schema = build_schema(version)._schema
    return [each for each in examples() if each.is_valid(schema)]


def _posts(window: Window) -> list[str]:
    return [each for each in window.watch.requests if each.startswith("POST /graphql")]


async def test_it_opens_with_a_query_that_runs(open_window: Open, url: str) -> None:
    """A newcomer presses two keys and has an answer; no other host is asked for anything."""
    async with open_window(url) as window:
        await _open(window, "/graphql")
        assert await _cost(window, "Cost") == "Cost 2 of 10,000"
        assert _posts(window) == []
        answer = await _run(window)
        assert answer["data"]["release"]["number"] == 3
        told = await window.page.inner_text("#ran")
        await window.screenshot("answer")
        files = [each.rpartition("/")[2] for each in window.watch.requests if "/static/" in each]
    assert re.fullmatch(
        r"Answer 200 OK · [\d,]+ ms · \d+ bytes · cost 2 of 10,000 · read from release 3 · "
        r"[\d,]+ left of the quota of 50,000 a minute",
        told,
    )
    assert {*NEEDED, "ide.js", "ide.css"} <= set(files)
    # The mark is a picture of the page and its icon.
    assert {name for name in files if files.count(name) > 1} <= {"mark.svg"}


async def test_a_visit_takes_as_many_bytes_as_the_guide_says(open_window: Open, url: str) -> None:
    """At most 400 kB at first, and at most 10 kB when the files are there."""
    async with open_window(url) as window:
        sizes: list[float] = []
        tools = await window.page.context.new_cdp_session(window.page)
        await tools.send("Network.enable")
        tools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        taken = []
        for _ in range(2):
            await _open(window)
            await window.page.wait_for_load_state("networkidle")
            taken.append(sum(sizes))
            sizes.clear()
    assert 300_000 < taken[0] < 400_000
    assert 0 < taken[1] < 10_000


async def test_the_cost_is_told_before_it_runs(open_window: Open, url: str) -> None:
    """Numbers for what passes, the reason for what would be refused, and nothing is run."""
    async with open_window(url, expected=["status 4", "Failed to load resource"]) as window:
        await _open(window)
        await _write(window, "{ units(first: 50) { nodes { id } } }")
        assert await _cost(window, "Cost 7") == "Cost 77 of 10,000"
        await _write(window, "query($n: Int) { units(first: $n) { nodes { id } } }")
        await _cost(window, "depends on the variables")
        await _write(window, '{"n": 7}', _VARIABLES)
        await _cost(window, "Cost 34 of")
        await _write(window, "{", _VARIABLES)
        await _cost(window, "not JSON")
        await _write(window, "", _VARIABLES)
        await _write(window, _DEAR)
        refused = await _cost(window, "would be refused")
        assert re.fullmatch(r"Cost [\d,]+ of 10,000 · It would be refused: .* 10,000 is.*", refused)
        await window.page.click("#cost summary")
        rows = await window.page.locator("#cost td").all_inner_texts()
        assert rows[0].startswith("units")
        await window.screenshot("refused")
        await _write(window, "{ nothing }")
        assert "Cannot query field 'nothing'" in await _cost(window, "Cannot")
        assert _posts(window) == []


async def test_versions_and_releases_are_switched(open_window: Open, url: str) -> None:
    """Address, schema and answers follow; the document stays."""
    document = "{ release { number licence { name } } }"
    async with open_window(url, expected=["status 4", "Failed to load resource"]) as window:
        await _open(window)
        await _write(window, document)
        await _cost(window, "must not have a selection")
        await window.page.select_option("#version", "2027-01")
        await _cost(window, "Cost 3")
        await window.page.select_option("#release", "1")
        answer = await _run(window)
        assert answer["extensions"]["cordgraph"]["version"] == "2027-01"
        assert answer["extensions"]["cordgraph"]["releases"] == [1]
        assert answer["data"]["release"]["number"] == 1
        assert await _text(window, _EDITOR) == document
        await window.until("location.search === '?release=1'")
        assert "/graphql/2027-01?release=1#query=" in window.page.url
        assert await window.page.get_attribute("#reference", "href") == "/reference/2027-01"
        await window.page.reload()
        await window.page.wait_for_selector("body[data-ready]")
        assert await window.page.input_value("#version") == "2027-01"
        assert await window.page.input_value("#release") == "1"
        assert await _text(window, _EDITOR) == document


@pytest.mark.parametrize("version", _VERSIONS)
async def test_every_example_is_opened_and_runs(open_window: Open, url: str, version: str) -> None:
    """Each is in the dialog, costs less than the limit, and has the answer of the service."""
    async with open_window(url) as window:
        await _open(window, f"/graphql/{version}")
        shown = _shown(version)
        assert len(shown) >= 9
        for example in shown:
            await window.page.click("#open-examples")
            await window.page.locator("#examples li button", has_text=example.title).first.click()
            assert await _text(window, _EDITOR) == example.document
            answer = await _run(window)
            parameters = {"query": example.document, "variables": example.variables}
            expected = await window.page.request.post(f"{url}/graphql/{version}", data=parameters)
            assert answer == await expected.json(), example.name
            assert "errors" not in answer
        await window.screenshot(version)


async def test_a_shared_link_restores_what_was_shared(open_window: Open, url: str) -> None:
    """It pins version and release, holds document and variables in the fragment, and runs nothing.

    The fragment is not sent, so that the service does not see what is shared.
    """
    document = "query One($code: String!) { bank(code: $code) { name } }"
    async with open_window(url) as window:
        await window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await _open(window)
        await _write(window, document)
        await _write(window, '{"code": "GD"}', _VARIABLES)
        await _cost(window, "Cost 2")
        await window.page.click("#share")
        said = window.page.locator("#said", has_text="Copied")
        await said.wait_for()
        assert await said.inner_text() == (
            "Copied: a link to this document, in version 2026-10 and release 3."
        )
        link = await window.page.evaluate("navigator.clipboard.readText()")
    path, _, fragment = link.removeprefix(url).partition("#")
    assert path == "/graphql/2026-10?release=3"
    assert fragment.startswith("query=query+One")
    async with open_window(url) as other:
        await _open(other, link.removeprefix(url))
        assert await _text(other, _EDITOR) == document
        assert await _text(other, _VARIABLES) == '{"code": "GD"}'
        assert await other.page.input_value("#release") == "3"
        await _cost(other, "Cost 2")
        assert _posts(other) == []
        assert (await _run(other))["data"] == {"bank": {"name": "Guangdong Cord Blood Bank"}}
        await other.page.evaluate("location.hash = '#query=%7B__typename%7D'")
        await other.until(f"({_TEXT})('{_EDITOR}') === '{{__typename}}'")


async def test_an_address_with_a_query_shows_its_answer(open_window: Open, url: str) -> None:
    """What is an answer to programs is one to people too."""
    async with open_window(url) as window:
        await _open(window, "/graphql/2026-10?query={release{number,unitCount}}&release=2")
        answer = await _answer(window)
        assert answer["data"]["release"]["number"] == 2
        assert await window.page.input_value("#release") == "2"


async def test_everything_by_keyboard(open_window: Open, url: str) -> None:
    """From the top of the page to the answer of an example, without a mouse."""
    async with open_window(url) as window:
        await _open(window)
        keyboard = window.page.keyboard
        for _ in range(6):
            await keyboard.press("Tab")
            if await window.page.evaluate("document.activeElement.id") == "open-examples":
                break
        await keyboard.press("Enter")
        first = await window.page.evaluate("document.activeElement.textContent")
        assert first in {each.title for each in examples()}
        await keyboard.press("Escape")
        assert await window.page.evaluate("document.activeElement.id") == "open-examples"
        await keyboard.press("Enter")
        await keyboard.press("Tab")
        second = await window.page.evaluate("document.activeElement.textContent")
        await keyboard.press("Enter")
        (example,) = [each for each in examples() if each.title == second]
        assert await _text(window, _EDITOR) == example.document
        await keyboard.press("Control+Enter")
        assert "data" in await _answer(window)


async def test_the_explorer_writes_the_document(open_window: Open, url: str) -> None:
    """Fields are chosen in a tree, by mouse or keys."""
    async with open_window(url) as window:
        await _open(window)
        await window.page.click('[aria-label="Show GraphiQL Explorer"]')
        field = '.graphiql-explorer-root [data-field-name="{}"]'
        await window.page.click(field.format("digest"))
        await _cost(window, "Cost 2")
        await window.page.focus(field.format("licence"))
        await window.page.keyboard.press("Enter")
        await window.until(f"({_TEXT})('{_EDITOR}').includes('licence')")
        release = (await _run(window))["data"]["release"]
        assert set(release) == {"number", "title", "unitCount", "digest", "licence"}


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious(
    open_window: Open, url: str, axe: str, theme: Theme
) -> None:
    """With an answer, and in every pane and dialog."""
    # What the library of GraphiQL's dialogs has to say to its developers.
    words = ["Missing `Description` or `aria-describedby"]
    async with open_window(url, theme=theme, expected=words) as window:
        page = window.page
        await _open(window, "/graphql/2026-10?query={release{number,title,unitCount}}")
        await _answer(window)
        assert await window.axe_findings(axe) == []
        await window.screenshot(theme)
        for label in ("Show Documentation Explorer", "Show History", "Show GraphiQL Explorer"):
            await page.click(f'[aria-label="{label}"]')
            await page.wait_for_timeout(300)
            await window.screenshot(f"{theme}-{label.split()[1]}")
            assert await window.axe_findings(axe) == []
        for label in ("Open short keys dialog", "Open settings dialog"):
            await page.click(f'[aria-label="{label}"]')
            await page.wait_for_selector(".graphiql-dialog")
            assert await page.evaluate("document.adoptedStyleSheets.length") == 1
            assert await window.axe_findings(axe, within=".graphiql-dialog") == []
            cross = await page.locator(".graphiql-dialog-close path").first.bounding_box()
            assert cross is not None
            assert cross["width"] > 8
            await window.screenshot(f"{theme}-{label.split()[1]}")
            await page.keyboard.press("Escape")
            await page.wait_for_selector(".graphiql-dialog", state="detached")
            assert await page.evaluate("document.adoptedStyleSheets.length") == 0
        await page.click("#open-examples")
        assert await window.axe_findings(axe, within="#examples") == []
        await window.screenshot(f"{theme}-examples")


async def test_a_document_with_two_operations_offers_both(open_window: Open, url: str) -> None:
    """The menu that GraphiQL opens then needs no style in the page."""
    async with open_window(url) as window:
        await _open(window)
        await _write(window, "query A { release { number } } query B { release { title } }")
        await _cost(window, "Cost 2")
        await window.page.click(".graphiql-execute-button[aria-haspopup]")
        await window.page.click('[role="menuitem"]:has-text("B")')
        answer = await _answer(window)
        assert set(answer["data"]["release"]) == {"title"}
        assert await window.page.evaluate("document.adoptedStyleSheets.length") == 0


async def test_a_narrow_window(open_window: Open, url: str, axe: str) -> None:
    """Nothing is cut off, and the answer stands below the document."""
    async with open_window(url, width=390) as window:
        await _open(window, "/graphql/2026-10?query={release{number,title}}")
        await _answer(window)
        assert await window.width_overflow() == 0
        document = await window.page.locator(_EDITOR).bounding_box()
        answer = await window.page.locator(_ANSWER).bounding_box()
        assert document is not None
        assert answer is not None
        assert answer["y"] >= document["y"] + document["height"]
        assert min(document["width"], answer["width"]) > 250
        assert await window.axe_findings(axe) == []
        await window.page.click('[aria-label="Show Documentation Explorer"]')
        await window.page.wait_for_selector(".graphiql-doc-explorer")
        assert await window.width_overflow() == 0
        await window.screenshot("narrow")


async def test_it_speaks_chinese(open_window: Open, url: str, axe: str) -> None:
    """By the browser's language, or by the button, which is remembered."""
    async with open_window(url, locale="zh-CN") as window:
        await _open(window)
        assert await window.page.get_attribute("html", "lang") == "zh-Hans"
        assert await _cost(window, "成本") == "成本 2\uff0c上限 10,000"
        await _run(window)
        assert "读自数据发布 3" in await window.page.inner_text("#ran")
        await window.page.click("#open-examples")
        titles = await window.page.locator("#examples li button").all_inner_texts()
        assert set(titles) == {each.chinese for each in _shown("2026-10")}
        assert await window.axe_findings(axe, within="#examples") == []
        await window.screenshot("examples")
        links = await window.page.locator("header a").evaluate_all(
            "all => all.map(a => a.pathname)"
        )
        assert links == ["/zh/", "/zh/reference/2026-10", "/zh/guides/ide"]
        await window.page.keyboard.press("Escape")
        await window.screenshot("page")
        await window.page.click("#language")
        assert await window.page.get_attribute("html", "lang") == "en"
        await window.page.reload()
        await window.page.wait_for_selector("body[data-ready]")
        assert await window.page.inner_text("#open-examples") == "Examples"


async def test_it_speaks_the_language_of_the_page_that_led_there(
    open_window: Open, url: str
) -> None:
    """Whatever the browser's, since somebody chose it."""
    async with open_window(url) as window:
        await window.open("/zh/")
        await window.page.click('header a[href^="/graphql"]')
        await window.page.wait_for_selector("body[data-ready]")
        assert await window.page.get_attribute("html", "lang") == "zh-Hans"
        await window.page.click(".mark")
        await window.page.wait_for_url(f"{url}/zh/")


async def test_a_service_that_is_away_is_told(open_window: Open, url: str) -> None:
    """In words, beside what was written."""
    expected = ["failed: POST", "ERR_INTERNET_DISCONNECTED"]
    async with open_window(url, expected=expected) as window:
        await _open(window)
        await window.page.context.set_offline(True)
        answer = await _run(window)
        assert answer == {
            "errors": [
                {"message": "The service does not answer. Is it running, and are you connected?"}
            ]
        }
        await _write(window, "{ __typename }")
        await _cost(window, "does not answer")


async def test_without_scripts_there_is_a_way(open_window: Open, url: str) -> None:
    """A command to copy, which answers, and links."""
    # Chromium says so of scripts that it was told not to run.
    async with open_window(url, javascript=False, expected=[r"\.js: csp$"]) as window:
        await window.open("/graphql/2026-10")
        assert not await window.page.is_visible("#open-examples")
        command = await window.page.inner_text("noscript code >> nth=0")
        await window.screenshot("plain")
    (address,) = re.findall(r"^curl --globoff '(http://127.0.0.1:8000(/.*))'$", command)
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.get(address[1])
    assert answer.json()["data"]["release"]["title"] == "Release 3 (synthetic data)"


async def test_keys_are_sent_and_not_kept(open_window: Open, url: str) -> None:
    """A header that is written goes to the service; nothing in the browser remembers it."""
    async with open_window(url, expected=["status 401", "Failed to load resource"]) as window:
        await _open(window)
        await window.page.click('.graphiql-editor-tools button:has-text("Headers")')
        headers = ".graphiql-editor-tool .graphiql-editor:nth-child(2) .CodeMirror"
        await _write(window, '{"Authorization": "Bearer not-a-key"}', headers)
        answer = await _run(window)
        assert answer["errors"][0]["extensions"]["code"] == "INVALID_KEY"
        await window.page.wait_for_timeout(800)
        kept = await window.page.evaluate("JSON.stringify(localStorage)")
        assert "not-a-key" not in kept
        await window.page.reload()
        await window.page.wait_for_selector("body[data-ready]")
        assert "not-a-key" not in await window.page.content()


@pytest.fixture
def plain_url(published: Access, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A running service of an installation that could not build its IDE."""
    own = {
        name: asset
        for name, asset in Bundle.installed().assets.items()
        if name not in NEEDED and name != "licences.txt"
    }
    monkeypatch.setattr(Bundle, "installed", classmethod(lambda cls: cls(own)))
    with serving(published, Settings(anonymous_quota=0)) as base:
        yield base


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
async def test_without_graphiql_there_is_a_plain_editor(
    open_window: Open, plain_url: str, axe: str, theme: Theme, width: int
) -> None:
    """It says why, and still has examples, costs, releases and answers."""
    async with open_window(plain_url, theme=theme, width=width) as window:
        page = window.page
        await _open(window)
        assert "cordgraph ide build" in await page.inner_text('[role="note"]')
        assert await _cost(window, "Cost") == "Cost 2 of 10,000"
        await page.click("#open-examples")
        (example,) = [each for each in examples() if each.name == "pinned-growth"]
        await page.locator("#examples li button", has_text=example.title).first.click()
        assert await page.input_value("#field-query") == example.document
        await _cost(window, "Cost 3 of")
        await page.keyboard.press("Control+Enter")
        await page.locator("#editor pre", has_text='"first"').wait_for()
        answer = json.loads(await page.inner_text("#editor pre"))
        assert answer["extensions"]["cordgraph"]["releases"] == [1, 3]
        assert await window.axe_findings(axe) == []
        assert await window.width_overflow() == 0
        await window.screenshot(theme)
        await page.fill("#field-variables", "{")
        await page.click("#editor button")
        await page.locator("#editor pre", has_text="not JSON").wait_for()
