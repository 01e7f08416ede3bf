"""The page on anonymity says what is true, and what judges find reaches everybody."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from graphql import GraphQLObjectType

from database.access import Access
from database.pool import connect
from publishing.judgement import Judgement, record_judgement
from schema.build import build_schema
from tests.watching import DEAF, LISTENING, SEEN_S, clients_of, until

PAGE = Path(__file__).parents[2] / "docs" / "anonymity.md"
CONFIRMED = "{ release(number: 3) { anonymity { confirmedBy } } }"


async def _confirmed(client: httpx.AsyncClient) -> Any:
    parameters = {"query": CONFIRMED}
    answer = await client.get("/graphql/2027-01", params=parameters)
    assert "immutable" not in answer.headers["cache-control"]
    return answer.json()["data"]["release"]["anonymity"]["confirmedBy"]


async def test_what_a_judge_found_is_seen_by_all(published: Access) -> None:
    """Processes that answer from memory tell it after two seconds at most, told or not."""
    found = Judgement(3, "pycanon", "1.3.5", units=33_583, k=11, k_of_batches=11, confirmed=True)
    async with clients_of(published, DEAF, LISTENING) as clients:
        for client in clients:
            assert await _confirmed(client) is None
        connection = await connect(published.require("operator"))
        try:
            await record_judgement(connection, found)
        finally:
            await connection.close()
        for client in clients:
            await until(partial(_confirmed, client), "pycanon 1.3.5", SEEN_S)


async def test_the_query_of_the_page_is_answered(published: Access) -> None:
    """It selects fields that there are, and each of them has a value for a new release."""
    (document,) = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    async with clients_of(published, LISTENING) as (client,):
        answer = await client.post("/graphql/2027-01", json={"query": document})
        told = answer.json()
    assert "errors" not in told
    told["data"]["release"]["anonymity"].pop("confirmedBy")
    assert None not in told["data"]["release"]["anonymity"].values()


def test_every_figure_is_explained() -> None:
    """The table names each field of `Anonymity` that is not on its way out."""
    schema = build_schema("2027-01")._schema
    anonymity = schema.type_map["Anonymity"]
    assert isinstance(anonymity, GraphQLObjectType)
    rows = re.findall(r"^\| (`.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    fields = {name for name, field in anonymity.fields.items() if not field.deprecation_reason}
    assert fields - named == {"scheme", "levels", "classCount"}
