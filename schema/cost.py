"""The cost of an operation: what it may bring into the answer, known before it is executed."""

import heapq
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, islice
from typing import Any

from graphql import DocumentNode, GraphQLSchema, get_operation_ast

from schema.pricing.inputs import Inputs
from schema.pricing.price import OBJECT, FieldPrice, SelectionPrice
from schema.pricing.pricer import Pricer
from schema.pricing.rules import Size

MOST_PARTS = 100
"""Fields in a breakdown."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a breakdown.

    Attributes:
        path: Response names from the root, joined with dots.
        coordinate: The field in the schema, such as ``Query.units``.
        times: How often it is resolved, at most.
        cost: What it costs with everything below it.
        objects: Objects that it brings, everything below included.
        values: Scalars and enums that it brings.
        argument: The argument that sizes a list here, given or not; ``None`` if there is none.
    """

    path: str
    coordinate: str
    times: int
    cost: int
    objects: int
    values: int
    argument: str | None
    price: FieldPrice = field(repr=False)


@dataclass(frozen=True)
class Cost:
    """What an operation costs, and why.

    Attributes:
        total: Cost: each object of the answer is 1, its root included, and some fields add a
            weight.
        objects: Objects of the answer, at most.
        values: Scalars and enums of the answer, at most.
        variables: Names of the variables that it depends on.
    """

    total: int
    objects: int
    values: int
    variables: frozenset[str]
    _selection: SelectionPrice = field(repr=False)

    @property
    def varies(self) -> bool:
        """Whether it depends on the variables."""
        return bool(self.variables)

    @cached_property
    def breakdown(self) -> tuple[Part, ...]:
        """The fields of the operation, dearest first, at most `MOST_PARTS` of them."""
        return tuple(islice(_parts(self._selection), MOST_PARTS))


def cost_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: Mapping[str, Any],
) -> Cost:
    """Return what an operation costs, in time linear in its document.

    Never below what execution then returns: where something is not known, as with variables of a
    wrong type, the most is assumed.

    Args:
        schema: The schema that ``document`` is valid against.
        document: A document that has passed the limits and validation.
        operation_name: Which of its operations; ``None`` if it has one.
        variables: Values of the variables, as they came.

    Raises:
        LookupError: There is no such operation.
    """
    operation = get_operation_ast(document, operation_name)
    root = None if operation is None else schema.get_root_type(operation.operation)
    if operation is None or root is None:
        raise LookupError("no such operation")
    inputs = Inputs(operation, variables)
    selection = Pricer(schema, document, inputs).price(root, (operation.selection_set,))
    amount = selection.amount.plus(OBJECT)
    return Cost(
        total=math.ceil(amount.cost),
        objects=math.ceil(amount.objects),
        values=math.ceil(amount.values),
        variables=frozenset(inputs.consulted),
        _selection=selection,
    )


def _parts(selection: SelectionPrice) -> Iterator[Part]:
    """Yield the fields of a price, dearest first; a parent is never cheaper than its fields."""
    order = count()
    heap: list[tuple[float, int, Part]] = []

    def add(prices: tuple[FieldPrice, ...], prefix: str, times: Size) -> None:
        for price in prices:
            part = _part(price, prefix, times)
            heapq.heappush(heap, (-part.cost, next(order), part))

    add(selection.fields, "", 1)
    while heap:
        part = heapq.heappop(heap)[2]
        yield part
        add(part.price.below, f"{part.path}.", part.times * part.price.size)


def _part(price: FieldPrice, prefix: str, times: Size) -> Part:
    amount = price.amount.times(times)
    return Part(
        path=prefix + price.name,
        coordinate=price.coordinate,
        times=math.ceil(times),
        cost=math.ceil(amount.cost),
        objects=math.ceil(amount.objects),
        values=math.ceil(amount.values),
        argument=price.argument,
        price=price,
    )
