"""Since when and until when a part of the contract exists, and what takes its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

_KEY = "lifetime"


@dataclass(frozen=True)
class Lifetime:
    """The versions in which a field, argument or input field exists.

    Attributes:
        since: First version that has it; ``None`` if all did from the start.
        until: First version that no longer has it; ``None`` while no end is decided.
        deprecated: First version in which it is deprecated, or ``None``.
        replacement: What to write instead, as GraphQL, for instance ``licence { spdx }``.
        reason: A sentence in place of "Use <replacement>.".

    Raises:
        ValueError: The versions are out of order, or a deprecation says not what to do.
    """

    since: str | None = None
    until: str | None = None
    deprecated: str | None = None
    replacement: str | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        known = [name for name in (self.since, self.deprecated, self.until) if name]
        if known != sorted(known) or (self.until and known.count(self.until) > 1):
            raise ValueError(f"the versions of a lifetime are out of order: {known}")
        if self.deprecated and not (self.replacement or self.reason):
            raise ValueError("a deprecation must say what to use instead")

    def alive(self, version: str) -> bool:
        """Tell whether ``version`` has it."""
        return (self.since or "") <= version and (self.until is None or version < self.until)

    def ends_by(self, version: str) -> bool:
        """Tell whether it is deprecated in ``version``, or gone by then."""
        ends = [name for name in (self.deprecated, self.until) if name]
        return bool(ends) and min(ends) <= version

    def deprecation_reason(self, version: str) -> str | None:
        """Return the text of ``@deprecated`` in ``version``, or ``None``.

        It must not follow from ``until``, which is decided later, when the version is frozen.
        """
        if self.deprecated is None or version < self.deprecated:
            return None
        return self.reason or f"Use {self.replacement}."

    def __str__(self) -> str:
        return f"{self.since or 'the first version'} up to {self.until or 'any later one'}"


ALWAYS = Lifetime()
"""The lifetime of what states none."""


class EnumReason(str):  # noqa: SLOT000 - it carries an attribute
    """The reason of a deprecated enum value, which also says what to write instead.

    Strawberry keeps no metadata for enum values; their beginning and end follow from the enum
    types that the versions use.
    """

    replacement: str

    def __new__(cls, replacement: str) -> Self:
        """Return the reason "Use ``replacement``."."""
        made = super().__new__(cls, f"Use {replacement}.")
        made.replacement = replacement
        return made


def lifetime(
    *,
    since: str | None = None,
    until: str | None = None,
    deprecated: str | None = None,
    replacement: str | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Return a `Lifetime` as the ``metadata`` of a field or argument."""
    return {_KEY: Lifetime(since, until, deprecated, replacement, reason)}


def lifetime_of(metadata: Mapping[Any, Any] | None) -> Lifetime:
    """Return the lifetime in ``metadata``, or `ALWAYS`."""
    found = (metadata or {}).get(_KEY, ALWAYS)
    if not isinstance(found, Lifetime):
        raise TypeError(f"metadata {_KEY!r} must be a Lifetime, not {found!r}")
    return found
