"""A field that fails takes its siblings with it, and nothing else."""

from database.pool import Pool
from loaders.request import Loaders
from schema.build import build_schema
from schema.context import Context

_BANKS = "nodes { bank { units(first: 5, orderBy: TNC_DESC) { nodes { id } } } }"


async def test_a_failed_field_does_not_cancel_what_others_wait_for(pool: Pool) -> None:
    """Another field that awaits the same values gets them."""
    document = (
        "{ a: units(first: 10) { inventory(groupBy: [BANK, BANK]) { units } "
        f"{_BANKS} }} b: units(first: 10) {{ {_BANKS} }} }}"
    )
    for _ in range(20):
        result = await build_schema("2026-10").execute(
            document, context_value=Context(Loaders(pool))
        )
        assert result.data is not None
        assert result.data["a"] is None
        assert len(result.data["b"]["nodes"]) == 10
        assert [(error.extensions or {})["code"] for error in result.errors or ()] == [
            "INVALID_ARGUMENT"
        ]


async def test_an_empty_page_knows_what_lies_behind_it(pool: Pool) -> None:
    """With first: 0 the list has units before the cursor only if it has."""
    schema = build_schema("2026-10")
    query = '{ units(first: 2, filter: {bank: ["BJ"]}) { pageInfo { startCursor endCursor } } }'
    found = await schema.execute(query, context_value=Context(Loaders(pool)))
    assert found.data is not None
    info = found.data["units"]["pageInfo"]
    for bank, cursor, behind in (
        ("BJ", info["startCursor"], True),
        ("BJ", info["endCursor"], True),
    ):
        result = await schema.execute(
            "query ($b: [String!], $c: String) { units(first: 0, after: $c, filter: {bank: $b})"
            " { pageInfo { hasPreviousPage hasNextPage } } }",
            variable_values={"b": [bank], "c": cursor},
            context_value=Context(Loaders(pool)),
        )
        assert result.data is not None
        assert result.data["units"]["pageInfo"] == {"hasPreviousPage": behind, "hasNextPage": True}
    everything = await schema.execute(
        "{ units(first: 1) { nodes { bank { code } } pageInfo { endCursor } } }",
        context_value=Context(Loaders(pool)),
    )
    assert everything.data is not None
    other = "GD" if everything.data["units"]["nodes"][0]["bank"]["code"] != "GD" else "BJ"
    result = await schema.execute(
        "query ($b: [String!], $c: String) { units(first: 0, after: $c, filter: {bank: $b})"
        " { pageInfo { hasPreviousPage } } }",
        variable_values={"b": [other], "c": everything.data["units"]["pageInfo"]["endCursor"]},
        context_value=Context(Loaders(pool)),
    )
    assert result.data is not None
    assert result.data["units"]["pageInfo"] == {"hasPreviousPage": False}
