"""The history that the attacker works on, made once for all tests of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from database.access import Access
from database.embedded import EmbeddedServer
from tests.attacked_world import (
    AttackedWorld,
    publish_first_three,
    publish_last,
    read_insider,
    take_in_more,
)
from tests.attacks.public import Answer, Public
from tests.attacks.spy import Sight, Spy
from tests.database_copies import connection_to, database_copy
from tests.serving import serving


@pytest.fixture(scope="session")
async def attacked(
    server: EmbeddedServer, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AttackedWorld]:
    """Four releases, mirrored when each was new, and the database that holds them."""
    keys = tmp_path_factory.mktemp("attacked") / "keys"
    async with database_copy(server, template_database) as access:
        async with connection_to(access.require("operator")) as operator:
            await publish_first_three(operator, keys)
        first, answers = _look(access)
        async with connection_to(access.require("operator")) as operator:
            await publish_last(operator, keys)
            await take_in_more(operator)
            insider = await read_insider(operator)
            name = await operator.fetchval("select current_database()")
        last, more = _look(access)
        yield AttackedWorld(
            server=server,
            database=name,
            public=Public(
                first={**first.releases, 4: last.releases[4]},
                last=last.releases,
                insider=insider,
                gone=last.gone,
                gate=last.gate,
                percents=last.percents,
                answers=[*answers, *more],
            ),
        )


def _look(access: Access) -> tuple[Sight, list[Answer]]:
    with serving(access) as url, httpx.Client(base_url=url, timeout=30) as http:
        spy = Spy(http)
        return spy.look(), spy.answers
