"""The outermost layer around an application that fails."""

import asyncio

import httpx
import pytest
import structlog
from starlette.types import Receive, Scope, Send

from api.edge import Edge


async def _fails_at_once(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise LookupError("a secret of the house")


async def _fails_halfway(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half"})
    raise LookupError("a secret of the house")


async def test_what_nobody_caught_is_a_masked_problem() -> None:
    """500 with the request id that is in the log, and nothing of the exception."""
    transport = httpx.ASGITransport(Edge(_fails_at_once))
    with structlog.testing.capture_logs() as lines:
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            answer = await client.get("/")
    request_id = answer.headers["request-id"]
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "An internal error, which is not your fault. Report it with the request id.",
        "requestId": request_id,
    }
    assert [(line["event"], line["request_id"]) for line in lines] == [
        ("fault", request_id),
        ("request", request_id),
    ]
    assert (lines[1]["status"], lines[1]["codes"]) == (500, ["INTERNAL"])


@pytest.mark.parametrize(("path", "words"), [("/", "on our side"), ("/zh/", "我们这边出了问题")])
async def test_a_browser_gets_a_page_with_the_request_id(path: str, words: str) -> None:
    """In the language of the address, as masked as a problem, and never kept."""
    transport = httpx.ASGITransport(Edge(_fails_at_once))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.get(path, headers={"accept": "text/html,*/*;q=0.8"})
        posted = await client.post(path, headers={"accept": "text/html"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert f"<code>{answer.headers['request-id']}</code>" in answer.text
    assert words in answer.text
    assert "secret" not in answer.text
    assert posted.headers["content-type"] == "application/problem+json"


async def _awaits_what_is_cancelled(_scope: Scope, _receive: Receive, _send: Send) -> None:
    value = asyncio.get_running_loop().create_future()
    value.cancel()
    await value


async def test_a_cancelled_value_is_a_fault_and_no_bare_500() -> None:
    """A cancellation that is not the request's own is masked like any other fault."""
    transport = httpx.ASGITransport(Edge(_awaits_what_is_cancelled))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        answer = await client.get("/")
    assert answer.status_code == 500
    assert answer.json()["requestId"] == answer.headers["request-id"]


async def test_a_cancelled_request_ends() -> None:
    """The request's own cancellation passes through, with no answer made up."""

    async def waits(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.Event().wait()

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}

    async def nothing() -> dict[str, object]:
        return {}

    async def refuse(_message: object) -> None:
        pytest.fail("nothing may be sent")

    task = asyncio.create_task(Edge(waits)(scope, nothing, refuse))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_failure_after_the_answer_is_logged_only() -> None:
    """What has been sent stands."""
    transport = httpx.ASGITransport(Edge(_fails_halfway))
    with structlog.testing.capture_logs() as lines:
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            answer = await client.get("/")
    assert (answer.status_code, answer.content) == (200, b"half")
    assert [line["event"] for line in lines] == ["fault", "request"]


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
async def test_what_is_not_http_passes_by(kind: str) -> None:
    """Only HTTP requests have an id, a log line and headers."""
    seen: list[Scope] = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def unused() -> dict[str, object]:
        raise AssertionError

    async def unused_send(_message: object) -> None:
        raise AssertionError

    scope = {"type": kind}
    with structlog.testing.capture_logs() as lines:
        await Edge(inner)(scope, unused, unused_send)
    assert (seen, lines) == ([{"type": kind}], [])
