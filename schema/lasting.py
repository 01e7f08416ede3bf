"""Objects that live on and never change, so that what is answered of them can be kept."""

from typing import TypeVar

ClassT = TypeVar("ClassT", bound=type)

_MARK = "_lasts_and_never_changes"


def lasting(cls: ClassT) -> ClassT:
    """Declare that no instance of ``cls`` is ever changed, and that there are few at a time.

    The same values come as the same object, request after request: a band, a period, a bank of one
    catalogue. What a plan has made of one of them, by fields that ask for nothing but the object
    itself, then serves the next request as well.
    """
    setattr(cls, _MARK, True)
    return cls


def is_lasting(cls: type | None) -> bool:
    """Tell whether instances of ``cls`` itself are declared to last."""
    return cls is not None and bool(vars(cls).get(_MARK))
