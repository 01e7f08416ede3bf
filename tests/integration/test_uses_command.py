"""`cordgraph schema uses`: what running services counted, read back."""

import datetime as dt
import json

import httpx
import pytest
from click.testing import CliRunner, Result

from commands.schema import schema_commands
from commands.shell import Shell
from database.access import Access
from database.pool import Connection
from tests.serving import serving

_ADD = "insert into service.counter values ($1, $2, $3)"


def _days_ago(days: int) -> dt.date:
    return dt.datetime.now(dt.UTC).date() - dt.timedelta(days=days)


def _cordgraph(access: Access, *arguments: str, role: str = "service") -> Result:
    group = Shell(name="cordgraph", commands={"schema": schema_commands})
    variable = f"CORDGRAPH_{role.upper()}_URL"
    environment = {variable: access.require(role), "COLUMNS": "160"}
    return CliRunner().invoke(group, ["schema", "uses", *arguments], env=environment)


@pytest.fixture
async def counted(database: Access, owner: Connection) -> Access:
    """Uses of a deprecated field, of one that is gone, and something else that is counted."""
    rows = [
        ("deprecated:Release.licence", _days_ago(40), 7),
        ("deprecated:Release.licence", _days_ago(29), 1_000),
        ("deprecated:Release.licence", _days_ago(1), 200),
        ("deprecated:Gone.field", _days_ago(0), 5),
        ("deprecated-not:Release.licence", _days_ago(0), 9),
    ]
    await owner.executemany(_ADD, rows)
    return database


def _found(access: Access, *arguments: str) -> dict[str, tuple[int, list[tuple[str, int]]]]:
    result = _cordgraph(access, "--json", *arguments)
    assert result.exit_code == 0, result.output
    return {
        use["coordinate"]: (
            use["requests"],
            [(day["day"], day["requests"]) for day in use["days"]],
        )
        for use in json.loads(result.stdout)["uses"]
    }


def test_the_last_days_are_counted(counted: Access) -> None:
    """Thirty days, or as many as are asked for, or from a day on; today included."""
    older, old, new = (str(_days_ago(days)) for days in (40, 29, 1))
    assert _found(counted)["Release.licence"] == (1_200, [(old, 1_000), (new, 200)])
    assert _found(counted, "--days", "29")["Release.licence"] == (200, [(new, 200)])
    assert _found(counted, "--days", "1")["Release.licence"] == (0, [])
    assert _found(counted, "--since", older)["Release.licence"] == (
        1_207,
        [(older, 7), (old, 1_000), (new, 200)],
    )


def test_programs_read_what_clients_are_told(counted: Access) -> None:
    """Each part with its notice, the most used first; one that is gone has none."""
    printed = json.loads(_cordgraph(counted, "--json", "--days", "2").stdout)
    assert (printed["from"], printed["to"]) == (str(_days_ago(1)), str(_days_ago(0)))
    assert printed["uses"][:2] == [
        {
            "coordinate": "Release.licence",
            "since": "2027-01",
            "removedIn": "2027-01",
            "replacement": "licence { spdx }",
            "requests": 200,
            "days": [{"day": str(_days_ago(1)), "requests": 200}],
        },
        {
            "coordinate": "Gone.field",
            "since": None,
            "removedIn": None,
            "replacement": None,
            "requests": 5,
            "days": [{"day": str(_days_ago(0)), "requests": 5}],
        },
    ]
    unused = {use["coordinate"] for use in printed["uses"] if use["requests"] == 0}
    assert unused == {"Anonymity.judge", "Anonymity.maxRisk"}


def test_people_read_a_table(counted: Access) -> None:
    """A row for each part, also for those that nobody used."""
    lines = _cordgraph(counted).stdout.splitlines()
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]
    assert [
        "Release.licence",
        "1,200",
        str(_days_ago(1)),
        "2027-01",
        "2027-01",
        "licence { spdx }",
    ] in cells
    assert ["Gone.field", "5", str(_days_ago(0)), "", "gone", ""] in cells
    assert ["Anonymity.judge", "0", "", "2027-01", "2028-01", "confirmedBy"] in cells
    assert (
        lines[-1]
        == f"Requests from {_days_ago(29)} to {_days_ago(0)} (UTC), by all clients together."
    )


def test_what_a_service_counts_is_what_is_read(database: Access) -> None:
    """One for each request that was valid, however often the part stands in it."""
    document = "{ a: release { licence } b: release { licence anonymity { judge } } }"
    with serving(database) as url:
        for query in (document, document, "{ release { licence nosuchfield } }"):
            httpx.post(f"{url}/graphql/2026-10", json={"query": query})
    today = str(_days_ago(0))
    assert {name: use for name, use in _found(database).items() if use[0]} == {
        "Release.licence": (2, [(today, 2)]),
        "Anonymity.judge": (2, [(today, 2)]),
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--days", "0"), "0 is not in the range"),
        (("--days", "3", "--since", "2026-10-01"), "Give --days or --since, not both."),
        (("--since", "yesterday"), "does not match the format"),
        (("--since", "9999-01-01"), "--since 9999-01-01 lies ahead"),
    ],
)
def test_a_span_that_makes_no_sense_is_wrong_usage(
    database: Access, arguments: tuple[str, ...], words: str
) -> None:
    """The message names the option and the rule."""
    result = _cordgraph(database, *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True)


def test_the_role_of_the_service_is_needed(database: Access) -> None:
    """Another role's address is not enough, and the message names the variable."""
    result = _cordgraph(database, role="operator")
    assert (result.exit_code, "CORDGRAPH_SERVICE_URL is not set" in result.stderr) == (3, True)
