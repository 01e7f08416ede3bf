"""Cursors that the service did not make for the list: each is refused with its code, as data."""

import base64
from typing import Any

import pytest

from tests.graphql_client import GraphQLClient
from tests.oracle import selected

VERSION = "2027-01"
SCOPE = "units@4/ID"
ID = selected(4)[5]
KEY = f"0:{ID}"

LIST = """
query ($order: UnitOrder!, $filter: UnitFilter,
       $first: Int, $after: String, $last: Int, $before: String) {
  units(release: 4, filter: $filter, orderBy: $order,
        first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage }
  }
}
"""
PAGINGS = [("first", "after"), ("last", "before")]


def _cursor(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


GOOD = _cursor(f"{SCOPE}|{KEY}")
assert len(f"{SCOPE}|{KEY}") % 3 == 1, "the last character of GOOD has four bits to spare"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _with_spare_bits(cursor: str) -> str:
    """Return another text of the same bytes."""
    return cursor[:-1] + _ALPHABET[_ALPHABET.index(cursor[-1]) + 1]


NO_CURSORS = {
    "empty": "",
    "padded": GOOD + "==",
    "spare bits": _with_spare_bits(GOOD),
    "line break": GOOD + "\n",
    "space": " " + GOOD,
    "cut": GOOD[:-2] + "!",
    "one character too many": GOOD + "A" * (5 - len(GOOD) % 4),
    "standard alphabet": _cursor(f"{SCOPE}|0:~~~~").replace("_", "/").replace("-", "+"),
    "too long": _cursor(f"{SCOPE}|0:{'a' * 90}"),
    "letters beyond ASCII": _cursor(f"{SCOPE}|0:é"),
    "no text": _cursor(b"\xff\xfe" + SCOPE.encode() + b"|" + KEY.encode()),
    "zero byte": _cursor(f"{SCOPE}|{KEY}\0"),
    "control character": _cursor(f"{SCOPE}|{KEY}\x1b"),
    "line break inside": _cursor(f"{SCOPE}|{KEY}\n"),
    "delete": _cursor(f"{SCOPE}|{KEY}\x7f"),
    "no key": _cursor(f"{SCOPE}|"),
    "no separator": _cursor(SCOPE),
    "not base64": "not a cursor",
}
"""Texts that are no cursor of any list."""

OTHER_LISTS = {
    "order": f"units@4/TNC_DESC|{KEY}",
    "another order": f"units@4/TNC_ASC|{KEY}",
    "unknown order": f"units@4/BANK|{KEY}",
    "no order": f"units@4|{KEY}",
    "release": f"units@3/ID|{KEY}",
    "later release": f"units@5/ID|{KEY}",
    "release written otherwise": f"units@04/ID|{KEY}",
    "no release": f"units/ID|{KEY}",
    "name": f"unit@4/ID|{KEY}",
    "case": f"Units@4/ID|{KEY}",
    "banks": "banks@4|BJ",
    "indications": "indications@4|AML",
    "releases": "releases|000000004",
    "nothing": "|0",
}
"""Cursors that are well-formed and belong elsewhere."""

NO_PLACES = {
    "no rank": ID,
    "empty rank": f":{ID}",
    "words": f"zero:{ID}",
    "not a number": f"nan:{ID}",
    "below all ranks": f"-2:{ID}",
    "below all ranks by a hair": f"-1.5:{ID}",
    "minus infinity": f"-inf:{ID}",
    "point": f"0.0:{ID}",
    "leading zero": f"00:{ID}",
    "plus": f"+0:{ID}",
    "spaces": f" 0:{ID}",
    "underscore": f"1_0:{ID}",
    "exponent": f"1e1:{ID}",
    "more digits than there are": f"8.12345678901234567890:{ID}",
    "zero at the end": f"12.50:{ID}",
    "capitals": f"NaN:{ID}",
}
"""Keys of the right list whose rank the service never writes."""


def _refused(
    client: GraphQLClient, cursor: str, paging: tuple[str, str], order: str = "ID"
) -> tuple[str, str]:
    """Return the code and the message with which a page is refused."""
    size_name, cursor_name = paging
    (refusal,) = client.refusals(
        LIST, version=VERSION, order=order, **{size_name: 3, cursor_name: cursor}
    )
    assert refusal.path.split("/")[0] == "units"
    return refusal.code, refusal.message


@pytest.mark.parametrize("paging", PAGINGS, ids="-".join)
@pytest.mark.parametrize("name", NO_CURSORS)
def test_only_the_exact_text_of_a_cursor_is_read(
    changing_client: GraphQLClient, name: str, paging: tuple[str, str]
) -> None:
    """Other texts of the same bytes, other bytes and other texts are no cursors."""
    code, message = _refused(changing_client, NO_CURSORS[name], paging)
    assert code == "INVALID_CURSOR"
    assert message.startswith(f'Argument "{paging[1]}": "')
    assert message.endswith(
        '" is not a cursor of this service. Use a cursor from an edge or from pageInfo.'
    )


@pytest.mark.parametrize("paging", PAGINGS, ids="-".join)
@pytest.mark.parametrize("name", OTHER_LISTS)
def test_a_cursor_serves_its_own_list_release_and_order(
    changing_client: GraphQLClient, name: str, paging: tuple[str, str]
) -> None:
    """A cursor of any other list is refused, and the message says which list this is."""
    code, message = _refused(changing_client, _cursor(OTHER_LISTS[name]), paging)
    assert code == "INVALID_CURSOR"
    assert message.startswith(f'Argument "{paging[1]}": this cursor belongs to "')
    assert message.endswith(
        'and this list is "units" of release 4 in the order ID. A cursor serves only the release '
        "and order it came from."
    )


@pytest.mark.parametrize("paging", PAGINGS, ids="-".join)
@pytest.mark.parametrize("order", ["ID", "TNC_DESC", "TNC_ASC"])
@pytest.mark.parametrize("name", NO_PLACES)
def test_a_rank_that_is_never_written_is_refused(
    changing_client: GraphQLClient, name: str, order: str, paging: tuple[str, str]
) -> None:
    """Out of range, not a number, or written otherwise: no page is read from there."""
    cursor = _cursor(f"units@4/{order}|{NO_PLACES[name]}")
    code, message = _refused(changing_client, cursor, paging, order)
    assert code == "INVALID_CURSOR"
    assert message == (f'The cursor marks no unit: "{NO_PLACES[name]}". Use one from an edge.')


@pytest.mark.parametrize("paging", PAGINGS, ids="-".join)
@pytest.mark.parametrize("order", ["ID", "TNC_DESC", "TNC_ASC"])
@pytest.mark.parametrize("rank", ["-0", "-1", "0", "8", "9", "12.5", "13", "inf"])
def test_a_rank_that_is_not_the_units_own_is_refused_or_a_place(
    changing_client: GraphQLClient, rank: str, order: str, paging: tuple[str, str]
) -> None:
    """Such a cursor is no mistake of a client: it is refused in whole or marks an exact place.

    Whatever the rank, nothing fails in another way, and no page skips or repeats units.
    """
    size_name, cursor_name = paging
    cursor = _cursor(f"units@4/{order}|{rank}:{ID}")
    variables = {"order": order, size_name: 3, cursor_name: cursor}
    body = changing_client.post(LIST, variables, version=VERSION).json()
    if "errors" in body:
        assert [error["extensions"] for error in body["errors"]] == [{"code": "INVALID_CURSOR"}]
        assert body["data"] == {"units": None}
        return
    units, ids = body["data"]["units"], selected(4, order=order)
    found = [node["id"] for node in units["nodes"]]
    info = units["pageInfo"]
    start = ids.index(found[0]) if found else len(ids) if info["hasPreviousPage"] else 0
    assert found == ids[start : start + len(found)]
    assert info == {
        "hasPreviousPage": start > 0,
        "hasNextPage": start + len(found) < len(ids),
    }


@pytest.mark.parametrize("part", ["nodes { id }", "edges { cursor }", "pageInfo { endCursor }"])
@pytest.mark.parametrize("key", ["nan:x", f"-2:{ID}"])
def test_every_part_of_a_page_refuses_a_place_that_is_none(
    changing_client: GraphQLClient, part: str, key: str
) -> None:
    """Whatever is selected; what others ask for in the same request has its answer."""
    data: Any = changing_client.post(
        f"query ($c: String!) {{ bad: units(first: 3, after: $c) {{ {part} }}"
        " good: units(first: 3) { totalCount nodes { id } } }",
        {"c": _cursor(f"{SCOPE}|{key}")},
    ).json()
    assert [error["extensions"] for error in data["errors"]] == [{"code": "INVALID_CURSOR"}]
    assert data["data"] == {
        "bad": None,
        "good": {"totalCount": 215, "nodes": [{"id": id_} for id_ in selected(4)[:3]]},
    }


@pytest.mark.parametrize(
    ("field", "scope"),
    [("banks", "banks@4"), ("indications", "indications@4"), ("releases", "releases")],
)
def test_cursors_of_short_lists_serve_their_own_list_only(
    changing_client: GraphQLClient, field: str, scope: str
) -> None:
    """A cursor of another list or release is refused, its own is taken."""
    document = f"query ($c: String!) {{ {field}(after: $c) {{ totalCount }} }}"
    for text in ("units@4/ID|x", "banks@3|BJ", "indications@3|AML", "releases@4|000000001", "x|1"):
        (refusal,) = changing_client.refusals(document, c=_cursor(text))
        assert (refusal.path, refusal.code) == (field, "INVALID_CURSOR")
    changing_client.ask(document, c=_cursor(f"{scope}|x"))


def test_a_cursor_serves_every_filter_of_its_release_and_order(
    changing_client: GraphQLClient,
) -> None:
    """Under the root, a release and a bank: the place is the same for all lists of units."""
    data = changing_client.ask(
        "query ($c: String!) { units(first: 1, after: $c) { nodes { id } }"
        " release { units(first: 1, after: $c) { nodes { id } } }"
        ' bank(code: "SH") { units(first: 1, after: $c) { nodes { id } } } }',
        c=GOOD,
    )
    (shanghai, *_) = (id_ for id_ in selected(4, {"bank": ["SH"]}) if id_ > ID)
    following = {"nodes": [{"id": selected(4)[6]}]}
    assert data == {
        "units": following,
        "release": {"units": following},
        "bank": {"units": {"nodes": [{"id": shanghai}]}},
    }
