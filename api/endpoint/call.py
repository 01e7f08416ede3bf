"""One HTTP request to the GraphQL endpoint, as far as its head tells."""

from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope

from api.refusal import RefusalError
from api.visit import Visit, visit_of

if TYPE_CHECKING:
    from api.endpoint.question import Question

_COOKED = frozenset(
    (b"accept", b"accept-encoding", b"authorization", b"content-encoding", b"content-length",
     b"content-type", b"if-none-match")
)  # fmt: skip
"""Header fields that are looked at; repeated lines are joined, as
for a list."""

Raw = tuple[str, str, bytes, bytes, bytes, bytes]
"""What decides how a request is understood: method, path, query, Accept, Content-Type, body."""


class Call:
    """A request. Nothing of it has been understood yet.

    Attributes:
        scope: The request of ASGI.
        receive: Gives its body, and then word of the client's departure.
        method: The method; HEAD is understood as GET.
        fields: The header fields that matter here, in lower case.
        body: The body once it is read.
        unread: Why it cannot be read.
        question: What is asked, if the same request was understood before.
    """

    __slots__ = (
        "body",
        "fields",
        "method",
        "question",
        "receive",
        "scope",
        "unread",
    )

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.body: bytes | None = None
        self.unread: RefusalError | None = None
        self.question: Question | None = None
        fields: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _COOKED:
                fields[name] = value if name not in fields else fields[name] + b", " + value
        self.fields = fields

    def without_connection(self) -> "Call":
        """Return the same request without its body and what belongs to its connection."""
        kept = ("type", "method", "path", "query_string", "headers")
        return Call({name: self.scope[name] for name in kept}, self.receive)

    @property
    def visit(self) -> Visit:
        """What is noted of the request."""
        return visit_of(self.scope)

    @property
    def state(self) -> Any:  # noqa: ANN401 - what the application holds
        """What the application holds while it runs, by name."""
        return self.scope["state"]

    def field(self, name: bytes) -> str:
        """Return a header field; empty if there is none."""
        return self.fields.get(name, b"").decode("latin-1")

    def raw(self) -> Raw | None:
        """Return what decides how the request is understood; ``None`` if it must be looked at."""
        if b"content-encoding" in self.fields:
            return None
        fields = self.fields
        return (
            "GET" if self.method == "HEAD" else self.method,
            self.scope["path"],
            self.scope["query_string"],
            fields.get(b"accept", b""),
            fields.get(b"content-type", b""),
            self.body or b"",
        )
