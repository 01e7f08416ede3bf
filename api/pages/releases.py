"""The pages of the releases: all of them, and one each."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from api.pages.pictures.gallery import exhibits
from api.pages.reply import NOWHERE
from api.pages.view import View
from api.portals.description import describe_one
from api.portals.schema_org import dataset, embedded


async def make_releases(view: View) -> Mapping[str, object]:
    """Return all releases, the newest first."""
    found = await view.ask_all("releases")
    pictures = await exhibits(view, view.latest.number, "growth") if view.latest else []
    return {"releases": found[::-1], "pictures": pictures}


async def make_release(view: View) -> Mapping[str, object]:
    """Return all of one release.

    Raises:
        NoSuchPageError: There is no such release, or it was withdrawn.
    """
    number = view.number()
    found = await view.ask("release", number)
    numbers = [each.number for each in view.catalogue.releases.records]
    description = describe_one(
        view.catalogue.releases.records[numbers.index(number)], view.catalogue
    )
    described = dataset(description, view.sources.publisher, f"{NOWHERE}/")
    return {
        "release": found["release"],
        "pictures": await exhibits(view, number),
        "version": view.versions.current.name,
        "is_latest": view.latest is not None and view.latest.number == number,
        "later": number + 1 if number + 1 in numbers else None,
        "described": Markup(embedded(described)),  # noqa: S704 - nothing in it ends the element
    }


def release_paths(view: View) -> Iterable[str]:
    """Return the addresses of the releases that can be read."""
    return [
        f"/releases/{each.number}/"
        for each in view.catalogue.releases.records
        if each.withdrawn_at is None
    ]
