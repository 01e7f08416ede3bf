"""Answers browsers at the GraphQL addresses with the IDE, and programs not at all."""

from collections.abc import Mapping

import strawberry
import structlog
from starlette.routing import Route

from api.coding import Coding, accepted_codings, chosen_coding, compressed
from api.endpoint.answer import VARY
from api.endpoint.call import Call
from api.etag import etag_of, is_known
from api.head import Head
from api.ide.bundle import ROOT, Bundle
from api.ide.page import render_page
from api.negotiation import MediaType, preferred
from api.policy import POLICY, policy_of
from api.reply import Reply
from schema.versions import Versions

PAGE_POLICY = Head.of(
    {
        POLICY.decode(): policy_of(
            "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"
        ),
        "cross-origin-opener-policy": "same-origin",
    }
)
"""What the page may do: its own scripts, styles and pictures, and asking this service."""
_log = structlog.get_logger("cordgraph")
_OFFERED = (MediaType.JSON, MediaType.GRAPHQL, MediaType.HTML)
_CACHE = "public, no-cache"


class Ide:
    """The IDE at the addresses of all versions.

    Attributes:
        complete: Whether it has its editor; else its page says how to build it.
        route: Where its files are.
    """

    def __init__(
        self,
        schemas: Mapping[str, strawberry.Schema],
        versions: Versions,
        bundle: Bundle | None = None,
    ) -> None:
        bundle = bundle or Bundle.installed()
        self.complete = bundle.complete
        if not self.complete:
            _log.warning("the IDE is not built", hint="cordgraph ide build")
        self.route = Route(f"{ROOT}/{{digest}}/{{name}}", bundle.answer)
        self._pages: dict[str, dict[Coding, bytes]] = {
            name: {Coding.IDENTITY: render_page(bundle, name, schemas, versions)}
            for name in schemas
        }

    def is_wanted(self, call: Call) -> bool:
        """Tell whether a request asks for a page by name, and likes it best.

        No wildcard stands for it: whoever takes anything gets JSON.
        """
        if call.method not in ("GET", "HEAD"):
            return False
        accept = call.field(b"accept")
        return MediaType.HTML in accept.lower() and preferred(accept, _OFFERED) is MediaType.HTML

    def reply(self, call: Call, version: str) -> Reply:
        """Answer with the page of a version; 304 if the client has it already."""
        codings = self._pages[version]
        plain = codings[Coding.IDENTITY]
        accepted = accepted_codings(call.fields.get(b"accept-encoding"))
        coding = chosen_coding(accepted, len(plain)) or Coding.IDENTITY
        if coding not in codings:
            codings[coding] = compressed(plain, coding)
        body = codings[coding]
        tag = etag_of(body)
        general = {"Cache-Control": _CACHE, "ETag": tag, "Vary": VARY, "CordGraph-Version": version}
        if is_known([call.field(b"if-none-match")], tag):
            return Reply(304, Head.of(general), policy=PAGE_POLICY)
        own = {
            "Content-Type": f"{MediaType.HTML.value}; charset=utf-8",
            "Content-Length": str(len(body)),
        }
        if coding is not Coding.IDENTITY:
            own["Content-Encoding"] = coding.value
        return Reply(200, Head.of({**own, **general}), body, PAGE_POLICY)
