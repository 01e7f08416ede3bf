"""``/export`` and ``/export/<version>``: all units that a document selects, line by line."""

from collections.abc import Mapping

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.coding import Coding, accepted_codings
from api.departure import Departure, require_lasting
from api.endpoint.answer import VARY
from api.endpoint.body import ACCEPT_QUERY
from api.endpoint.call import Call
from api.endpoint.graphql import GraphQLEndpoint, open_account, require_coding
from api.endpoint.outcome import newest_catalogue
from api.endpoint.parameters import url_parameters
from api.endpoint.reader import ALLOW, Request
from api.export.coding import StreamCoder, stream_coder
from api.export.document import export_of
from api.export.lines import CsvLines, Format, Lines, NdjsonLines
from api.export.pages import Page, Pages
from api.export.parameters import ExportParameters
from api.export.streams import Streams
from api.export.trouble import Trouble
from api.head import fields_of
from api.limits import exceeded
from api.negotiation import MediaType
from api.quota.meter import Account
from api.refusal import RefusalError
from api.reply import break_off
from api.settings import Settings
from api.visit import Visit
from domain.identifiers import is_unit_id
from schema.errors import Code
from schema.limits import LIMITS, Limits
from schema.paging import release_of


class ExportEndpoint:
    """An ASGI application that executes page after page of what a document selects.

    Each page is read by the executor that answers ``/graphql``, and counts as one request to it, so
    that an export can neither say nor cost anything else.
    """

    def __init__(
        self, graphql: GraphQLEndpoint, settings: Settings, limits: Limits = LIMITS
    ) -> None:
        """Export what ``graphql`` answers, in the same turns."""
        self._graphql = graphql
        self._limits = limits
        self._streams = Streams(settings.max_exports)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        call = Call(scope, receive)
        if call.method == "OPTIONS":
            allowed = {"Allow": ALLOW, "Accept-Query": ACCEPT_QUERY, "Vary": VARY}
            await Response(status_code=204, headers=allowed)(scope, receive, send)
            return
        try:
            await self._answer(call, send)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - it is logged and masked
            trouble, visit = Trouble.of(error), call.visit
            trouble.note(visit)
            headers = {"Vary": VARY, **_headers(visit)}
            await trouble.problem(visit.request_id, headers)(scope, receive, send)

    async def _answer(self, call: Call, send: Send) -> None:
        """Begin an export and end it; whatever is raised was raised before the first byte."""
        account = await open_account(call)
        require_coding(call)
        asked = ExportParameters.of(call, url_parameters(call.scope["query_string"]))
        request = await self._graphql.reader.request(call)
        with self._streams.place(account.client.key):
            async with Departure(call.scope, call.receive):
                pages = await self._pages(call, request, asked, account)
                lines = _lines(asked, pages)
                after = asked.after
                if after is not None and is_unit_id(after):
                    after = await pages.cursor_of(after)
                first = await pages.page(after, account)
                written = lines.head + await self._written(lines, first)
                call.visit.releases = first.releases
                stream = _Stream(call, send, lines)
                await stream.begin(pages, first)
                if call.method == "HEAD":
                    await stream.end(b"")
                else:
                    await self._go_on(call, stream, pages, first, written, account)

    async def _pages(
        self, call: Call, request: Request, asked: ExportParameters, account: Account
    ) -> Pages:
        question, document, _ = await self._graphql.reader.question(
            call, request, MediaType.JSON, account
        )
        try:
            export = export_of(document, question.operation_name)
        except RefusalError:
            await account.fine(request.parameters.query or "")
            raise
        return Pages(
            call,
            question.service,
            export,
            question.variables,
            _release(call, request, asked),
            self._graphql.execution,
            self._limits,
            account.client.quota,
        )

    async def _go_on(
        self,
        call: Call,
        stream: "_Stream",
        pages: Pages,
        page: Page,
        written: bytes,
        account: Account,
    ) -> None:
        """Send a page that was read, and read and send the others."""
        while page.more and page.cursor is not None:
            await stream.send(written)
            after = page.cursor
            try:
                require_lasting(call.scope)
                page = await pages.page(after, account.another())
                written = await self._written(stream.lines, page)
            except Exception as error:  # noqa: BLE001 - it is logged and masked
                await stream.give_up(Trouble.of(error), after)
                return
        await stream.end(written)

    async def _written(self, lines: Lines, page: Page) -> bytes:
        written = await lines.lines(page.items)
        if len(written) > self._limits.max_answer_bytes:
            raise exceeded("bytes of a page", len(written), self._limits.max_answer_bytes)
        return written


class _Stream:
    """The body of one export.

    Attributes:
        lines: Its form.
    """

    def __init__(self, call: Call, send: Send, lines: Lines) -> None:
        self.lines = lines
        self._call = call
        self._send = send
        self._coding = accepted_codings(call.fields.get(b"accept-encoding"))[0]
        self._coder: StreamCoder = stream_coder(self._coding)

    async def begin(self, pages: Pages, page: Page) -> None:
        """Send the head."""
        headers = {
            "Content-Type": self.lines.content_type,
            "Cache-Control": "no-store",
            "Vary": VARY,
            **_headers(self._call.visit),
            "CordGraph-Total-Count": str(page.total),
            "CordGraph-Page-Size": str(pages.size),
            "CordGraph-Page-Cost": str(pages.cost.total),
        }
        if self._coding is not Coding.IDENTITY:
            headers["Content-Encoding"] = self._coding.value
        await self._send(
            {"type": "http.response.start", "status": 200, "headers": fields_of(headers)}
        )

    async def send(self, written: bytes) -> None:
        """Send lines, once those before have been taken."""
        await self._body(await self._coder.code(written), more=True)

    async def end(self, written: bytes) -> None:
        """Send the last lines."""
        await self._body(await self._coder.code(written, last=True), more=False)

    async def give_up(self, trouble: Trouble, after: str) -> None:
        """Say in a line why there are no more, and end in a way that nobody takes for the end."""
        visit = self._call.visit
        trouble.note(visit)
        await self.send(self.lines.ending(trouble.told(visit.request_id, after)))
        break_off(self._call.receive)

    async def _body(self, piece: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": more})


def _release(call: Call, request: Request, asked: ExportParameters) -> int | None:
    """Return the release that all pages read: what is pinned, or the latest of this moment.

    A cursor goes on in its own release, whichever is the latest by now.

    Raises:
        RefusalError: INVALID_ARGUMENT: an id says nothing of a release.
        ConnectionError: The database has been away too long.
    """
    if request.release is not None:
        return request.release
    if asked.after is not None:
        if is_unit_id(asked.after):
            raise RefusalError(
                Code.INVALID_ARGUMENT,
                "To go on after the id of a unit, name the release that you have begun with, as in "
                "?release=3; it is in the header CordGraph-Releases of that answer.",
            )
        found = release_of(asked.after)
        if found is not None:
            return found
    latest = newest_catalogue(call).releases.latest
    return None if latest is None else latest.number


def _lines(asked: ExportParameters, pages: Pages) -> Lines:
    if asked.form is Format.NDJSON:
        return NdjsonLines()
    columns = pages.columns()
    if not columns:
        raise RefusalError(
            Code.INVALID_ARGUMENT, "The document selects no value, so a table has no columns."
        )
    return CsvLines(columns, header=asked.header)


def _headers(visit: Visit) -> Mapping[str, str]:
    """Return what an answer says of version, releases, quota and deprecations."""
    headers = {**visit.advice, **(visit.account.headers if visit.account else {})}
    if visit.version:
        headers["CordGraph-Version"] = visit.version
    if visit.releases:
        headers["CordGraph-Releases"] = ", ".join(map(str, visit.releases))
    return headers
