"""Banks, indications, releases, ids, and the refusals of the contract."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from database.access import Access
from database.pool import Pool, connect
from schema.build import build_schema
from tests.reading import context_of

Ask = Callable[..., Awaitable[dict[str, Any]]]
Refused = Callable[..., Awaitable[dict[str, str]]]


async def test_banks_have_names_in_both_languages(ask: Ask) -> None:
    """The language is an argument, and the place of a bank is given by standard code."""
    data = await ask(
        '{ bank(code: "SC") { id code name chinese: name(language: ZH) city regionCode } }'
    )
    assert data["bank"] == {
        "id": "bnk_SC",
        "code": "SC",
        "name": "Sichuan Cord Blood Bank",
        "chinese": "四川省脐带血造血干细胞库",
        "city": "Chengdu",
        "regionCode": "CN-SC",
    }


async def test_only_verified_facts_are_shown(ask: Ask) -> None:
    """Weakly sourced facts are null, and their source says so."""
    query = (
        "query ($code: String!) { bank(code: $code) { licenceYear operator"
        " sources { field status } } }"
    )
    beijing = (await ask(query, code="BJ"))["bank"]
    shanghai = (await ask(query, code="SH"))["bank"]
    assert beijing["licenceYear"] == 2002
    assert beijing["operator"] == "Beijing Jiachenhong Biological Technologies Co. Ltd."
    assert (shanghai["licenceYear"], shanghai["operator"]) == (None, None)
    assert {"field": "operator", "status": "WEAK"} in shanghai["sources"]


async def test_all_seven_banks_are_listed_by_code(ask: Ask) -> None:
    """A bank without units is there too, with none."""
    banks = (await ask("{ banks { totalCount nodes { code unitCount } } }"))["banks"]
    assert banks["totalCount"] == 7
    assert [bank["code"] for bank in banks["nodes"]] == ["BJ", "GD", "SC", "SD", "SH", "TJ", "ZJ"]
    assert [b["code"] for b in banks["nodes"] if b["unitCount"] == 0] == ["SD", "TJ", "ZJ"]


async def test_indications_are_paged_and_searched(ask: Ask) -> None:
    """Groups and texts in any language or code narrow the list; totals follow."""
    data = await ask(
        """{
          all: indications { totalCount }
          group: indications(group: HAEMOGLOBINOPATHY) { nodes { code } }
          english: indications(search: "thalassaemia") { nodes { code } }
          chinese: indications(search: "地中海") { nodes { code } }
          icd: indications(search: "d56.1") { nodes { code icd10 icd11 orpha } }
        }"""
    )
    assert data["all"] == {"totalCount": 49}
    assert [node["code"] for node in data["group"]["nodes"]] == ["ATHAL", "BTHAL", "SCD"]
    assert data["english"] == data["chinese"] == {"nodes": [{"code": "ATHAL"}, {"code": "BTHAL"}]}
    assert data["icd"]["nodes"] == [
        {"code": "BTHAL", "icd10": "D56.1", "icd11": "3A50.2", "orpha": "231214"}
    ]


async def test_releases_say_how_they_came_about(ask: Ask) -> None:
    """Counts add up from release to release, and only the latest is not superseded."""
    data = await ask(
        "{ releases { nodes { number state synthetic licence unitCount addedUnitCount"
        " withdrawnUnitCount previous { number } digest } } }"
    )
    releases = data["releases"]["nodes"]
    assert [release["number"] for release in releases] == [1, 2, 3]
    assert [release["state"] for release in releases] == ["SUPERSEDED", "SUPERSEDED", "PUBLISHED"]
    assert [release["previous"] for release in releases] == [None, {"number": 1}, {"number": 2}]
    added = [release["addedUnitCount"] for release in releases]
    assert [release["unitCount"] for release in releases] == [
        added[0], added[0] + added[1], sum(added),
    ]  # fmt: skip
    for release in releases:
        assert release["synthetic"] is True
        assert release["licence"] == "CC-BY-4.0"
        assert release["withdrawnUnitCount"] == 0
        assert re.fullmatch("[0-9a-f]{64}", release["digest"])


async def test_anonymity_is_measured(ask: Ask) -> None:
    """The measures agree with the classes that the inventory shows."""
    data = await ask(
        "{ release { unitCount anonymity { k smallestClass classCount maxRisk meanRisk"
        " levels { attribute published level } } units(first: 0) { inventory(groupBy:"
        " [BANK, COLLECTION_PERIOD, ABO_GROUP, TNC, CD34, ADDED_IN]) { units } } } }"
    )
    sizes = [cell["units"] for cell in data["release"]["units"]["inventory"]]
    anonymity = data["release"]["anonymity"]
    assert anonymity["k"] == 11
    assert anonymity["smallestClass"] == min(sizes) >= 11
    assert anonymity["classCount"] == len(sizes)
    assert anonymity["maxRisk"] == 1 / min(sizes)
    assert anonymity["meanRisk"] == len(sizes) / data["release"]["unitCount"]
    assert {"attribute": "volume", "published": False, "level": "not published"} in (
        anonymity["levels"]
    )
    assert {
        "attribute": "tnc",
        "published": True,
        "level": "4 bands cut at 8, 10, 12.5 x 10^8 cells",
    } in anonymity["levels"]


async def test_nodes_come_back_in_the_order_of_their_ids(ask: Ask) -> None:
    """Every kind of object can be fetched by id; an unknown one is null in its place."""
    ids = ["rel_2", "cbu_00000000000000000000", "bnk_BJ", "ind_AML", "bnk_XX", "rel_99", "bnk_BJ"]
    data = await ask("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)
    assert data["nodes"] == [
        {"__typename": "Release", "id": "rel_2"},
        None,
        {"__typename": "Bank", "id": "bnk_BJ"},
        {"__typename": "Indication", "id": "ind_AML"},
        None,
        None,
        {"__typename": "Bank", "id": "bnk_BJ"},
    ]


async def test_an_id_that_is_none_fails_alone(refused: Refused) -> None:
    """The error stands at the place of the id."""
    error = await refused('{ nodes(ids: ["bnk_BJ", "nonsense", "ind_AML"]) { id } }')
    assert (error["path"], error["code"]) == ("nodes/1", "INVALID_ID")


async def test_unknown_codes_are_null(ask: Ask) -> None:
    """Looking for something that is not there is no error."""
    assert await ask('{ bank(code: "XX") { id } indication(code: "?") { id } }') == {
        "bank": None,
        "indication": None,
    }


async def test_the_service_publishes_its_versions_and_limits(ask: Ask) -> None:
    """A client can plan with the numbers."""
    data = await ask("{ service { versions { name status url } limits { maxPageSize maxIds } } }")
    assert data["service"] == {
        "versions": [
            {"name": "2026-10", "status": "CANDIDATE", "url": "graphql/2026-10"},
            {"name": "2027-01", "status": "UNSTABLE", "url": "graphql/2027-01"},
        ],
        "limits": {"maxPageSize": 100, "maxIds": 100},
    }


@pytest.mark.parametrize(
    ("document", "path", "code", "words"),
    [
        ("{ release(number: 4) { id } }", "release", "RELEASE_NOT_FOUND", "no release 4"),
        ("{ release(number: 0) { id } }", "release", "RELEASE_NOT_FOUND", "no release 0"),
        ("{ units(release: -1) { totalCount } }", "units", "RELEASE_NOT_FOUND", "no release -1"),
        ("{ banks(release: 9) { totalCount } }", "banks", "RELEASE_NOT_FOUND", "from 1 to 3"),
        ('{ node(id: "x") { id } }', "node", "INVALID_ID", '"x" is not an id'),
        ('{ unit(id: "bnk_BJ") { id } }', "unit", "INVALID_ID", "not the id of a unit"),
        ("{ units(first: 101) { totalCount } }", "units", "INVALID_ARGUMENT", "not 101"),
        ("{ units(first: 1, last: 1) { totalCount } }", "units", "INVALID_ARGUMENT", "mixture"),
        ('{ units(after: "MQ") { totalCount } }', "units", "INVALID_CURSOR", "not a cursor"),
        (
            "{ units(filter: {tncAtLeast: 1e9}) { totalCount } }",
            "units",
            "INVALID_ARGUMENT",
            "Did you mean 10?",
        ),
        (
            "{ units { inventory(groupBy: [BANK, BANK]) { units } } }",
            "units/inventory",
            "INVALID_ARGUMENT",
            "names a dimension twice",
        ),
    ],
)
async def test_mistakes_are_refused_with_code_and_sentence(
    refused: Refused, document: str, path: str, code: str, words: str
) -> None:
    """The error stands at its field and says what is wrong."""
    error = await refused(document)
    assert (error["path"], error["code"]) == (path, code)
    assert words in error["message"]


async def test_a_cursor_serves_only_its_release_and_order(ask: Ask, refused: Refused) -> None:
    """A cursor of release 2 is refused by release 3, one of an order by the other."""
    data = await ask("{ units(release: 2, first: 1) { pageInfo { endCursor } } }")
    cursor = data["units"]["pageInfo"]["endCursor"]
    query = (
        "query ($c: String!, $r: Int!, $o: UnitOrder!)"
        " { units(release: $r, orderBy: $o, after: $c) { totalCount } }"
    )
    assert (await refused(query, c=cursor, r=3, o="ID"))["code"] == "INVALID_CURSOR"
    assert (await refused(query, c=cursor, r=2, o="TNC_DESC"))["code"] == "INVALID_CURSOR"
    await ask(query, c=cursor, r=2, o="ID")


async def test_a_failing_field_leaves_the_others(pool: Pool) -> None:
    """Root fields are nullable, so that one failure does not void a whole document."""
    result = await build_schema("2026-10").execute(
        '{ good: bank(code: "BJ") { code } bad: bank(code: "BJ", release: 7) { code } }',
        context_value=await context_of(pool),
    )
    assert result.data == {"good": {"code": "BJ"}, "bad": None}


async def test_a_withdrawn_release_is_listed_and_not_read(published: Access) -> None:
    """The list keeps the entry; reading it is a coded error; the latest is the one before."""
    owner = await connect(published.require("owner"))
    transaction = owner.transaction()
    await transaction.start()
    try:
        await owner.execute(
            "update open.release set withdrawn_at = now(), withdrawn_reason = 'test' "
            "where number = 3"
        )
        context = await context_of(owner)
        result = await build_schema("2026-10").execute(
            "{ releases { nodes { number state } } latest: release { number state }"
            " gone: release(number: 3) { number } unit: units(release: 3) { totalCount } }",
            context_value=context,
        )
    finally:
        await transaction.rollback()
        await owner.close()
    assert result.data is not None
    assert result.errors is not None
    states = [node["state"] for node in result.data["releases"]["nodes"]]
    assert states == ["SUPERSEDED", "PUBLISHED", "WITHDRAWN"]
    assert result.data["latest"] == {"number": 2, "state": "PUBLISHED"}
    assert (result.data["gone"], result.data["unit"]) == (None, None)
    codes = [(error.extensions or {})["code"] for error in result.errors]
    assert codes == ["RELEASE_WITHDRAWN"] * 2
