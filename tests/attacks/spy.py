"""Collects over real HTTP all that the service says: data, errors, headers, costs and cursors."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import httpx

from domain.match_estimate import LocusTable
from domain.regions import Region
from schema.versions import VERSIONS
from tests.attacks.public import (
    ATTRIBUTES,
    Answer,
    Bands,
    Dosed,
    Patient,
    Recipient,
    Seen,
    Values,
)
from tests.attacks.transplants import ServedCell

NAMES: Final = tuple(version.name for version in VERSIONS.served)

_UNIT = (
    "id bank { code } collectionPeriod { from to } aboGroup tnc { min max } cd34 { min max }"
    " volume { min max } processing addedIn { number }"
)
_UNITS = """
query ($release: Int!, $after: String, $order: UnitOrder!) {
  units(release: $release, first: 100, after: $after, orderBy: $order) {
    edges { cursor node { UNIT } } pageInfo { hasNextPage startCursor endCursor }
  }
}
""".replace("UNIT }", f"{_UNIT} }}")
_FACTS = """
query ($release: Int!) {
  release(number: $release) {
    number publishedAt synthetic unitCount addedUnitCount withdrawnUnitCount bankCount digest
    anonymity { scheme k smallestClass classCount medianClass meanRisk heldBackPercent
      levels { attribute published level } }
    files { path bytes rows sha256 } units(first: 0) { totalCount } previous { number }
  }
  banks(release: $release, first: 100) { nodes { id code unitCount } }
}
"""
_TABLE = """
query ($release: Int!, $dimensions: [InventoryDimension!]!) {
  units(release: $release, first: 0) {
    inventory(groupBy: $dimensions) {
      bank { code } collectionPeriod { from to } aboGroup tnc { min max } cd34 { min max }
      volume { min max } processing addedIn { number } units
    }
  }
}
"""
_DOSE = """
query ($release: Int!, $weight: Float!, $cd34: Float) {
  cellDose(release: $release, weightKg: $weight, minimumCd34PerKg: $cd34) {
    certain possible unknown units byBank { bank { code } certain possible unknown units }
  }
}
"""
_RECIPIENTS = tuple(
    Recipient(weight, Fraction(weight * 3, 10), Fraction(weight * 15, 100) if both else None)
    for weight in (10, 30, 40, 60)
    for both in (False, True)
)
"""Weights between the cuts of the bands, at the minimums of the guideline."""
_CD34_PER_KG = 1.5e5
_ACTIVITY = """
query ($release: Int!, $after: String) {
  release(number: $release) { activity(first: 100, after: $after) {
    units nodes { indicationCodes years { from to } region units asOf { number } }
    pageInfo { hasNextPage endCursor } } }
}
"""
_FREQUENCIES = """
query ($release: Int!) {
  hlaFrequencies(release: $release) {
    locus region publishedUnits typedUnits frequencies { group frequency }
  }
}
"""
_ESTIMATE = """
query ($release: Int!, $region: Region!, $a: [String!]!, $b: [String!]!, $drb1: [String!]!) {
  matchEstimate(release: $release, region: $region, a: $a, b: $b, drb1: $drb1) {
    bands { atLeast atMost }
  }
}
"""
_PATIENTS: tuple[Patient, ...] = (
    (("02", "11"), ("40", "46"), ("09", "15")),
    (("02", "02"), ("46", "46"), ("09", "09")),
    (("30", "33"), ("13", "58"), ("03", "07")),
    (("66", "80"), ("81", "82"), ("01", "10")),
)
"""Common, homozygous, of published haplotypes, and so rare that no table shows the groups."""
_LIST = "{ releases(first: 100) { nodes { number state unitCount } } }"
_LIVE = "{ releases { nodes { number withdrawnReason licence { spdx } } } }"
_GATE = "{ service { gate { open reasons release heldBackPercent sentences } } }"
_TYPES = """
{ __schema { types { name fields(includeDeprecated: true) {
  name type { kind name ofType { name } } } } } }
"""
_DIMENSIONS = dict(
    zip(
        ATTRIBUTES,
        (
            "BANK",
            "COLLECTION_PERIOD",
            "ABO_GROUP",
            "TNC",
            "CD34",
            "VOLUME",
            "PROCESSING",
            "ADDED_IN",
        ),
        strict=True,
    )
)
_FIELDS = ("bank", "collectionPeriod", "aboGroup", "tnc", "cd34", "volume", "processing", "addedIn")
_ADDRESSES = (
    "/",
    "/health/live",
    "/health/ready",
    "/schema/changes.atom",
    "/catalog.ttl",
    "/catalog.jsonld",
    "/catalog.rdf",
    "/releases.atom",
    "/sitemap.xml",
    "/robots.txt",
    "/minisign.pub",
    "/releases/",
    "/releases/latest/",
    *(f"/releases/1/{path}" for path in ("", "croissant.json", "dataset.jsonld", "nothing")),
    "/releases/99/",
    *(f"/schema/{name}.graphql" for name in NAMES),
    *(f"/schema/changes/{a}..{b}.json" for a, b in itertools.pairwise(NAMES)),
    "/schema/nothing.graphql",
    "/intake/raw_unit",
)
_BAD = (
    "{ units(release: 99) { totalCount } }",
    '{ units(after: "dW5pdHNAMS9JRHww") { totalCount } }',
    '{ units(after: "*") { totalCount } }',
    "{ units(first: 101) { totalCount } }",
    '{ unit(id: "cbu_0") { id } }',
    '{ node(id: "raw_1") { id } }',
    '{ bank(code: "NONE") { code unitCount } }',
    '{ units(filter: {bank: ["NONE"]}) { totalCount } }',
    "{ rawUnits { id } }",
    "{ units { nodes { unitNumber } } }",
    "{",
)
"""Questions that are refused, or that ask for what is not there."""


@dataclass
class Sight:
    """What one look found.

    Attributes:
        releases: Each release that is still served.
        gone: Releases that the list calls withdrawn.
        gate: What the service says of the next release.
        percents: Fields of any version that are named a percentage, with their types.
    """

    releases: dict[int, Seen] = field(default_factory=dict)
    gone: frozenset[int] = frozenset()
    gate: dict[str, Any] | None = None
    percents: dict[str, str] = field(default_factory=dict)


_WAYS_AROUND = {
    "{ units(release: NUMBER) { nodes { id } } }": 0,
    '{ node(id: "rel_NUMBER") { ... on Release { units { nodes { id } } } } }': 0,
    '{ nodes(ids: ["rel_NUMBER"]) { ... on Release { units { nodes { id } } } } }': 0,
    '{ bank(code: "BJ", release: NUMBER) { units { nodes { id } } } }': 0,
    "{ release(number: NUMBER) { previous { units { nodes { id } } } } }": 1,
}
"""Documents that lead to units of a release, and the number to ask with beside the release's."""

_UNIT_ID = re.compile(r"cbu_[0-9a-f]{20}")
_NO_VALUES: Values = ("*",) * len(ATTRIBUTES)

_TABLES = (
    *((name,) for name in ATTRIBUTES),
    *itertools.combinations(ATTRIBUTES, 2),
    ("bank", "abo", "tnc"),
    ("abo", "tnc", "cd34"),
)
"""The cross-tables that are asked for."""


class Spy:
    """Asks one service, in all of its versions by turns, and keeps every answer."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._version = 0
        self.answers: list[Answer] = []
        self.percents = dict(self._percents())

    def look(self, releases: Sequence[int] | None = None, *, around: bool = True) -> Sight:
        """Return what there is to see.

        Args:
            releases: Only these; all that are listed if not given.
            around: Whether to look at everything around the data too.
        """
        listed = self.ask(_LIST)["releases"]["nodes"]
        gone = frozenset(r["number"] for r in listed if r["state"] == "WITHDRAWN")
        sight = Sight(gone=gone, percents=self.percents)
        for release in [r["number"] for r in listed] if releases is None else releases:
            seen = self._release(release)
            if seen is not None:
                sight.releases[release] = seen
        if around:
            for address in _ADDRESSES:
                self._keep(f"GET {address}", self._http.get(address))
            for document in (*_BAD, '{ nodes(ids: ["rel_1", "rel_2", "bnk_BJ"]) { id } }'):
                self.respond(document)
                self.respond(document, path="/cost")
            self.respond(_LIVE, NAMES[-1])
            sight.gate = self.ask(_GATE, version=NAMES[-1])["service"]["gate"]
        return sight

    def ask(self, document: str, version: str | None = None, **variables: Any) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        answer = self.respond(document, version=version, **variables)
        body = json.loads(answer.body)
        assert (answer.status, body.get("errors")) == (200, None), body
        data: dict[str, Any] = body["data"]
        return data

    def respond(
        self, document: str, version: str | None = None, path: str = "/graphql", **variables: Any
    ) -> Answer:
        """Return any answer; versions take turns unless one is named."""
        if version is None:
            self._version += 1
            version = NAMES[self._version % len(NAMES)]
        sent = {"query": document, "variables": variables}
        response = self._http.post(f"{path}/{version}", json=sent)
        return self._keep(f"{path}/{version} {json.dumps(sent)}", response)

    def _keep(self, asked: str, response: httpx.Response) -> Answer:
        headers = tuple(sorted(response.headers.multi_items()))
        answer = Answer(asked, response.status_code, headers, response.content)
        self.answers.append(answer)
        return answer

    def _release(self, release: int) -> Seen | None:
        asked = self.respond(_FACTS, release=release)
        body = json.loads(asked.body)
        if "errors" in body:
            return self._remains(release)
        facts = body["data"]["release"]
        facts["anonymity"].update(self._shares(release))
        total = facts.pop("units")["totalCount"]
        units: dict[str, Values] = {}
        cursors: dict[str, list[tuple[str, str]]] = {"ID": [], "TNC_DESC": []}
        for edge in self._walk(release, "ID"):
            units[edge["node"]["id"]] = _values(edge["node"])
            cursors["ID"].append((edge["node"]["id"], edge["cursor"]))
        for edge in itertools.islice(self._walk(release, "TNC_DESC"), 500):
            cursors["TNC_DESC"].append((edge["node"]["id"], edge["cursor"]))
        banks = {bank["code"]: bank["unitCount"] for bank in body["data"]["banks"]["nodes"]}
        tables = {names: self._table(release, names) for names in _TABLES}
        doses = dict(self._doses(release))
        transplants, activity = self._activity(release)
        return Seen(
            release,
            facts,
            units,
            cursors,
            tables,
            total,
            banks,
            doses,
            transplants,
            activity,
            dict(self._estimates(release)),
            dict(self._locus_tables(release)),
        )

    def _activity(self, release: int) -> tuple[int, list[ServedCell]]:
        """Return what the counts of transplants say that they add up to, and the counts."""
        cells: list[ServedCell] = []
        after = None
        while True:
            asked = {"release": release, "after": after}
            page = self.ask(_ACTIVITY, NAMES[-1], **asked)["release"]["activity"]
            cells += map(_cell, page["nodes"])
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return page["units"], cells

    def _estimates(self, release: int) -> Iterator[tuple[tuple[Patient, Region], Bands]]:
        """Yield about how many units match each patient."""
        for patient, region in itertools.product(_PATIENTS, Region):
            groups = dict(zip(("a", "b", "drb1"), patient, strict=True))
            asked = {"release": release, "region": region.value, **groups}
            told = self.ask(_ESTIMATE, NAMES[-1], **asked)["matchEstimate"]
            bands = told and tuple((each["atLeast"], each["atMost"]) for each in told["bands"])
            yield (patient, region), bands

    def _locus_tables(self, release: int) -> Iterator[tuple[tuple[Region, str], LocusTable]]:
        """Yield the frequency tables of HLA."""
        for table in self.ask(_FREQUENCIES, NAMES[-1], release=release)["hlaFrequencies"]:
            rows = table["frequencies"]
            shares = {row["group"].partition("*")[2]: row["frequency"] for row in rows}
            yield (
                (Region(table["region"]), table["locus"]),
                LocusTable(
                    published=table["publishedUnits"],
                    typed=table["typedUnits"],
                    frequencies={group: share for group, share in shares.items() if group},
                    other=shares.get("", 0.0),
                ),
            )

    def _doses(self, release: int) -> Iterator[tuple[tuple[Recipient, str], Dosed]]:
        """Yield how many units reach a dose, in all and of each bank."""
        for recipient in _RECIPIENTS:
            cd34 = None if recipient.cd34 is None else _CD34_PER_KG
            asked = {"release": release, "weight": recipient.weight, "cd34": cd34}
            told = self.ask(_DOSE, NAMES[-1], **asked)["cellDose"]
            for part in (told, *told["byBank"]):
                bank = part.get("bank", {"code": "total"})
                counts = Dosed(*(part[name] for name in Dosed._fields))
                yield (recipient, bank["code"] if bank else "*"), counts

    def _shares(self, release: int) -> dict[str, Any]:
        """Return every percentage of the release's anonymity that the newest version tells."""
        suffix = f" of {NAMES[-1]}"
        places = [place.removesuffix(suffix) for place in self.percents if place.endswith(suffix)]
        owned = [place.partition(".")[2] for place in places if place.startswith("Anonymity.")]
        asked = f"{{ release(number: {release}) {{ anonymity {{ {' '.join(owned)} }} }} }}"
        shares: dict[str, Any] = self.ask(asked, NAMES[-1])["release"]["anonymity"]
        return shares

    def _remains(self, release: int) -> Seen | None:
        """Try every other way to the units of a release that is refused."""
        answers = [
            self.respond(document.replace("NUMBER", str(number)), version)
            for document, number in _WAYS_AROUND.items()
            for number in [release + number]
            for version in NAMES
        ]
        found = {id_ for answer in answers for id_ in _UNIT_ID.findall(answer.body.decode())}
        if not found:
            return None
        return Seen(release, {}, dict.fromkeys(sorted(found), _NO_VALUES), {}, {}, len(found), {})

    def _walk(self, release: int, order: str) -> Iterator[dict[str, Any]]:
        after = None
        while True:
            data = self.ask(_UNITS, release=release, after=after, order=order)
            yield from data["units"]["edges"]
            if not data["units"]["pageInfo"]["hasNextPage"]:
                return
            after = data["units"]["pageInfo"]["endCursor"]

    def _table(self, release: int, names: tuple[str, ...]) -> dict[Values, int]:
        data = self.ask(_TABLE, release=release, dimensions=[_DIMENSIONS[name] for name in names])
        columns = [ATTRIBUTES.index(name) for name in names]
        table: dict[Values, int] = {}
        for cell in data["units"]["inventory"]:
            values = _values(cell)
            key = tuple(values[column] for column in columns)
            assert key not in table, "an inventory has a cell twice"
            table[key] = cell["units"]
        return table

    def _percents(self) -> Iterator[tuple[str, str]]:
        for version in NAMES:
            for type_ in self.ask(_TYPES, version)["__schema"]["types"]:
                for each in type_["fields"] or ():
                    if "percent" in each["name"].lower():
                        kind = each["type"]["name"] or each["type"]["ofType"]["name"]
                        yield f"{type_['name']}.{each['name']} of {version}", kind


def _cell(node: Mapping[str, Any]) -> ServedCell:
    """Return a count of transplants."""
    return ServedCell(
        tuple(node["indicationCodes"]),
        node["years"]["from"],
        node["years"]["to"],
        node["region"],
        node["units"],
        node["asOf"]["number"],
    )


def _values(node: Mapping[str, Any]) -> Values:
    """Return the published values as texts, and the release that added the unit as a number."""
    *texts, _ = (_written(node[name]) for name in _FIELDS)
    added = node["addedIn"]
    return (*texts, added["number"] if added else 0)


def _written(value: Any) -> str:
    if value is None:
        return "*"
    if isinstance(value, dict):
        return "..".join("" if part is None else f"{part}" for part in value.values())
    return str(value)
