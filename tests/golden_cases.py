"""Golden documents: a document, what is asked with it, and the answers that are promised.

A case is two files in ``tests/golden/<version>``: ``<name>.graphql``, and ``<name>.json`` with an
object of ``parameters`` (further parameters of the URL, given by hand) and ``answers``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

FOLDER = Path(__file__).parent / "golden"
RELEASES = ("latest", "1", "2", "3")
"""What each document is asked of: the newest release, and each one pinned."""
HEADERS = (
    "content-type",
    "cache-control",
    "vary",
    "cordgraph-version",
    "cordgraph-releases",
    "deprecation",
    "sunset",
    "link",
)
"""Headers that belong to the promise."""


@dataclass(frozen=True)
class GoldenCase:
    """One document of one version.

    Attributes:
        version: Name of the schema version.
        name: Name of the files, without their endings.
    """

    version: str
    name: str

    def __str__(self) -> str:
        return f"{self.version}-{self.name}"

    @property
    def document(self) -> str:
        """Text of the document."""
        return self._path("graphql").read_text(encoding="utf-8")

    @property
    def record(self) -> Path:
        """The file with parameters and answers."""
        return self._path("json")

    @property
    def parameters(self) -> dict[str, Any]:
        """Further parameters of the request, the values as in JSON."""
        return dict(self._content().get("parameters", {}))

    @property
    def answers(self) -> dict[str, Any]:
        """The promised answers by release."""
        return dict(self._content().get("answers", {}))

    def write(self, answers: Mapping[str, Any]) -> None:
        """Promise these answers from now on."""
        content = {"parameters": self.parameters, "answers": answers}
        self.record.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")

    def ask(self, client: httpx.Client, release: str) -> dict[str, Any]:
        """Return the answer of a running service, in the form that is kept."""
        parameters = {"query": self.document}
        for name, value in self.parameters.items():
            parameters[name] = value if isinstance(value, str) else orjson.dumps(value).decode()
        if release != "latest":
            parameters["release"] = release
        answer = client.get(
            f"/graphql/{self.version}",
            params=parameters,
            headers={"accept": "application/graphql-response+json"},
        )
        body = orjson.loads(answer.content)
        # Fields are executed at once, so that their errors come in no promised order.
        body.get("errors", []).sort(key=lambda error: orjson.dumps(error.get("path")))
        return {
            "status": answer.status_code,
            "headers": {name: answer.headers[name] for name in HEADERS if name in answer.headers},
            "body": body,
        }

    def _content(self) -> dict[str, Any]:
        if not self.record.exists():
            return {}
        content: dict[str, Any] = orjson.loads(self.record.read_bytes())
        return content

    def _path(self, ending: str) -> Path:
        return FOLDER / self.version / f"{self.name}.{ending}"


def golden_cases() -> list[GoldenCase]:
    """Return all cases, ordered by version and name."""
    return [GoldenCase(path.parent.name, path.stem) for path in sorted(FOLDER.glob("*/*.graphql"))]
