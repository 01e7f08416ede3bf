"""Every served version reads every live release, with every field that it has."""

from collections.abc import Iterator

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from schema.build import build_schema
from schema.versions import VERSIONS, VersionStatus
from tests.serving import serving
from tests.whole_schema import WholeSchema

_SERVED = [each.name for each in VERSIONS if each.status is not VersionStatus.RETIRED]
_RELEASES = (1, 2, 3)
_READS_NO_RELEASE = {"node", "releases", "service"}
"""Fields of the root that read none, or not the pinned one only."""


@pytest.fixture(scope="module")
def client(published: Access) -> Iterator[httpx.Client]:
    """A client of a running service with three releases."""
    with (
        serving(published, Settings(anonymous_quota=0)) as url,
        httpx.Client(base_url=url) as opened,
    ):
        yield opened


def _whole(version: str) -> WholeSchema:
    return WholeSchema(build_schema(version)._schema)


@pytest.mark.parametrize("version", _SERVED)
def test_the_documents_select_all_there_is(version: str) -> None:
    """No field of any type is left out, so that a new one cannot be forgotten."""
    whole = _whole(version)
    assert list(whole.documents()) != []
    assert whole.coordinates - whole.selected == set()


@pytest.mark.parametrize("release", _RELEASES)
@pytest.mark.parametrize("version", _SERVED)
def test_a_version_reads_a_release(client: httpx.Client, version: str, release: int) -> None:
    """Every field of every type is answered without an error, from that release."""
    address = f"/graphql/{version}?release={release}"
    first = client.post(address, json={"query": "{ units(first: 1) { nodes { id } } }"}).json()
    variables = {"unit": first["data"]["units"]["nodes"][0]["id"]}
    for name, document in _whole(version).documents():
        used = variables if "$unit" in document else {}
        answer = client.post(address, json={"query": document, "variables": used})
        body = answer.json()
        assert (name, answer.status_code, body.get("errors")) == (name, 200, None)
        assert body["data"][name] is not None
        if name not in _READS_NO_RELEASE:
            assert release in body["extensions"]["cordgraph"]["releases"]
