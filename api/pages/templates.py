"""The environment of the templates: everything escaped, nothing undefined."""

import datetime as dt
from collections.abc import Mapping
from functools import cache, partial
from urllib.parse import urlencode

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.pages.code import coloured, readable
from api.pages.language import Language
from api.pages.markdown import inline
from api.pages.reply import NOWHERE
from api.pages.static_files import static_path
from api.pages.texts import texts

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@cache
def environment(language: Language) -> Environment:
    """Return the environment of a language."""
    found = Environment(
        loader=PackageLoader("api.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters.update(
        number=number,
        date=lambda value: date(value, language),
        fill=lambda text, **values: text.format(**values),
        md=lambda text: inline(text, language),
        short=lambda text, size=12: text[:size],
        size=size,
    )
    found.globals.update(
        t=texts(language),
        language=language,
        other=language.other,
        here=language.path,
        static=static_path,
        origin=NOWHERE,
        ide=partial(ide_path, language),
        coloured=coloured,
        readable=readable,
    )
    return found


def number(value: float) -> str:
    """Return a number as people read it."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def size(value: int) -> str:
    """Return a number of bytes as people read it, in powers of ten."""
    amount = float(value)
    for unit in ("B", "kB", "MB"):
        if amount < 1_000:  # noqa: PLR2004 - of the next unit
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1_000
    return f"{amount:.1f} GB"


def date(value: dt.date | str, language: Language) -> str:
    """Return a day as people write it."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    if language is Language.ZH:
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def ide_path(
    language: Language,
    version: str | None = None,
    query: str | None = None,
    release: int | None = None,
    variables: Mapping[str, object] | None = None,
) -> str:
    """Return the address at which the IDE opens in a language, and with a query if one is given.

    To programs the address is the answer.
    """
    path = f"/graphql/{version}" if version else "/graphql"
    spoken = "" if language is Language.EN else f"#lang={language}"
    if query is None:
        return path + spoken
    given = {"query": query}
    if variables:
        given["variables"] = orjson.dumps(variables).decode()
    if release is not None:
        given["release"] = str(release)
    return f"{path}?{urlencode(given)}{spoken}"
