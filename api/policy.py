"""What a browser that shows an answer may load and run (Content Security Policy, level 3)."""

from api.head import Head

POLICY = b"content-security-policy"
"""Name of the header field, as it is sent."""
_CLOSED = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def policy_of(*directives: str) -> str:
    """Return a policy that allows nothing but what ``directives`` name.

    No page may be framed, send a form, or move what its addresses are relative to.
    """
    return "; ".join(("default-src 'none'", *directives, _CLOSED))


NO_PAGE = Head.of({POLICY.decode(): policy_of()})
"""The policy of whatever is no page: data, documents, errors."""
