"""Looking up the keys that clients show, as the role of the service."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.quota.keys import REMEMBERED_S, ApiKeys
from database.access import Access
from database.pool import Connection, Pool, open_pool
from domain.api_keys import new_api_key
from loaders.api_keys import ApiKeyRecord
from publishing.api_keys import issue_key, revoke_key


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
async def service(database: Access) -> AsyncIterator[Pool]:
    """The service's pool."""
    pool = await open_pool(database.require("service"), size=2)
    yield pool
    await pool.close()


async def test_a_revoked_key_works_for_some_seconds_at_most(
    service: Pool, operator: Connection
) -> None:
    """It is looked up again after that, and by a new process at once."""
    clock = Clock()
    keys = ApiKeys(service, clock)
    issued = await issue_key(operator, "a portal", 7)
    record = ApiKeyRecord(issued.id, 7)
    assert await keys.find(issued.key) == record
    await revoke_key(operator, issued.id)
    clock.now = REMEMBERED_S - 0.1
    assert await keys.find(issued.key) == record
    assert await ApiKeys(service, clock).find(issued.key) is None
    clock.now = REMEMBERED_S
    assert await keys.find(issued.key) is None


async def test_an_unknown_key_is_remembered_too(service: Pool) -> None:
    """Repeating it does not reach the database."""
    keys = ApiKeys(service)
    key = new_api_key()
    assert await keys.find(key) is None
    await service.close()
    assert await keys.find(key) is None


async def test_requests_at_once_share_a_look_up_that_none_of_them_ends(
    service: Pool, operator: Connection
) -> None:
    """One that leaves does not take the answer from the others."""
    keys = ApiKeys(service)
    issued = await issue_key(operator, "a portal", 7)
    first, second = (asyncio.create_task(keys.find(issued.key)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == ApiKeyRecord(issued.id, 7)
    assert len(keys._known) == 1


async def test_a_look_up_that_fails_is_made_again(
    service: Pool, operator: Connection, owner: Connection
) -> None:
    """A fault of the database is an error, not an unknown key, and is not remembered."""
    keys = ApiKeys(service)
    issued = await issue_key(operator, "a portal", 7)
    await owner.execute("alter table service.api_key rename to hidden")
    with pytest.raises(asyncpg.UndefinedTableError):
        await keys.find(issued.key)
    await owner.execute("alter table service.hidden rename to api_key")
    assert await keys.find(issued.key) == ApiKeyRecord(issued.id, 7)
