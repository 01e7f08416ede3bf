"""The examples among the documentation: a question, its document, variables and answer.

They run as tests, so that what is shown of them is true.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, parse, validate

FOLDER = "docs/examples"
"""Where they lie among the documentation; an installed package carries a copy."""
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEAD = re.compile(r"# (?P<title>.+)\n\n\*(?P<chinese>.+)\* · for (?P<uses>.+)\n\n")


class Audience(StrEnum):
    """Whom an example is for, in the order in which they are shown."""

    DEVELOPERS = "developers"
    PARTNERS = "partners"
    PORTALS = "portals"
    CLINICIANS = "clinicians"


@dataclass(frozen=True)
class Example:
    """One example.

    Attributes:
        name: Its file without the ending, for instance ``units-for-a-patient``.
        title: The question.
        chinese: The same in Chinese.
        audiences: Whom it is for; the first one most.
        words: What to know of it, as Markdown.
        document: The document in GraphQL.
        variables: Values of its variables.
        answer: The answer that the demonstration gives, as JSON.
    """

    name: str
    title: str
    chinese: str
    audiences: tuple[Audience, ...]
    words: str
    document: str
    variables: Mapping[str, Any]
    answer: str

    @classmethod
    def of(cls, name: str, text: str) -> "Example":
        """Read an example.

        Raises:
            ValueError: The page has another form.
        """
        head = _HEAD.match(text)
        blocks = dict(_BLOCK.findall(text))
        if head is None or not blocks.keys() >= {"graphql", "json"}:
            raise ValueError(f"{name}.md is no example: see the others in {FOLDER}.")
        return cls(
            name=name,
            title=head["title"],
            chinese=head["chinese"],
            audiences=tuple(Audience(each) for each in re.split(r", | and ", head["uses"])),
            words=text[head.end() : text.index("```graphql")].strip(),
            document=blocks["graphql"],
            variables=json.loads(blocks.get("variables", "{}")),
            answer=blocks["json"],
        )

    def is_valid(self, schema: GraphQLSchema) -> bool:
        """Tell whether the document can be asked of a version of the schema."""
        return not validate(schema, parse(self.document))


@cache
def examples() -> tuple[Example, ...]:
    """Return all examples, by name."""
    found = {each.name.removesuffix(".md"): each for each in _folder().iterdir()}
    return tuple(
        Example.of(name, page.read_text(encoding="utf-8"))
        for name, page in sorted(found.items())
        if page.name.endswith(".md")
    )


def _folder() -> Traversable:
    packaged = files("schema") / "examples"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / FOLDER
