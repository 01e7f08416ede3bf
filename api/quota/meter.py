"""The quota of each client: what a request costs is taken from it, and the answer says the rest."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import Request

from api.limits import exceeded
from api.quota.address import Network, client_address, client_network
from api.quota.counter import WINDOW_S, Count, Counter
from api.quota.keys import ApiKeys, shown_key
from api.refusal import RefusalError
from schema.errors import Code, ContractError

MINIMUM = 1
"""What a request costs that is refused before its cost is known; it is taken at once."""
CHARACTERS_PER_COST = 100
"""Characters of a document that cost 1 if it is refused: to find out what is wrong takes time."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who is charged.

    Attributes:
        policy: Name of the quota in the headers: "anonymous" or "key".
        name: Name of this client among those of the policy.
        quota: Cost that it may spend in a minute; 0 for no limit.
    """

    policy: str
    name: str
    quota: int

    @property
    def key(self) -> str:
        """Name of this client among all."""
        return f"{self.policy}:{self.name}"


class Account:
    """What one request takes from its client's quota."""

    def __init__(self, client: Client, counter: Counter) -> None:
        self.client = client
        self._counter = counter
        self._taken = 0
        self._count = Count(0, WINDOW_S)

    @property
    def headers(self) -> dict[str, str]:
        """``RateLimit-Policy`` and ``RateLimit`` (draft-ietf-httpapi-ratelimit-headers-11).

        The available quota ``r`` can be spent at once; after ``t`` seconds it is whole again.
        """
        name, quota = self.client.policy, self.client.quota
        if not quota:
            return {}
        return {
            "RateLimit-Policy": f'"{name}";q={quota};w={WINDOW_S};cordgraph-unit="cost"',
            "RateLimit": f'"{name}";r={self._left};t={self._count.ends_in}',
        }

    async def settle(self, cost: int) -> None:
        """Make ``cost`` what this request takes in all; 0 gives back what was taken.

        Raises:
            RefusalError: RATE_LIMITED if less is left, and LIMIT_EXCEEDED if not even the whole
                quota would do; nothing more is taken then.
        """
        quota, more = self.client.quota, cost - self._taken
        if not quota or not more:
            return
        if cost > quota:
            raise exceeded("cost, which would be more than a minute's quota,", cost, quota)
        count = await self._counter.add(self.client.key, more)
        if more > 0 and count.spent > quota:
            self._count = await self._counter.add(self.client.key, -more)
            raise self._refusal(cost)
        self._taken, self._count = cost, count

    @asynccontextmanager
    async def fined(self, document: str) -> AsyncIterator[None]:
        """Take something for the length of ``document`` if it is refused in this context.

        It is taken even if less is left.
        """
        try:
            yield
        except RefusalError:
            more = len(document) // CHARACTERS_PER_COST - self._taken
            if self.client.quota and more > 0:
                self._count = await self._counter.add(self.client.key, more)
            raise

    @property
    def _left(self) -> int:
        return min(self.client.quota, max(0, self.client.quota - self._count.spent))

    def _refusal(self, cost: int) -> RefusalError:
        wait, left = self._count.ends_in, self._left
        error = ContractError(
            Code.RATE_LIMITED,
            f"This request costs {cost:,}, and {left + self._taken:,} of the {self.client.quota:,} "
            f"for a minute are left. All of it is back in {wait} seconds.",
        )
        error.extensions = {**(error.extensions or {}), "cost": cost, "retryAfter": wait}
        return RefusalError(Code.RATE_LIMITED, error, headers={"Retry-After": str(wait)})


class Meter:
    """Opens the account of each request."""

    def __init__(
        self,
        counter: Counter,
        keys: ApiKeys,
        anonymous_quota: int,
        proxies: Sequence[Network] = (),
        proxy_header: str = "x-forwarded-for",
    ) -> None:
        self._counter = counter
        self._keys = keys
        self._anonymous_quota = anonymous_quota
        self._proxies = proxies
        self._proxy_header = proxy_header

    async def open(self, request: Request) -> tuple[Account, RefusalError | None]:
        """Return the account of ``request``, and the refusal if it has to be refused.

        The minimum is taken, so that requests that fail before their cost is known are not free.
        The refusal is RATE_LIMITED, or INVALID_KEY at the cost of the address.
        """
        address = client_address(request.scope, self._proxies, self._proxy_header)
        client = Client("anonymous", client_network(address), self._anonymous_quota)
        refusal = None
        shown = shown_key(request.headers)
        if shown is not None:
            record = await self._keys.find(shown)
            if record is None:
                refusal = _invalid_key()
            else:
                client = Client("key", str(record.id), record.quota_per_minute)
        account = Account(client, self._counter)
        try:
            await account.settle(MINIMUM)
        except RefusalError as limited:
            refusal = limited
        return account, refusal


def _invalid_key() -> RefusalError:
    return RefusalError(
        Code.INVALID_KEY,
        "The key in the header Authorization is unknown or revoked. Leave the header out to be "
        "served without a key.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
