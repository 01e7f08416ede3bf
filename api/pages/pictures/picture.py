"""The pictures: which there are, the query that each comes from, and its rows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.pages.pictures.table import UNPUBLISHED, UNRECORDED, Row, Table
from api.pages.view import View

Cells = list[Mapping[str, Any]]

OTHERS = "OTHER"
"""The contract's name for all groups of a locus that have no row."""
LATITUDES = {
    "Beijing": 39.9,
    "Tianjin": 39.1,
    "Jinan": 36.7,
    "Shanghai": 31.2,
    "Chengdu": 30.7,
    "Hangzhou": 30.3,
    "Guangzhou": 23.1,
}
"""Degrees north of the cities, rounded: they only order them and are never shown."""


MOST_BARS = 15
"""Bars that lie in one picture; more would be taller than a screen."""


class Kind(StrEnum):
    """How a picture is drawn."""

    BARS = "bars"
    COLUMNS = "columns"
    HEAT = "heat"
    STACK = "stack"


async def _at_once(view: View, query: str, release: int) -> Any:  # noqa: ANN401 - any JSON
    """Return the answer to a query that has no pages."""
    return await view.ask(query, release)


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        name: Of its texts and of its address; its query is ``picture_<name>``.
        kind: How it is drawn.
        columns: Names of its dimensions, in words that never change.
        rows: Makes its rows from the answer to its query, and the number of the release.
        read: Asks its query, given its name and the release.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    rows: Callable[[View, Any, int], list[Row]]
    read: Callable[[View, str, int], Awaitable[Any]] = _at_once

    def drawn(self, table: Table) -> Sequence[Row]:
        """Return the rows that are drawn; the table beside the picture has all of them."""
        return table.rows[:MOST_BARS] if self.kind is Kind.BARS else table.rows

    def size(self, table: Table) -> tuple[int, int]:
        """Return about how wide and high it is, so that a page can leave room for it."""
        heights = {
            Kind.BARS: 8 + 42 * len(self.drawn(table)),
            Kind.COLUMNS: 246,
            Kind.STACK: 8 + 42 * len(table.labels(0)),
            Kind.HEAT: 62 + 44 * len(table.labels(0)) if table.rows else 0,
        }
        return 330, heights[self.kind]

    @property
    def query(self) -> str:
        """Name of the document that its data come from."""
        return f"picture_{self.name}"

    async def table(self, view: View, release: int) -> Table:
        """Return what it shows of a release."""
        data = await self.read(view, self.query, release)
        return Table(self.columns, self.rows(view, data, release))


def _inventory(data: Any) -> Cells:  # noqa: ANN401 - any JSON
    cells: Cells = data["units"]["inventory"]
    return cells


def _banks(view: View, data: Any, _release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    rows = [
        Row([bank["code"]], [bank["name"]], cell["units"]) if bank else _unpublished(view, cell)
        for cell in _inventory(data)
        for bank in [cell["bank"]]
    ]
    return sorted(rows, key=lambda row: -row.units)


def _cities(view: View, data: Any, _release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    """Return the cities from north to south, those of unknown place last."""
    units: dict[str, int] = {}
    for cell in _inventory(data):
        city = cell["bank"]["city"] if cell["bank"] else ""
        units[city] = units.get(city, 0) + cell["units"]
    names = view.text_table("cities")
    order = sorted(units, key=lambda city: (-LATITUDES.get(city, -90), city))
    return [
        Row([city], [names.get(city, city)], units[city])
        if city
        else _unpublished(view, {"units": units[city]})
        for city in order
    ]


def _periods(view: View, data: Any, _release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    rows = []
    for cell in _inventory(data):
        period = cell["collectionPeriod"]
        if period is None:
            rows.append(_unpublished(view, cell))
            continue
        first, last = period["from"], period["to"]
        label = f"{first}–{last}" if first != last else f"{first}"  # noqa: RUF001 - a range
        rows.append(Row([f"{first}/{last}"], [label], cell["units"]))
    return sorted(rows, key=lambda row: row.codes[0] or "~")


def _groups(view: View, data: Any, _release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    names = view.text_table("pictures.groups")
    return [
        Row([group], [names.get(group, group)], cell["units"])
        if group
        else _unpublished(view, cell)
        for cell in _inventory(data)
        for group in [cell["aboGroup"]]
    ]


def _tnc(view: View, data: Any, _release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    rows = []
    for cell in sorted(_inventory(data), key=lambda cell: _order(cell["tnc"])):
        code, label = _band(view, cell["tnc"])
        rows.append(Row([code], [label], cell["units"]))
    return rows


def _cells(view: View, data: Any, _release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    rows = []
    order = sorted(_inventory(data), key=lambda cell: (_order(cell["tnc"]), _order(cell["cd34"])))
    for cell in order:
        tnc, cd34 = _band(view, cell["tnc"]), _band(view, cell["cd34"])
        rows.append(Row([tnc[0], cd34[0]], [tnc[1], cd34[1]], cell["units"]))
    return rows


def _doses(view: View, data: Any, _release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    """Return for each weight the units that surely reach the dose, and those that only may."""
    names = view.text_table("pictures.reach")
    rows = []
    for alias, dose in data.items():
        weight = alias.removeprefix("kg")
        parts = {"certain": dose["certain"], "possible": dose["possible"] - dose["certain"]}
        for reach, units in parts.items():
            rows.append(Row([weight, reach], [f"{weight} kg", names[reach]], units))
    return rows


async def _all_activity(view: View, query: str, release: int) -> Any:  # noqa: ANN401 - any JSON
    """Return an answer with the nodes of all pages of activity."""
    data = await view.ask(query, release)
    activity = data["release"]["activity"]
    page = activity["pageInfo"]
    while page["hasNextPage"]:
        more = await view.ask(query, release, after=page["endCursor"])
        activity["nodes"] += more["release"]["activity"]["nodes"]
        page = more["release"]["activity"]["pageInfo"]
    return data


def _transplants(view: View, data: Any, _release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    """Return the sum of all years and regions for each indication, or for several together."""
    together = view.text("pictures.together")
    units: dict[str, int] = {}
    labels: dict[str, str] = {}
    for cell in data["release"]["activity"]["nodes"]:
        code = "+".join(cell["indicationCodes"])
        names = [each["name"] for each in cell["indications"]]
        units[code] = units.get(code, 0) + cell["units"]
        labels[code] = names[0] if len(names) == 1 else together.format(count=len(names))
    order = sorted(units, key=lambda code: ("+" in code, -units[code], code))
    return [Row([code], [_told_apart(labels, code)], units[code]) for code in order]


def _told_apart(labels: Mapping[str, str], code: str) -> str:
    """Return the label of ``code``, with the code where another one has the same."""
    label = labels[code]
    alike = sum(each == label for each in labels.values())
    return label if alike == 1 else f"{label} ({code})"


def _hla(view: View, data: Any, _release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    """Return the groups of a locus, the most common first, and those without a row last."""
    rows = []
    for table in data["hlaFrequencies"] or ():
        for each in table["frequencies"]:
            code = each["group"]
            label = view.text("pictures.others") if code == OTHERS else code
            rows.append(Row([code], [label], each["units"]))
    return sorted(rows, key=lambda row: (row.codes[0] == OTHERS, -row.units, row.codes))


def _growth(_view: View, data: Any, release: int) -> list[Row]:  # noqa: ANN401 - any JSON
    """Return the releases up to the one that is shown, without those that were withdrawn."""
    return [
        Row([str(each["number"])], [str(each["number"])], each["unitCount"])
        for each in data["releases"]["nodes"]
        if each["state"] != "WITHDRAWN" and each["number"] <= release
    ]


def _order(band: Mapping[str, Any] | None) -> tuple[int, float]:
    """Return where a band stands: from low to high, then not recorded, then not published."""
    if band is None:
        return 3, 0.0
    if band["min"] is None and band["max"] is None:
        return 2, 0.0
    return 1, -1.0 if band["min"] is None else band["min"]


def _band(view: View, band: Mapping[str, Any] | None) -> tuple[str, str]:
    """Return a band as an interval of mathematics, and for people."""
    if band is None:
        return UNPUBLISHED, view.text("pictures.unpublished")
    low, high = (None if band[end] is None else f"{band[end]:g}" for end in ("min", "max"))
    if low is None and high is None:
        return UNRECORDED, view.text("pictures.unrecorded")
    code = f"[{low or 0},{high or 'inf'})"
    if low is None:
        return code, f"< {high}"
    return code, f"≥ {low}" if high is None else f"{low}–{high}"  # noqa: RUF001 - a range


def _unpublished(view: View, cell: Mapping[str, Any]) -> Row:
    return Row([UNPUBLISHED], [view.text("pictures.unpublished")], cell["units"])


PICTURES: tuple[Picture, ...] = (
    Picture("banks", Kind.BARS, ("bank",), _banks),
    Picture("cities", Kind.BARS, ("city",), _cities),
    Picture("periods", Kind.BARS, ("collection_period",), _periods),
    Picture("abo", Kind.BARS, ("abo_group",), _groups),
    Picture("tnc", Kind.BARS, ("tnc_1e8",), _tnc),
    Picture("cells", Kind.HEAT, ("tnc_1e8", "cd34_1e6"), _cells),
    Picture("doses", Kind.STACK, ("weight_kg", "reach"), _doses),
    Picture("hla_a", Kind.BARS, ("hla_group",), _hla),
    Picture("hla_b", Kind.BARS, ("hla_group",), _hla),
    Picture("hla_drb1", Kind.BARS, ("hla_group",), _hla),
    Picture("transplants", Kind.BARS, ("indications",), _transplants, _all_activity),
    Picture("growth", Kind.COLUMNS, ("release",), _growth),
)
"""All pictures, in the order in which a release shows them."""
