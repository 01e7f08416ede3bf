"""Proposals of a scheme: what the search chose for the eligible units, and why, on record."""

import datetime as dt
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from database.pool import Connection
from domain.failures import Refused
from domain.progress import Report, silent
from domain.schemes import Scheme
from publishing.audit import record
from publishing.candidates import count_inventory
from publishing.combinations import read_combinations
from publishing.duplicates import find_duplicates
from publishing.gate import configured_gate
from publishing.hierarchy import Hierarchy, configured_hierarchies
from publishing.scheme import next_number
from publishing.scheme_goal import Goal, configured_goal
from publishing.scheme_search import Found, Step, search

_ADD = """
insert into intake.scheme_proposal (digest, scheme, document) values ($1, $2, $3)
on conflict (digest) do nothing
"""


@dataclass(frozen=True)
class Proposal:
    """What would become the next scheme.

    Attributes:
        number: The number that it would get.
        units: Eligible units that were compared.
        goal: Limits and weights of the search.
        found: What the search came to.
    """

    number: int
    units: int
    goal: Goal
    found: Found

    @property
    def scheme(self) -> Scheme:
        """The scheme as it would be frozen."""
        settings = dict(step.hierarchy.setting(step.level) for step in self.found.steps)
        return Scheme.from_json(self.number, {"k": self.goal.k, **settings})

    @cached_property
    def document(self) -> dict[str, Any]:
        """Everything that approvers are shown, as plain data; equal inventories make equal ones."""
        return {
            "scheme": self.number,
            "levels": self.scheme.as_json(),
            "units": self.units,
            "loss": self.found.loss,
            "limits": {
                "overall": self.goal.held_back,
                "bank": self.goal.held_back_group,
                "abo": self.goal.held_back_group,
                "recorded": self.goal.recorded,
            },
            "held_back": self.found.holding.as_json(),
            "attributes": [_explained(step, self.goal) for step in self.found.steps],
        }

    @cached_property
    def digest(self) -> str:
        """Names exactly this proposal; it is what approvals are given to."""
        return document_digest(self.document)


def document_digest(document: dict[str, Any]) -> str:
    """Return the SHA-256, in hex, of the canonical JSON of a proposal's document."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(b"cordgraph-scheme-proposal-1\n" + text.encode("ascii")).hexdigest()


async def propose(
    connection: Connection,
    *,
    without: Collection[str] = (),
    today: dt.date | None = None,
    report: Report = silent,
) -> Proposal:
    """Search the levels for all units that a release may publish now; writes nothing.

    Args:
        connection: An operator's connection, outside a transaction.
        without: Attributes that the scheme must not publish.
        today: The day on which collection dates are judged; by default the day in UTC.
        report: Is told the progress.

    Raises:
        Refused: No unit is eligible, or no levels keep the limits.
    """
    cutoff = configured_gate().cutoff(today or dt.datetime.now(dt.UTC).date())
    hierarchies = configured_hierarchies()
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute("set local statement_timeout = 0")
        number = await next_number(connection)
        combinations = await read_combinations(connection, hierarchies, cutoff, report)
        if not combinations.units:
            await _refuse_nothing(connection, cutoff)
    goal = configured_goal()
    found = search(combinations, _restricted(hierarchies, without), goal, report)
    if found is None:
        raise Refused(
            f"no levels keep the limits for {combinations.units:,} eligible units",
            hint="Take in more units with `cordgraph intake`.",
        )
    return Proposal(number, combinations.units, goal, found)


async def record_proposal(connection: Connection, proposal: Proposal) -> None:
    """Keep ``proposal`` in the intake zone, once, and log it."""
    async with connection.transaction():
        added = await connection.execute(_ADD, proposal.digest, proposal.number, proposal.document)
        if added != "INSERT 0 0":
            subject = f"scheme {proposal.number}"
            await record(connection, "scheme.propose", subject, {"proposal": proposal.digest})


async def read_proposal(connection: Connection, digest: str) -> dict[str, Any]:
    """Return the document of the proposal ``digest``.

    Raises:
        Refused: There is none, or it is not what its digest names.
    """
    document: dict[str, Any] | None = await connection.fetchval(
        "select document from intake.scheme_proposal where digest = $1", digest
    )
    if document is None:
        raise Refused(
            f"there is no proposal {digest}", hint="`cordgraph scheme list` shows all proposals."
        )
    if document_digest(document) != digest:
        raise Refused(f"the proposal {digest} was altered", hint="Propose again.")
    return document


async def list_proposals(connection: Connection) -> list[dict[str, Any]]:
    """Return digest, number and time of every proposal, oldest first."""
    rows = await connection.fetch(
        "select digest, scheme, proposed_at, proposed_by, document -> 'loss' as loss, "
        "document -> 'units' as units from intake.scheme_proposal order by proposed_at, digest"
    )
    return [dict(row) for row in rows]


def _restricted(
    hierarchies: tuple[Hierarchy, ...], without: Collection[str]
) -> tuple[Hierarchy, ...]:
    return tuple(
        hierarchy.without() if hierarchy.attribute in without else hierarchy
        for hierarchy in hierarchies
    )


def _explained(step: Step, goal: Goal) -> dict[str, Any]:
    """Return the chosen level of an attribute, and what its next finer one would cost."""
    weight = goal.weights[step.hierarchy.attribute]
    level = step.hierarchy.levels[step.level]
    explained = {
        "attribute": step.hierarchy.attribute,
        "level": level.words,
        "weight": weight,
        "loss": weight * level.loss,
        "recorded_percent": round(step.recorded, 2),
        "next_finer": None,
    }
    if step.holding:
        finer = step.hierarchy.levels[step.level - 1]
        explained["next_finer"] = {
            "level": finer.words,
            "saves": weight * (level.loss - finer.loss),
            "breaks": list(step.breaks),
            "held_back": step.holding.as_json(),
        }
    return explained


async def _refuse_nothing(connection: Connection, cutoff: dt.date) -> None:
    inventory = await count_inventory(connection, cutoff, await find_duplicates(connection))
    raise Refused(
        f"no unit is eligible: {inventory.too_recent:,} are too recent, "
        f"{inventory.counted_twice:,} look like one donation counted twice, "
        f"{inventory.without_consent:,} have no consent",
        hint="Take in units with `cordgraph intake`.",
    )
