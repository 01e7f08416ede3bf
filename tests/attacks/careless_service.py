"""How somebody careless would serve it: changes to the program, for as long as a context lasts."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from graphql import DocumentNode

from api.costs import Costs
from domain.cell_dose import CellDose
from domain.match_estimate import Area, MatchEstimate, estimate_matches
from domain.match_model import Pair
from loaders.class_set import ClassSet
from loaders.dose_counts import DoseCount, dose_counts
from schema import paging
from schema.context import Context
from schema.cost import Cost
from schema.errors import Code, ContractError
from schema.lookup import look_up_unit
from schema.types.activity_connection import ActivityConnection
from tests.attacks.public import Insider, K


def _exact_units() -> Callable[[ClassSet], int]:
    """Return what counts the units of a set."""
    units: Callable[[ClassSet], int] = vars(ClassSet)["units"].func
    return units


@contextmanager
def totals_of_more(_insider: Insider) -> Iterator[None]:
    """Count five units more than the classes have."""
    units = _exact_units()
    with patch.object(ClassSet, "units", property(lambda self: units(self) + 5)):
        yield


@contextmanager
def doses_of_more(_insider: Insider) -> Iterator[None]:
    """Count three units more of each bank that surely reach a dose: they wait for others."""

    def counted(classes: ClassSet, dose: CellDose) -> list[DoseCount]:
        return [replace(each, certain=each.certain + 3) for each in dose_counts(classes, dose)]

    with patch("schema.types.cell_dose.dose_counts", counted):
        yield


@contextmanager
def estimates_of_units(_insider: Insider) -> Iterator[None]:
    """Let a unit that waits for its release, or a count of units, sharpen an estimate."""

    def estimated(patient: Sequence[Pair], areas: Sequence[Area]) -> MatchEstimate:
        estimate = estimate_matches(patient, areas)
        first, *others = estimate.bands
        return replace(estimate, bands=(replace(first, least=first.least + 1), *others))

    with patch("schema.types.match_estimate.estimate_matches", estimated):
        yield


@contextmanager
def small_totals_hidden(_insider: Insider) -> Iterator[None]:
    """Show totals below k as 0, over classes that are too small."""
    units = _exact_units()

    def hidden(self: ClassSet) -> int:
        total: int = units(self)
        return total if total >= K else 0

    with patch.object(ClassSet, "units", property(hidden)):
        yield


@contextmanager
def cursors_with_places(insider: Insider) -> Iterator[None]:
    """Let the cursor of a unit hold its place in the intake."""

    def cursor(scope: str, key: str) -> str:
        return paging.cursor(scope, f"{key}#{insider.places[key.partition(':')[2]]}")

    with patch("schema.types.unit_connection.cursor", cursor):
        yield


@contextmanager
def errors_for_waiting(insider: Insider) -> Iterator[None]:
    """Let the unit of an id say that it waits, in place of nothing."""

    async def look_up(context: Context, id_: str, release: int | None) -> object:
        if id_ in insider.needles:
            raise ContractError(Code.INVALID_ID, "This unit waits for its class to grow.")
        return await look_up_unit(context, id_, release)

    with patch("schema.query.look_up_unit", look_up):
        yield


@contextmanager
def costs_of_rows(insider: Insider) -> Iterator[None]:
    """Let a question about a unit that is there, though hidden, cost more."""
    price = Costs.of

    def of(self: Costs, document: DocumentNode, name: str | None, variables: Any) -> Cost:
        cost = price(self, document, name, variables)
        there = variables.get("id") in insider.needles
        return replace(cost, total=cost.total + 1) if there else cost

    with patch.object(Costs, "of", of):
        yield


@contextmanager
def read_after_withdrawal(_insider: Insider) -> Iterator[None]:
    """Serve a release that was withdrawn."""
    with patch("schema.context.tombstone", lambda _record: None):
        yield


@contextmanager
def transplants_of_more(_insider: Insider) -> Iterator[None]:
    """Let a list of transplants count what is too few to be shown."""
    cut = vars(ActivityConnection)["cut"].__func__

    def counted(cls: type[ActivityConnection], *arguments: Any) -> ActivityConnection:
        connection: ActivityConnection = cut(cls, *arguments)
        connection.units += 9
        return connection

    with patch.object(ActivityConnection, "cut", classmethod(counted)):
        yield
