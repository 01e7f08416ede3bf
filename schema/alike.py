"""Objects that have many values in common, so that what is answered of those can be shared."""

from collections.abc import Callable
from typing import TypeVar

ClassT = TypeVar("ClassT", bound=type)

_MARK = "_alike_where_notes_are_one"


def alike(*attributes: str) -> Callable[[ClassT], ClassT]:
    """Declare that instances with one and the same ``notes`` do not differ in ``attributes``.

    ``notes`` is a dict, an attribute of each instance. Plans note in it what they have made of
    these attributes, for all instances that have it, in this request and later ones; so it must
    not outlive the catalogue from which batch functions take what the attributes are keys of.
    """

    def declared(cls: ClassT) -> ClassT:
        setattr(cls, _MARK, frozenset(attributes))
        return cls

    return declared


def alike_in(cls: type | None) -> frozenset[str]:
    """Return the attributes in which instances of ``cls`` itself do not differ."""
    found: frozenset[str] = frozenset() if cls is None else vars(cls).get(_MARK, frozenset())
    return found
