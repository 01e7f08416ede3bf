"""The quota of each client: what a request costs is taken from it, and the answer says the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from starlette.types import Scope

from api.head import NOTHING, Head
from api.limits import exceeded
from api.quota.address import Address, Network, address_of, client_address, client_network
from api.quota.counter import WINDOW_S, Count, Counter
from api.quota.keys import ApiKeys, shown_key
from api.refusal import RefusalError
from schema.errors import Code, ContractError

MINIMUM = 1
"""What a request costs that is refused before its cost is known; it is taken at once."""
CHARACTERS_PER_COST = 100
"""Characters of a document that cost 1 if it is refused: to find out what is wrong takes time."""


@dataclass(frozen=True)
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

    @cached_property
    def key(self) -> str:
        """Name of this client among all."""
        return f"{self.policy}:{self.name}"


class Account:
    """What one request takes from its client's quota."""

    __slots__ = ("_count", "_counter", "_taken", "client")

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
        values = (value.decode() for _, value in self.head.fields)
        return dict(zip(("RateLimit-Policy", "RateLimit"), values, strict=False))

    @property
    def head(self) -> Head:
        """The same as they are sent."""
        return head_of(self.client, self._count)

    def another(self) -> "Account":
        """Return the account of a further request of the same client, which has taken nothing."""
        return Account(self.client, self._counter)

    async def look(self) -> None:
        """Find out what is left, and take nothing."""
        if self.client.quota:
            key = self.client.key
            self._count = self._counter.look(key) or await self._counter.add(key, 0)

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

    async def fine(self, document: str) -> None:
        """Take something for the length of ``document``, which is refused; even if less is left."""
        more = len(document) // CHARACTERS_PER_COST - self._taken
        if self.client.quota and more > 0:
            self._count = await self._counter.add(self.client.key, more)

    def _refusal(self, cost: int) -> RefusalError:
        wait, left = self._count.ends_in, _left(self.client.quota, self._count.spent)
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
        self._known = lru_cache(maxsize=4_096)(lambda host: self._at(address_of(host)))

    def told_at_once(self, scope: Scope) -> Head | None:
        """Return what a client without a key is told; ``None`` if that has to be waited for."""
        client = self._anonymous(scope)
        if not client.quota:
            return NOTHING
        count = self._counter.look(client.key)
        if count is None:
            return None
        return _head(client.policy, client.quota, *count)

    def client_key(self, scope: Scope) -> str:
        """Return the name of who asks, by the address alone."""
        return self._anonymous(scope).key

    async def look(self, scope: Scope) -> Account | None:
        """Return the account of a request that takes nothing; ``None`` if its key is invalid."""
        client = await self._client(scope)
        if client is None:
            return None
        account = Account(client, self._counter)
        await account.look()
        return account

    async def open(self, scope: Scope) -> tuple[Account, RefusalError | None]:
        """Return the account of a request, and the refusal if it has to be refused.

        The minimum is taken, so that requests that fail before their cost is known are not free.
        The refusal is RATE_LIMITED, or INVALID_KEY at the cost of the address.
        """
        client = await self._client(scope)
        refusal = _invalid_key() if client is None else None
        account = Account(client or self._anonymous(scope), self._counter)
        try:
            await account.settle(MINIMUM)
        except RefusalError as limited:
            refusal = limited
        return account, refusal

    async def _client(self, scope: Scope) -> Client | None:
        """Return who asks; ``None`` if it shows an invalid key."""
        shown = shown_key(scope)
        if shown is None:
            return self._anonymous(scope)
        record = await self._keys.find(shown)
        if record is None:
            return None
        return Client("key", str(record.id), record.quota_per_minute)

    def _anonymous(self, scope: Scope) -> Client:
        if not self._proxies:
            peer = scope.get("client")
            return self._known(peer[0] if peer else "")
        return self._at(client_address(scope, self._proxies, self._proxy_header))

    def _at(self, address: Address | None) -> Client:
        return Client("anonymous", client_network(address), self._anonymous_quota)


def head_of(client: Client, count: Count) -> Head:
    """Return the header fields that tell a client what it has left."""
    if not client.quota:
        return NOTHING
    return _head(client.policy, client.quota, *count)


@lru_cache(maxsize=4_096)
def _head(policy: str, quota: int, spent: int, seconds: int) -> Head:
    left = _left(quota, spent)
    return Head.of(
        {
            "RateLimit-Policy": f'"{policy}";q={quota};w={WINDOW_S};cordgraph-unit="cost"',
            "RateLimit": f'"{policy}";r={left};t={seconds}',
        }
    )


def _left(quota: int, spent: int) -> int:
    if spent >= quota:
        return 0
    return quota - spent if spent > 0 else quota


def _invalid_key() -> RefusalError:
    return RefusalError(
        Code.INVALID_KEY,
        "The key in the header Authorization is unknown or revoked. Leave the header out to be "
        "served without a key.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
