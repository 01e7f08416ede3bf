"""Approvals: two people sign the digest of exactly what is going to happen."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from database.pool import Connection
from domain.failures import Refused
from files.signatures import PublicKey
from publishing.approvers import find_approver
from publishing.audit import record
from publishing.gate import Profile, configured_gate

_ADD = """
insert into intake.approval (kind, digest, approver, signature, trusted_comment)
values ($1, $2, $3, $4, $5) on conflict (kind, digest, approver) do nothing
"""

_GIVEN = """
select a.name, a.key_id, a.public_key, p.signature, p.approved_at
from intake.approval p join intake.approver a on a.id = p.approver and a.removed_at is null
where p.kind = $1 and p.digest = $2
order by p.id
"""

# What can be approved is what was planned and kept.
_PLANNED = """
select case $1
    when 'release' then exists (select from intake.plan where digest = $2)
    when 'scheme' then exists (select from intake.scheme_proposal where digest = $2)
    else exists (select from intake.withdrawal
                 where digest = $2 and cancelled_at is null and done_at is null)
end
"""


class Kind(StrEnum):
    """What is approved; a signature for one kind is none for another."""

    RELEASE = "release"
    SCHEME = "scheme"
    WITHDRAWAL = "withdrawal"


COMMANDS = {
    Kind.RELEASE: "cordgraph release approve",
    Kind.SCHEME: "cordgraph scheme approve",
    Kind.WITHDRAWAL: "cordgraph release approve --withdrawal",
}
"""The command that records an approval of each kind."""

_SOURCES = {
    Kind.RELEASE: "`cordgraph release plan` prints the digest of a plan.",
    Kind.SCHEME: "`cordgraph scheme list` shows the digests of proposals.",
    Kind.WITHDRAWAL: "`cordgraph release withdrawals` shows the digests of what is pending.",
}


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved, with which key, when."""

    approver: str
    key_id: str
    approved_at: dt.datetime


def approval_text(kind: Kind, digest: str) -> bytes:
    """Return the content of the file that approvers sign."""
    return f"cordgraph-approval-1\nkind={kind}\ndigest={digest}\n".encode("ascii")


async def approve(
    connection: Connection, kind: Kind, digest: str, approver: str, signature: bytes
) -> None:
    """Record that ``approver`` signed `approval_text`; a second time changes nothing.

    Args:
        connection: An operator's connection.
        kind: What is approved.
        digest: Digest of it, 64 hexadecimal digits.
        approver: Name of the approver.
        signature: Content of the ``.minisig`` file.

    Raises:
        Refused: Nothing with this digest was planned, the approver is not known, or the
            signature is not by this approver over exactly this kind and digest.
    """
    await require_planned(connection, kind, digest)
    async with connection.transaction():
        person = await find_approver(connection, approver)
        try:
            comment = person.key.verify(approval_text(kind, digest), signature)
        except ValueError as error:
            raise Refused(
                f"the signature is not {approver}'s (key {person.key.key_id}) over the {kind} "
                f"{digest}: {error}",
                hint=f"Sign the text of this {kind} and this digest: "
                f"`{COMMANDS[kind]} --digest {digest} --text FILE` writes it.",
            ) from None
        text = signature.decode("utf-8")
        added = await connection.execute(_ADD, kind, digest, person.id, text, comment)
        if added != "INSERT 0 0":
            await record(
                connection,
                f"{kind}.approve",
                digest,
                {"approver": approver, "key": person.key.key_id, "comment": comment},
            )


async def require_planned(connection: Connection, kind: Kind, digest: str) -> None:
    """Check that there is something of this kind and digest to approve.

    Raises:
        Refused: There is not.
    """
    if not await connection.fetchval(_PLANNED, kind.value, digest):
        raise Refused(f"no {kind} with the digest {digest} was planned", hint=_SOURCES[kind])


async def approvals_of(connection: Connection, kind: Kind, digest: str) -> list[Approval]:
    """Return who approved and may still approve; every signature is verified again."""
    given = []
    for name, key_id, key, signature, at in await connection.fetch(_GIVEN, kind, digest):
        try:
            PublicKey(key_id, key).verify(approval_text(kind, digest), signature.encode("utf-8"))
        except ValueError:  # a row that no command of ours wrote
            continue
        given.append(Approval(name, key_id, at))
    return given


def needed_approvals(profile: Profile) -> int:
    """Return how many people must approve under ``profile``, as ``gate.toml`` says."""
    gate = configured_gate()
    if "approvals" in gate.relaxed[profile]:
        return 0
    return int(next(rule.limit for rule in gate.rules if rule.name == "approvals"))


async def require_approvals(
    connection: Connection, kind: Kind, digest: str, profile: Profile
) -> None:
    """Check that enough different people, with different keys, approved.

    Raises:
        Refused: They did not; the hint says what to run.
    """
    needed = needed_approvals(profile)
    given = await approvals_of(connection, kind, digest)
    if len(given) < needed:
        names = ", ".join(approval.approver for approval in given) or "nobody"
        raise Refused(
            f"the {kind} {digest} needs the approval of {needed} people; so far: {names}",
            hint=f"Run `{COMMANDS[kind]} --digest {digest} --approver NAME "
            "--signature FILE.minisig` for each.",
        )
