"""Examples are read as they are written."""

import pytest

from schema.build import build_schema
from schema.example import Audience, Example, examples
from schema.versions import VERSIONS

_PAGE = """# Who?

*谁?* · for partners, portals and developers

Somebody.

And more.

```graphql
query ($n: Int) { release(number: $n) { title } }
```

Variables:

```variables
{"n": 1}
```

Answer:

```json
{"data": {}}
```
"""


def test_an_example_is_read() -> None:
    """Title in two languages, audiences in order, words, document, variables and answer."""
    assert Example.of("who", _PAGE) == Example(
        name="who",
        title="Who?",
        chinese="谁?",
        audiences=(Audience.PARTNERS, Audience.PORTALS, Audience.DEVELOPERS),
        words="Somebody.\n\nAnd more.",
        document="query ($n: Int) { release(number: $n) { title } }\n",
        variables={"n": 1},
        answer='{"data": {}}\n',
    )


@pytest.mark.parametrize("cut", ["*谁?*", "```graphql", "```json", "partners"])
def test_a_page_without_a_part_is_refused(cut: str) -> None:
    """Nothing is shown by halves."""
    with pytest.raises(ValueError, match=r"no example|not a valid Audience"):
        Example.of("who", _PAGE.replace(cut, "x"))


def test_there_is_something_for_everybody() -> None:
    """Each audience has two examples at least, one that is for it first."""
    for audience in Audience:
        assert len([each for each in examples() if audience in each.audiences]) >= 2
        assert [each for each in examples() if each.audiences[0] is audience]


@pytest.mark.parametrize("version", [each.name for each in VERSIONS.served])
def test_an_example_tells_the_versions_that_know_its_fields(version: str) -> None:
    """A document is valid in the newest version; the words name it where an older has less."""
    schema, newest = build_schema(version)._schema, VERSIONS.served[-1].name
    unknown_here = [each for each in examples() if not each.is_valid(schema)]
    assert [each.name for each in unknown_here if version == newest] == []
    assert [each.name for each in unknown_here if newest not in each.words] == []
    unknown = Example.of("who", _PAGE.replace("title", "shoeSize"))
    assert not unknown.is_valid(schema)
