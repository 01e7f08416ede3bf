"""What an empty page says of its list."""

from database.pool import Pool
from schema.build import build_schema
from tests.reading import context_of


async def test_an_empty_page_knows_what_lies_behind_it(pool: Pool) -> None:
    """With first: 0 the list has units before the cursor only if it has."""
    schema = build_schema("2026-10")
    query = '{ units(first: 2, filter: {bank: ["BJ"]}) { pageInfo { startCursor endCursor } } }'
    found = await schema.execute(query, context_value=await context_of(pool))
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
            context_value=await context_of(pool),
        )
        assert result.data is not None
        assert result.data["units"]["pageInfo"] == {"hasPreviousPage": behind, "hasNextPage": True}
    everything = await schema.execute(
        "{ units(first: 1) { nodes { bank { code } } pageInfo { endCursor } } }",
        context_value=await context_of(pool),
    )
    assert everything.data is not None
    other = "GD" if everything.data["units"]["nodes"][0]["bank"]["code"] != "GD" else "BJ"
    result = await schema.execute(
        "query ($b: [String!], $c: String) { units(first: 0, after: $c, filter: {bank: $b})"
        " { pageInfo { hasPreviousPage } } }",
        variable_values={"b": [other], "c": everything.data["units"]["pageInfo"]["endCursor"]},
        context_value=await context_of(pool),
    )
    assert result.data is not None
    assert result.data["units"]["pageInfo"] == {"hasPreviousPage": False}
