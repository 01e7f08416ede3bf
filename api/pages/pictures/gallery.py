"""The pictures of a release on a page, and at addresses of their own."""

import asyncio
import subprocess
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import structlog

from api.pages.asking import query_text
from api.pages.language import Language
from api.pages.pictures.picture import PICTURES, Picture
from api.pages.pictures.studio import THEMES, Studio
from api.pages.pictures.table import Table
from api.pages.view import View

_State: TypeAlias = tuple[str, Language, int]
_KEPT_ORDERS = 100
_NAMES = frozenset(picture.name for picture in PICTURES)

_log = structlog.get_logger("cordgraph")


@dataclass(frozen=True)
class Exhibit:
    """A picture of one release.

    Attributes:
        picture: The picture.
        table: What it shows.
        release: Number of the release.
        version: Version of the schema in which its query can be opened.
        query: The query that its data come from.
        variables: Values of the query's variables.
        alternative: What it shows, in a sentence, for who cannot see it.
    """

    picture: Picture
    table: Table
    release: int
    version: str
    query: str
    variables: Mapping[str, str]
    alternative: str

    @property
    def address(self) -> str:
        """Where its files are, but for what they end with."""
        return f"/pictures/{self.release}/{self.picture.name}"


async def exhibits(view: View, release: int, *names: str) -> list[Exhibit]:
    """Return pictures of a release, all if no names are given; none without data."""
    chosen = [each for each in PICTURES if not names or each.name in names]
    found = [await _exhibit(view, release, picture) for picture in chosen]
    return [each for each in found if each.table.rows]


async def _exhibit(view: View, release: int, picture: Picture) -> Exhibit:
    table = await picture.table(view, release)
    query = query_text(picture.query)
    variables = {"language": view.language.in_contract} if "$language" in query else {}
    return Exhibit(
        picture=picture,
        table=table,
        release=release,
        version=view.version_for(query),
        query=query,
        variables=variables,
        alternative=_alternative(view, picture, table) if table.rows else "",
    )


def _alternative(view: View, picture: Picture, table: Table) -> str:
    return view.text("pictures.alternative").format(
        title=view.text(f"pictures.{picture.name}.title"),
        most=", ".join(table.most.labels),
        most_units=f"{table.most.units:,}",
        least=", ".join(table.least.labels),
        least_units=f"{table.least.units:,}",
    )


def orders_of(view: View, found: Sequence[Exhibit]) -> dict[str, dict[str, Any]]:
    """Return what to order from the studio."""
    return {
        each.picture.name: {
            "kind": each.picture.kind.value,
            "rows": [
                {"labels": row.labels, "units": row.units} for row in each.picture.drawn(each.table)
            ],
            "labels": [each.table.labels(n) for n in range(len(each.picture.columns))],
            "titles": [view.text(f"pictures.axes.{column}") for column in each.picture.columns],
            "description": each.alternative,
        }
        for each in found
    }


class Gallery:
    """Has the pictures of whole releases drawn, as soon as a page with some of them is made."""

    def __init__(self) -> None:
        self._studio = Studio()
        self._ahead: set[asyncio.Task[object]] = set()
        self._orders: OrderedDict[_State, dict[str, dict[str, Any]]] = OrderedDict()

    async def svg(self, view: View, release: int, name: str, theme: str) -> bytes | None:
        """Return a picture, or ``None`` if there is none of this name.

        Raises:
            DrawingError: It cannot be drawn.
        """
        if theme not in THEMES or name not in _NAMES:
            return None
        try:
            found = await self._studio.drawn(await self._ordered(view, release))
        except (OSError, subprocess.SubprocessError) as error:
            _log.error("cannot draw", exc_info=error)
            raise DrawingError from error
        return found.svg(name, theme)

    async def _ordered(self, view: View, release: int) -> dict[str, dict[str, Any]]:
        """Return what to order of a release, asked once for each state of the data."""
        key = view.catalogue.fingerprint, view.language, release
        orders = self._orders.get(key)
        if orders is None:
            orders = self._orders[key] = orders_of(view, await exhibits(view, release))
            while len(self._orders) > _KEPT_ORDERS:
                self._orders.popitem(last=False)
        return orders

    def begin(self, view: View, release: int) -> None:
        """Have the pictures of a release drawn before they are asked for."""
        task = asyncio.create_task(self._prepare(view, release))
        self._ahead.add(task)
        task.add_done_callback(self._ahead.discard)

    async def _prepare(self, view: View, release: int) -> None:
        try:
            await self.svg(view, release, PICTURES[0].name, THEMES[0])
        except Exception:  # noqa: BLE001 - who asks for them will be told
            return


class DrawingError(Exception):
    """Pictures cannot be drawn at the moment."""
