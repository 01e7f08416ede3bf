"""A client that asks GraphQL over a real socket and insists that every error has a code."""

from typing import Any, NamedTuple

import httpx

_HEADERS = {"accept": "application/graphql-response+json"}


class Refusal(NamedTuple):
    """One error of an answer."""

    path: str
    code: str
    message: str


class GraphQLClient:
    """Asks one service; requests name a version, and the release that they pin if any."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def post(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        version: str = "2026-10",
        release: int | None = None,
    ) -> httpx.Response:
        """Return the response to ``document``, whatever it is."""
        return self.http.post(
            f"/graphql/{version}",
            params={} if release is None else {"release": str(release)},
            json={"query": document, "variables": variables or {}},
            headers=_HEADERS,
        )

    def ask(
        self,
        document: str,
        *,
        version: str = "2026-10",
        release: int | None = None,
        **variables: Any,
    ) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        answer = self.post(document, variables, version=version, release=release)
        body = answer.json()
        assert (answer.status_code, body.get("errors")) == (200, None), body
        data: dict[str, Any] = body["data"]
        return data

    def refusals(
        self, document: str, *, version: str = "2026-10", **variables: Any
    ) -> list[Refusal]:
        """Return the errors of an answer that has data beside them, in the order of paths."""
        answer = self.post(document, variables, version=version)
        assert answer.status_code == 200, answer.text
        return sorted(
            Refusal(
                "/".join(map(str, error["path"])), error["extensions"]["code"], error["message"]
            )
            for error in answer.json()["errors"]
        )
