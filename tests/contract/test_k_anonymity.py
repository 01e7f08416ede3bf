"""What anybody can learn from the API alone, judged by a program that is not ours."""

import csv
import itertools
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from database.access import Access
from domain.disclosure import MINIMUM_CLASS
from tests.serving import serving

ROOT = Path(__file__).parents[2]
JUDGE = ROOT / ".venv-judge" / "bin" / "python"
ATTRIBUTES = ("bank", "period", "abo", "tnc", "cd34", "volume", "processing")
DOCUMENT = """
query ($release: Int!, $after: String) {
  units(release: $release, first: 100, after: $after) {
    nodes {
      id bank { code } collectionPeriod { from to } aboGroup processing
      tnc { min max } cd34 { min max } volume { min max } addedIn { number }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
Rows = list[dict[str, str]]


def download(client: httpx.Client, release: int) -> Iterator[dict[str, str]]:
    """Yield every unit of a release as an attacker would write it down; * is not published."""
    after = None
    while True:
        variables = {"release": release, "after": after}
        answer = client.post("/graphql/2026-10", json={"query": DOCUMENT, "variables": variables})
        assert answer.status_code == 200, answer.text
        units = answer.json()["data"]["units"]
        for node in units["nodes"]:
            yield {
                "id": node["id"],
                "bank": node["bank"]["code"] if node["bank"] else "*",
                "period": written(node["collectionPeriod"]),
                "abo": node["aboGroup"] or "*",
                "tnc": written(node["tnc"]),
                "cd34": written(node["cd34"]),
                "volume": written(node["volume"]),
                "processing": node["processing"] or "*",
                "added": str(node["addedIn"]["number"]),
            }
        if not units["pageInfo"]["hasNextPage"]:
            return
        assert after != units["pageInfo"]["endCursor"], "the walk does not move"
        after = units["pageInfo"]["endCursor"]


def written(value: dict[str, Any] | None) -> str:
    """Write an object's values as one text."""
    return "*" if value is None else "..".join(str(part) for part in value.values())


@pytest.fixture(scope="module")
def releases(published: Access) -> dict[int, Rows]:
    """Everything that the API serves, release by release, over a real socket."""
    with serving(published) as url, httpx.Client(base_url=url, timeout=30) as client:
        return {release: list(download(client, release)) for release in (1, 2, 3)}


@pytest.mark.judge
@pytest.mark.parametrize("release", [1, 2, 3])
@pytest.mark.parametrize(
    "columns",
    [ATTRIBUTES, (*ATTRIBUTES, "added")],
    ids=["attributes", "attributes-and-batch"],
)
def test_pycanon_confirms_k(
    releases: dict[int, Rows], tmp_path: Path, release: int, columns: tuple[str, ...]
) -> None:
    """An independent judge finds at least 11 units in every class that is served."""
    assert JUDGE.exists(), "the judge's environment is missing; run: make .venv-judge/judge.stamp"
    file = tmp_path / "units.csv"
    with file.open("w", newline="", encoding="utf-8") as output:
        table = csv.DictWriter(output, releases[release][0])
        table.writeheader()
        table.writerows(releases[release])
    judged = subprocess.run(
        [JUDGE, ROOT / "publishing" / "judges" / "k_anonymity.py", file, ",".join(columns)],
        check=True,
        capture_output=True,
        text=True,
    )
    verdict = json.loads(judged.stdout)
    assert verdict["units"] == len(releases[release])
    assert (verdict["judge"], verdict["version"]) == ("pycanon", "1.3.5")
    smallest = min(Counter(tuple(row[c] for c in columns) for row in releases[release]).values())
    assert verdict["k"] == [smallest]
    assert smallest >= MINIMUM_CLASS


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 3), (1, 3)])
def test_releases_differ_by_nobody_or_by_many(
    releases: dict[int, Rows], old: int, new: int
) -> None:
    """For every combination of every choice of attributes, 0 or at least 11 units are new."""
    before = {row["id"]: row for row in releases[old]}
    after = {row["id"]: row for row in releases[new]}
    assert before.items() <= after.items()
    added = [row for id_, row in after.items() if id_ not in before]
    removed = [row for id_, row in before.items() if id_ not in after]
    for size in range(1, len(ATTRIBUTES) + 1):
        for columns in itertools.combinations(ATTRIBUTES, size):
            for changed in (added, removed):
                counts = Counter(tuple(row[c] for c in columns) for row in changed)
                assert all(count >= MINIMUM_CLASS for count in counts.values()), columns
    assert len(added) >= MINIMUM_CLASS


def test_pages_are_in_an_order_that_says_nothing(releases: dict[int, Rows]) -> None:
    """Units come in the order of ids that are HMACs, not of intake, bank or date."""
    ids = [row["id"] for row in releases[3]]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
