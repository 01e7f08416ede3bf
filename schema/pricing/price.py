"""The price of a field at one place of a document, and of everything below it."""

from collections.abc import Iterable
from dataclasses import dataclass

from schema.pricing.rules import Size


@dataclass(frozen=True, slots=True)
class Amount:
    """What something brings into the answer, at most.

    Attributes:
        cost: Objects and the weights of fields.
        objects: Objects.
        values: Scalars and enums.
    """

    cost: Size = 0
    objects: Size = 0
    values: Size = 0

    def times(self, size: Size) -> "Amount":
        """Return this ``size`` times."""
        return Amount(self.cost * size, self.objects * size, self.values * size)

    def plus(self, other: "Amount") -> "Amount":
        """Return this and ``other`` together."""
        return Amount(
            self.cost + other.cost, self.objects + other.objects, self.values + other.values
        )

    def highest(self, other: "Amount") -> "Amount":
        """Return the higher of each."""
        return Amount(
            max(self.cost, other.cost),
            max(self.objects, other.objects),
            max(self.values, other.values),
        )


OBJECT = Amount(cost=1, objects=1)
VALUE = Amount(values=1)


@dataclass(frozen=True, slots=True)
class FieldPrice:
    """A field at one place, each time it is resolved. A fragment's fields are shared, not copied.

    Attributes:
        name: Response name.
        coordinate: Such as ``Query.units``.
        amount: What it brings with everything below it.
        size: Its items; 1 unless it is a list.
        weight: Cost of resolving it, part of ``amount``.
        argument: The argument that sizes the list, or the lists of its object.
        sized: The fields below that the argument sizes.
        below: The prices of its own fields, for each object.
    """

    name: str
    coordinate: str
    amount: Amount
    size: Size
    weight: int
    argument: str | None
    sized: tuple[str, ...]
    below: tuple["FieldPrice", ...]


@dataclass(frozen=True, slots=True)
class SelectionPrice:
    """The fields that one object is asked for.

    Attributes:
        amount: What they bring together.
        fields: Each of them; of an abstract type, those of the concrete type that costs most.
    """

    amount: Amount
    fields: tuple[FieldPrice, ...] = ()

    @classmethod
    def of(cls, fields: Iterable[FieldPrice]) -> "SelectionPrice":
        """Add ``fields`` up."""
        priced = tuple(fields)
        amount = Amount()
        for each in priced:
            amount = amount.plus(each.amount)
        return cls(amount, priced)
