"""Banks and indications as each release knew them: rows change, come and go."""

from typing import Any

import pytest

from tests.changing_world import BATCHES
from tests.graphql_client import GraphQLClient

EARLY = {"code": "BJ", "name": "Beijing, as first known", "zh": "北京一", "city": "Beijing"}
LATE = {"code": "BJ", "name": "Beijing, as known now", "zh": "北京二", "city": "Peking"}
GUANGDONG = {"code": "GD", "name": "Guangdong", "zh": "广东", "city": "Guangzhou"}
SICHUAN = {"code": "SC", "name": "Sichuan", "zh": "四川", "city": "Chengdu"}
SHANGHAI = {"code": "SH", "name": "Shanghai", "zh": "上海", "city": "Shanghai"}
BANKS = {
    1: [EARLY, GUANGDONG, SICHUAN],
    2: [EARLY, GUANGDONG, SICHUAN, SHANGHAI],
    3: [LATE, GUANGDONG, SICHUAN, SHANGHAI],
    4: [LATE, GUANGDONG, SHANGHAI],
}

AML_EARLY = {"code": "AML", "name": "Myeloid leukaemia, as first known", "icd10": "C92"}
AML_LATE = {"code": "AML", "name": "Myeloid leukaemia, as known now", "icd10": "C92.0"}
FANCONI = {"code": "FA", "name": "Fanconi anaemia", "icd10": "D61.0"}
SICKLE = {"code": "SCD", "name": "Sickle cell disease", "icd10": "D57"}
WISKOTT = {"code": "WAS", "name": "Wiskott-Aldrich syndrome", "icd10": "D82.0"}
INDICATIONS = {
    1: [AML_EARLY, FANCONI, SICKLE],
    2: [AML_EARLY, SICKLE],
    3: [AML_LATE, SICKLE],
    4: [AML_LATE, SICKLE, WISKOTT],
}

BANK = "code name zh: name(language: ZH) city"
INDICATION = "code name icd10"


def _by_code(rows: list[dict[str, str]], code: str) -> dict[str, str] | None:
    return next((row for row in rows if row["code"] == code), None)


@pytest.mark.parametrize("release", BANKS)
def test_each_release_lists_the_banks_that_it_knew(
    changing_client: GraphQLClient, release: int
) -> None:
    """One row for each code, by argument as by address."""
    document = f"query ($n: Int) {{ banks(release: $n) {{ totalCount nodes {{ {BANK} }} }} }}"
    expected = {"banks": {"totalCount": len(BANKS[release]), "nodes": BANKS[release]}}
    assert changing_client.ask(document, n=release) == expected
    assert changing_client.ask(document, release=release) == expected


@pytest.mark.parametrize("release", BANKS)
@pytest.mark.parametrize("code", ["BJ", "GD", "SC", "SH"])
def test_each_release_reads_its_own_row_of_a_bank(
    changing_client: GraphQLClient, release: int, code: str
) -> None:
    """By code, as a node and among nodes; null before the bank came and after it went."""
    data = changing_client.ask(
        "query ($n: Int, $code: String!, $id: ID!) {"
        f" bank(code: $code, release: $n) {{ {BANK} }}"
        f" node(id: $id, release: $n) {{ ... on Bank {{ {BANK} }} }}"
        f" nodes(ids: [$id], release: $n) {{ ... on Bank {{ {BANK} }} }} }}",
        n=release,
        code=code,
        id=f"bnk_{code}",
    )
    row = _by_code(BANKS[release], code)
    assert data == {"bank": row, "node": row, "nodes": [row]}


@pytest.mark.parametrize("release", BANKS)
def test_a_unit_and_a_cell_name_the_bank_as_their_release_knew_it(
    changing_client: GraphQLClient, release: int
) -> None:
    """The same unit, held by all four releases, has the early row in two and the late in two."""
    id_ = BATCHES[0].ids[0]
    data = changing_client.ask(
        f"query ($n: Int, $id: ID!) {{ unit(id: $id, release: $n) {{ bank {{ {BANK} }} }}"
        ' units(release: $n, first: 1, filter: {bank: ["BJ"]}) {'
        f" nodes {{ bank {{ {BANK} }} }} inventory(groupBy: [BANK]) {{ bank {{ {BANK} }} }} }} }}",
        n=release,
        id=id_,
    )
    row = {"bank": EARLY if release < 3 else LATE}
    assert data == {"unit": row, "units": {"nodes": [row], "inventory": [row]}}


def test_one_request_reads_the_rows_of_several_releases(changing_client: GraphQLClient) -> None:
    """What is read together is not mixed up."""
    data = changing_client.ask(
        "{"
        + " ".join(
            f'b{n}: bank(code: "BJ", release: {n}) {{ {BANK} }} '
            f'i{n}: indication(code: "AML", release: {n}) {{ {INDICATION} }}'
            for n in (4, 2, 1, 3)
        )
        + "}"
    )
    assert data == {
        "b1": EARLY, "b2": EARLY, "b3": LATE, "b4": LATE,
        "i1": AML_EARLY, "i2": AML_EARLY, "i3": AML_LATE, "i4": AML_LATE,
    }  # fmt: skip


@pytest.mark.parametrize("release", INDICATIONS)
def test_each_release_lists_the_indications_that_it_knew(
    changing_client: GraphQLClient, release: int
) -> None:
    """One row for each code, by argument as by address, and a search sees no other row."""
    document = (
        f"query ($n: Int) {{ indications(release: $n) {{ totalCount nodes {{ {INDICATION} }} }}"
        ' found: indications(release: $n, search: "as known now") { totalCount } }'
    )
    rows = INDICATIONS[release]
    expected: dict[str, Any] = {
        "indications": {"totalCount": len(rows), "nodes": rows},
        "found": {"totalCount": 0 if release < 3 else 1},
    }
    assert changing_client.ask(document, n=release) == expected
    assert changing_client.ask(document, release=release) == expected


@pytest.mark.parametrize("release", INDICATIONS)
@pytest.mark.parametrize("code", ["AML", "FA", "SCD", "WAS"])
def test_each_release_reads_its_own_row_of_an_indication(
    changing_client: GraphQLClient, release: int, code: str
) -> None:
    """By code, as a node and among nodes; null before the indication came and after it went."""
    data = changing_client.ask(
        "query ($n: Int, $code: String!, $id: ID!) {"
        f" indication(code: $code, release: $n) {{ {INDICATION} }}"
        f" node(id: $id, release: $n) {{ ... on Indication {{ {INDICATION} }} }}"
        f" nodes(ids: [$id], release: $n) {{ ... on Indication {{ {INDICATION} }} }} }}",
        n=release,
        code=code,
        id=f"ind_{code}",
    )
    row = _by_code(INDICATIONS[release], code)
    assert data == {"indication": row, "node": row, "nodes": [row]}


def test_cursors_of_a_list_serve_the_release_that_they_came_from(
    changing_client: GraphQLClient,
) -> None:
    """Paging through the banks of release 3 ends with the one that release 4 does not know."""
    document = (
        "query ($n: Int, $c: String) { banks(release: $n, first: 2, after: $c) {"
        " nodes { code } pageInfo { endCursor hasNextPage } } }"
    )
    first = changing_client.ask(document, n=3)["banks"]
    assert first["nodes"] == [{"code": "BJ"}, {"code": "GD"}]
    cursor = first["pageInfo"]["endCursor"]
    second = changing_client.ask(document, n=3, c=cursor)["banks"]
    assert second["nodes"] == [{"code": "SC"}, {"code": "SH"}]
    assert second["pageInfo"]["hasNextPage"] is False
    assert [each.code for each in changing_client.refusals(document, n=4, c=cursor)] == [
        "INVALID_CURSOR"
    ]
