"""The pages of reference data: banks and indications of the newest release."""

from collections.abc import Mapping
from itertools import groupby

from api.pages.pictures.gallery import exhibits
from api.pages.view import View


async def make_banks(view: View) -> Mapping[str, object]:
    """Return the banks, each with its sources."""
    if view.latest is None:
        return {"banks": [], "pictures": []}
    number = view.latest.number
    pictures = await exhibits(view, number, "banks", "cities")
    return {"banks": await view.ask_all("banks", number), "pictures": pictures}


async def make_indications(view: View) -> Mapping[str, object]:
    """Return the indications by group, in the order of the contract's enum."""
    found, pictures = [], []
    if view.latest is not None:
        found = await view.ask_all("indications", view.latest.number)
        pictures = await exhibits(view, view.latest.number, "transplants")
    order = list(view.text_table("indications.groups"))
    found.sort(key=lambda each: (order.index(each["group"]), each["code"]))
    groups = [(group, list(of)) for group, of in groupby(found, key=lambda each: each["group"])]
    return {"groups": groups, "count": len(found), "pictures": pictures}
