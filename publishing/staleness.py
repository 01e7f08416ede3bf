"""Tells how a plan differs from the one that people approved."""

from collections.abc import Iterator, Mapping
from typing import Any

from database.pool import Connection
from domain.failures import Refused
from publishing.approvals import Kind, approvals_of
from publishing.plan import Plan

_PLANS = """
select digest, summary from intake.plan
where release = $1 and profile = $2 and digest <> $3 order by id desc
"""
_WORDS = {
    "scheme": "scheme",
    "synthetic": "synthetic",
    "units": "units in all",
    "added": "units added",
    "withdrawn": "units withdrawn",
    "deferred": "units that wait",
    "classes": "classes",
    "held_back_percent": "per cent held back",
    "at_most": "--at-most",
    "without": "--without",
    "release_digest": "digest of the release",
    "hla_digest": "digest of the HLA tables",
}


async def refuse_stale(connection: Connection, planned: Plan) -> None:
    """Refuse ``planned`` if people approved another plan of the same release.

    Raises:
        Refused: They did; the message says what changed since, the hint what to run.
    """
    rows = await connection.fetch(_PLANS, planned.release, planned.profile.value, planned.digest)
    for digest, summary in rows:
        given = await approvals_of(connection, Kind.RELEASE, digest)
        if given:
            names = ", ".join(approval.approver for approval in given)
            changes = "".join(
                f"\n  {line}" for line in _changes(_flat(summary), _flat(planned.as_json()))
            )
            raise Refused(
                f"release {planned.release} is not the one that {names} approved: the plan is "
                f"{planned.digest}, approved was {digest}{changes}",
                hint="Use the options of the approved plan, or run `cordgraph release plan` and "
                "have the new plan approved.",
            )


def _flat(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return a summary with the digest of the HLA tables beside the rest."""
    return {**summary, "hla_digest": summary.get("hla", {}).get("digest")}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    changed = [name for name in _WORDS if before.get(name) != after[name]]
    for name in changed:
        was, now = _shown(before.get(name)), _shown(after[name])
        yield f"{_WORDS[name]}: {was} was approved, now it is {now}"
    if not changed:
        yield "the limits of the gate or the reference data were changed"


def _shown(value: object) -> str:
    if value in (None, [], ""):
        return "none"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
