"""What one request may cost, and what a client is told that asks for more."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.refusal import RefusalError
from schema.cost import Cost, Part
from schema.errors import Code, ContractError
from schema.limits import Limits
from schema.pricing.price import Amount, FieldPrice
from schema.pricing.rules import Size

SHOWN_PARTS = 50
"""Fields in the breakdown of a dry run."""
_MOST_PATH = 120


def check_cost(cost: Cost, limits: Limits) -> None:
    """Refuse an operation that asks for too much.

    Raises:
        RefusalError: COST_EXCEEDED; the message names the dearest field and, where one page is
            too long, the largest size that would pass.
    """
    if cost.total > limits.max_cost:
        raise _exceeded(cost, "cost", "cost", cost.total, limits.max_cost)
    if cost.values > limits.max_values:
        raise _exceeded(cost, "values", "number of values", cost.values, limits.max_values)


def cost_json(cost: Cost, limits: Limits) -> dict[str, int]:
    """Return what every answer says of its cost."""
    return {"requested": cost.total, "limit": limits.max_cost}


def breakdown_json(cost: Cost, limits: Limits) -> dict[str, Any]:
    """Return the cost with its parts, dearest first: the answer of a dry run."""
    return {
        "cost": cost_json(cost, limits),
        "values": {"requested": cost.values, "limit": limits.max_values},
        "objects": cost.objects,
        "passes": cost.total <= limits.max_cost and cost.values <= limits.max_values,
        "dependsOnVariables": cost.varies,
        "breakdown": [_part_json(part) for part in cost.breakdown[:SHOWN_PARTS]],
    }


def _part_json(part: Part) -> dict[str, Any]:
    return {
        "path": part.path[:_MOST_PATH],
        "coordinate": part.coordinate,
        "times": part.times,
        "cost": part.cost,
        "values": part.values,
    }


def _exceeded(cost: Cost, measure: str, name: str, asked: int, limit: int) -> RefusalError:
    dearest = _dearest(cost, measure)
    path, share = dearest.path[:_MOST_PATH], getattr(dearest, measure)
    message = (
        f"The {name} of this request is {asked:,}; at most {limit:,} is allowed. "
        f'Most of it is "{path}" ({dearest.coordinate}): {share:,}.'
    )
    details: dict[str, Any] = {
        "limit": f"max_{measure}",
        "maximum": limit,
        "found": asked,
        "field": path,
        "coordinate": dearest.coordinate,
    }
    suggestion = _suggestion(cost, measure, asked, limit)
    if suggestion is None:
        message += " Ask for fewer fields or in several requests."
    else:
        message += f" It would pass with {suggestion.text}."
        details["largest"] = suggestion.as_json()
    return _refusal(message, details)


def _refusal(message: str, details: Mapping[str, Any]) -> RefusalError:
    error = ContractError(Code.COST_EXCEEDED, message)
    error.extensions = {**(error.extensions or {}), **details}
    return RefusalError(Code.COST_EXCEEDED, error)


def _dearest(cost: Cost, measure: str) -> Part:
    """Return the field that most is spent on: the deepest one that holds more than half."""
    parts = sorted(cost.breakdown, key=lambda part: -getattr(part, measure))
    dearest = parts[0]
    for part in parts[1:]:
        below = part.path.startswith(f"{dearest.path}.")
        if below and 2 * getattr(part, measure) > getattr(dearest, measure):
            dearest = part
    return dearest


@dataclass(frozen=True)
class _Page:
    """A place where an argument gives the number of items.

    Attributes:
        part: The place.
        items: Items that are asked for there.
        share: What they bring in all, of the measure in question.
    """

    part: Part
    items: float
    share: float


@dataclass(frozen=True)
class _Suggestion:
    """A size for one page, or for several, with which the request would pass."""

    pages: Sequence[_Page]
    size: int

    @property
    def text(self) -> str:
        first = self.pages[0].part
        if len(self.pages) == 1:
            return f'{first.argument}: {self.size} at "{first.path[:_MOST_PATH]}"'
        return f"{first.argument}: {self.size} at each of its {len(self.pages)} outermost pages"

    def as_json(self) -> dict[str, Any]:
        paths = [page.part.path[:_MOST_PATH] for page in self.pages[:SHOWN_PARTS]]
        return {"argument": self.pages[0].part.argument, "value": self.size, "paths": paths}


def _suggestion(cost: Cost, measure: str, asked: int, limit: int) -> _Suggestion | None:
    """Return the largest size of the dearest page that would pass, or else of all pages."""
    pages = list(_pages(cost, measure))
    alone = [(page, size) for page in pages if (size := _largest([page], asked, limit)) is not None]
    if alone:
        page, size = max(alone, key=lambda each: each[0].share)
        return _Suggestion([page], size)
    paths = {page.part.path for page in pages}
    outermost = [page for page in pages if not paths & set(_above(page.part.path))]
    together = _largest(outermost, asked, limit)
    return None if together is None else _Suggestion(outermost, together)


def _largest(pages: Sequence[_Page], asked: int, limit: int) -> int | None:
    """Return the largest size that, given to each of ``pages``, would pass; at least 1."""
    each = sum(page.share / page.items for page in pages)
    others = asked - sum(page.share for page in pages)
    size = math.floor((limit - others) / each) if each else 0
    return size if size >= 1 else None


def _pages(cost: Cost, measure: str) -> Iterator[_Page]:
    for part in cost.breakdown:
        items, amount = _paged(part.price)
        share = getattr(amount, measure) * part.times
        if part.argument and items and share:
            yield _Page(part, float(items), float(share))


def _above(path: str) -> Iterator[str]:
    """Yield the paths of the fields above ``path``."""
    names = path.split(".")
    return (".".join(names[:count]) for count in range(1, len(names)))


def _paged(price: FieldPrice) -> tuple[Size, Amount]:
    """Return the items that the field's argument asks for, and what they all bring."""
    if not price.sized:
        return price.size, Amount(
            price.amount.cost - price.weight, price.amount.objects, price.amount.values
        )
    items: Size = 0
    amount = Amount()
    for each in price.below:
        if each.coordinate.partition(".")[2] in price.sized:
            items = each.size
            amount = amount.plus(each.amount)
    return items, amount
