"""Approvers, waivers, approvals, withdrawals and the log on the command line."""

import json
from pathlib import Path

import pytest

from database.access import Access
from database.pool import Connection
from publishing.approvals import Kind, approval_text
from publishing.gate import Profile
from publishing.reference import load_reference
from publishing.release import publish
from tests.command_line import Runner
from tests.inventories import THREE_BANKS, add_inventory, place_key
from tests.signing import Person

FAKE = ("--profile", "synthetic")


@pytest.fixture
def cordgraph(database: Access, tmp_path: Path) -> Runner:
    """The command line with a known key."""
    place_key(tmp_path / "keys")
    return Runner(database, tmp_path, code=0)


@pytest.fixture
async def released(operator: Connection, cordgraph: Runner) -> Connection:
    """Two synthetic releases."""
    await load_reference(operator)
    await add_inventory(operator, 12_000, synthetic=True)
    for at_most in (9_000, None):
        await publish(
            operator, keys=cordgraph.home / "keys", profile=Profile.SYNTHETIC, at_most=at_most
        )
    return operator


def _add(cordgraph: Runner, *names: str) -> list[Person]:
    people = [Person(name) for name in names]
    for person in people:
        cordgraph(
            "approver", "add", person.name, cordgraph.file(f"{person.name}.pub", person.public_key)
        )
    return people


@pytest.mark.usefixtures("inventory")
def test_a_strict_release_from_waivers_to_publication(cordgraph: Runner) -> None:
    """Each step says what comes next, and two people with two keys make a release real."""
    li, chen = _add(cordgraph, "Li Wei", "Chen Jing")
    for bank in THREE_BANKS:
        told = cordgraph("bank", "waive", bank, "--reference", f"letter {bank}")
        assert told.stdout == f"Releases may name {bank}.\n"
    planned = cordgraph("release", "plan", "--json", code=1)
    plan = json.loads(planned.stdout)
    digest = plan["digest"]
    assert [c["name"] for c in plan["checks"] if c["outcome"] == "fail"] == ["approvals"]
    shown = cordgraph("release", "plan", code=1).stdout
    assert f"cordgraph release approve --digest {digest} --approver NAME" in shown

    text = str(cordgraph.home / "plan.txt")
    cordgraph("release", "approve", "--digest", digest, "--text", text)
    assert Path(text).read_bytes() == approval_text(Kind.RELEASE, digest)
    signed = cordgraph.file("plan.txt.minisig", li.sign_text(Path(text).read_bytes()))
    told = cordgraph(
        "release", "approve", "--digest", digest, "--approver", "Li Wei", "--signature", signed
    )
    assert told.stdout == "Approved by Li Wei. Approvals of this release so far: Li Wei.\n"
    early = cordgraph("release", "publish", code=1)
    assert "approvals: 1 approvals of exactly this plan" in early.stderr
    key = cordgraph.file("chen.key", chen.secret_key)
    told = cordgraph(
        "release", "approve", "--digest", digest, "--approver", "Chen Jing", "--secret-key", key
    )
    assert "so far: Li Wei, Chen Jing." in told.stdout
    assert "Published release 1: " in cordgraph("release", "publish").stdout

    actions = [entry["action"] for entry in json.loads(cordgraph("audit", "--json").stdout)]
    assert actions == [
        "reference.load",
        "approver.add",
        "approver.add",
        "bank.waive",
        "bank.waive",
        "bank.waive",
        "release.plan",
        "release.approve",
        "release.approve",
        "release.plan",
        "release.publish",
        "release.export",
    ]
    assert "Published" not in cordgraph("audit", "--since", "2100-01-01").stdout
    assert "release.publish" in cordgraph("audit", "--since", "2020-01-01").stdout


@pytest.mark.usefixtures("inventory")
def test_a_stranger_cannot_approve(cordgraph: Runner) -> None:
    """A key that is not the approver's, and a signature of another plan, are refused."""
    _add(cordgraph, "Li Wei")
    digest = json.loads(cordgraph("release", "plan", "--json", code=1).stdout)["digest"]
    stranger = Person("stranger")
    base = ("release", "approve", "--digest", digest, "--approver", "Li Wei")
    key = cordgraph.file("stranger.key", stranger.secret_key)
    refused = cordgraph(*base, "--secret-key", key, code=1)
    assert "the signature is not Li Wei's" in refused.stderr
    unknown = cordgraph("release", "approve", "--digest", "f" * 64, "--text", key, code=1)
    assert "no release with the digest" in unknown.stderr
    cordgraph(*base, code=2)
    cordgraph(*base, "--secret-key", key, "--signature", key, code=2)
    cordgraph("release", "approve", "--digest", "F" * 64, "--text", "x", code=2)


def test_the_password_of_a_key_is_asked(cordgraph: Runner, inventory: Connection) -> None:
    """It is read from the terminal without an echo; a wrong one is refused."""
    assert inventory
    person = Person("Li Wei")
    public = cordgraph.file("li.pub", person.public_key)
    cordgraph("approver", "add", "Li Wei", public)
    key = cordgraph.file("li.key", person.encrypted_key("open sesame"))
    digest = json.loads(cordgraph("release", "plan", "--json", code=1).stdout)["digest"]
    base = ("release", "approve", "--digest", digest, "--approver", "Li Wei", "--secret-key", key)
    wrong = cordgraph(*base, answers="open barley\n", code=1)
    assert "wrong password" in wrong.stderr
    right = cordgraph(*base, answers="open sesame\n")
    assert "sesame" not in right.output
    assert "Approved by Li Wei." in right.stdout


def test_approvers_are_listed(cordgraph: Runner) -> None:
    """Names and key ids, also of those who were removed."""
    assert cordgraph("approver", "list").stdout == "There is no approver yet.\n"
    _add(cordgraph, "Li Wei", "Chen Jing")
    removed = cordgraph("approver", "remove", "Li Wei")
    assert removed.stdout == "Li Wei may no longer approve.\n"
    rows = json.loads(cordgraph("approver", "list", "--json").stdout)
    assert [(row["name"], row["removedAt"] is None) for row in rows] == [
        ("Li Wei", False),
        ("Chen Jing", True),
    ]
    table = cordgraph("approver", "list").stdout
    assert rows[0]["keyId"] in table
    again = cordgraph("approver", "remove", "Li Wei", code=1)
    assert "there is no approver Li Wei" in again.stderr
    cordgraph("approver", "add", " ", "nowhere.pub", code=2)


@pytest.mark.usefixtures("inventory")
def test_banks_are_listed_with_their_waivers(cordgraph: Runner) -> None:
    """Recorded, revoked and never given; a revocation says what to run."""
    cordgraph("bank", "waive", "BJ", "--reference", "letter 1")
    revoked = cordgraph("bank", "revoke", "BJ", "--reference", "letter 2")
    assert "cordgraph release withdraw-classes --bank BJ --cause waiver" in revoked.stdout
    cordgraph("bank", "waive", "GD", "--reference", "letter 3")
    rows = {row["bank"]: row for row in json.loads(cordgraph("bank", "list", "--json").stdout)}
    assert [(code, rows[code]["waived"]) for code in ("BJ", "GD", "SC")] == [
        ("BJ", False),
        ("GD", True),
        ("SC", False),
    ]
    assert "since" in cordgraph("bank", "list").stdout
    cordgraph("bank", "waive", "XX", "--reference", "x", code=2)
    cordgraph("bank", "waive", "SC", "--reference", " ", code=2)


async def _numbers(connection: Connection) -> list[str]:
    rows = await connection.fetch(
        "select r.unit_number from intake.raw_unit r join intake.unit_map m "
        "on m.raw_unit_id = r.id where m.release = 1 and r.bank = 'BJ' limit 2"
    )
    return [row[0] for row in rows]


@pytest.fixture
async def numbers(released: Connection) -> list[str]:
    """Numbers of two published units of BJ."""
    return await _numbers(released)


def test_classes_are_withdrawn(cordgraph: Runner, numbers: list[str]) -> None:
    """Planned by the units of a file, listed, and left out of the next release."""
    units = cordgraph.file("ended.txt", "\n".join([*numbers, "", numbers[0]]).encode())
    base = ("release", "withdraw-classes", "--cause", "consent", "--reason", "Consent ended.")
    planned = json.loads(cordgraph(*base, "--bank", "BJ", "--units", units, "--json").stdout)
    assert planned["units"] >= 11
    again = cordgraph(*base, "--bank", "BJ", "--units", units).stdout
    assert f"--withdrawal --digest {planned['digest']}" in again
    listed = json.loads(cordgraph("release", "withdrawals", "--json").stdout)
    assert listed == [{**planned, "approvals": []}]
    assert planned["digest"] in cordgraph("release", "withdrawals").stdout
    published = json.loads(cordgraph("release", "publish", *FAKE, "--json").stdout)
    assert (published["added"], published["withdrawn"]) == (0, planned["units"])
    assert cordgraph("release", "withdrawals").stdout == "No withdrawal is pending.\n"


def test_a_withdrawal_is_cancelled(cordgraph: Runner, numbers: list[str]) -> None:
    """It is given up by its digest, and wrong usage is said."""
    assert numbers
    base = ("release", "withdraw-classes", "--cause", "fault", "--reason", "x")
    planned = json.loads(cordgraph(*base, "--added", "2", "--json").stdout)
    told = cordgraph("release", "withdrawals", "--cancel", planned["digest"])
    assert told.stdout == "No withdrawal is pending.\n"
    cordgraph("release", "withdrawals", "--cancel", planned["digest"], code=1)
    empty = cordgraph.file("empty.txt", b"\n")
    cordgraph(*base, "--bank", "BJ", "--units", empty, code=1)
    cordgraph(*base, "--units", empty, code=2)
    cordgraph(*base, "--bank", "BJ", "--units", str(cordgraph.home / "missing"), code=3)
    cordgraph(*base, code=1)


def test_a_release_is_withdrawn_by_two_runs(
    cordgraph: Runner, numbers: list[str], released: Connection
) -> None:
    """The first plans it and says how to approve; after two approvals the second does it."""
    assert numbers
    assert released
    people = _add(cordgraph, "Li Wei", "Chen Jing")
    base = ("release", "withdraw", "2", "--cause", "fault", "--reason", "Counts were wrong.")
    planned = cordgraph(*base, code=1).stdout
    digest = planned.split("withdrawal ")[1].split()[0]
    assert f"cordgraph release approve --withdrawal --digest {digest}" in planned
    for person in people:
        key = cordgraph.file("some.key", person.secret_key)
        cordgraph(
            *("release", "approve", "--withdrawal", "--digest", digest),
            *("--approver", person.name, "--secret-key", key),
        )
    done = cordgraph(*base)
    assert done.stdout == "Release 2 is withdrawn. Caches forget it within a day.\n"
    rows = json.loads(cordgraph("release", "list", "--json").stdout)
    assert [row["withdrawn_reason"] for row in rows] == [None, "Counts were wrong."]
    cordgraph(*base, code=1)


def test_a_synthetic_release_is_withdrawn_at_once(cordgraph: Runner, released: Connection) -> None:
    """The profile for demonstrations needs no approvals; the reason is checked all the same."""
    assert released
    base = ("release", "withdraw", "1", *FAKE, "--cause", "fault", "--reason")
    refused = cordgraph(*base, "Unit 20150042.", code=1)
    assert "names a unit or looks as if: 20150042" in refused.stderr
    assert "Release 1 is withdrawn." in cordgraph(*base, "Counts were wrong.").stdout
