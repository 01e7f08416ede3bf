"""The audits of graphql-http themselves, run by Node against a served world."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from database.access import Access
from schema.versions import VERSIONS, VersionStatus
from tests.node_project import node_project, run_node
from tests.serving import serving

_HERE = Path(__file__).parent
_SERVED = [each.name for each in VERSIONS if each.status is not VersionStatus.RETIRED]
_PATHS = ["/graphql", *(f"/graphql/{name}" for name in _SERVED)]


@pytest.fixture(scope="module")
def project() -> Path:
    """The audits with their packages."""
    return node_project(_HERE / "audits")


@pytest.fixture(scope="module")
def url(module_database: Access) -> Iterator[str]:
    """Base address of a running service."""
    with serving(module_database) as address:
        yield address


@pytest.mark.parametrize("path", _PATHS)
def test_all_audits_pass(project: Path, url: str, path: str) -> None:
    """61 of 61, those that say SHOULD and MAY included."""
    results = run_node(project, "audit.mjs", url + path)
    assert [each for each in results if each["status"] != "ok"] == []
    assert len(results) == 61


def test_every_audit_is_mirrored_by_its_id(project: Path, url: str) -> None:
    """The tests in Python name all ids, so that they hold where there is no Node."""
    mirror = (_HERE / "test_graphql_over_http.py").read_text(encoding="utf-8")
    mirrored = set(re.findall(r"\b[0-9A-Z]{4}\b", mirror))
    for name, count in re.findall(
        r'id=f"(\w{3})\{n\}"\).*?\n\s*for n, \w+ in enumerate\((.*?)\)', mirror, re.DOTALL
    ):
        members = 3 if count == "_PARAMETERS" else count.count(",") + 1
        mirrored |= {f"{name}{n}" for n in range(members)}
    ids = {each["id"] for each in run_node(project, "audit.mjs", f"{url}/graphql")}
    assert ids - mirrored == set()
