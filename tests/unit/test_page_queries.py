"""The documents by which pages ask the contract."""

from pathlib import Path

import pytest
from graphql import parse, validate

from api.pages.asking import query_text
from api.pages.pictures.picture import PICTURES
from schema.build import build_schema
from schema.cost import cost_of
from schema.limits import LIMITS
from schema.versions import VERSIONS

_FOLDER = Path(__file__).parents[2] / "api" / "pages" / "queries"
_NAMES = sorted(path.stem for path in _FOLDER.glob("*.graphql"))


@pytest.mark.parametrize("name", _NAMES)
def test_a_document_would_be_answered_to_anybody(name: str) -> None:
    """Valid in the newest version, and within the cost of a single request."""
    schema = build_schema(VERSIONS.newest.name)._schema
    document = parse(query_text(name))
    assert validate(schema, document) == []
    assert cost_of(schema, document, None, {"language": "EN"}).total <= LIMITS.max_cost


def test_every_document_is_of_use() -> None:
    """Each is named where pages are made, and each picture has its own."""
    code = "".join(path.read_text(encoding="utf-8") for path in _FOLDER.parent.rglob("*.py"))
    pictures = {picture.query for picture in PICTURES}
    assert {name for name in _NAMES if name.startswith("picture_")} == pictures
    plain = [name.partition("_")[0] for name in _NAMES if name not in pictures]
    assert [name for name in plain if f'"{name}"' not in code and f'"{name}_' not in code] == []
    assert len(_NAMES) > len(pictures) > 8
