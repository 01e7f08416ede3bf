"""Why the gate is closed, in the coarse words that anybody may read."""

from enum import StrEnum


class GateReason(StrEnum):
    """A kind of check; several checks share one, so that it tells no measured value."""

    BANKS = "BANKS"
    BALANCE = "BALANCE"
    VOLUME = "VOLUME"
    ANONYMITY = "ANONYMITY"
    HELD_BACK = "HELD_BACK"
    CONSENT = "CONSENT"
    QUALITY = "QUALITY"
    ORIGIN = "ORIGIN"
    TIME = "TIME"
    GOVERNANCE = "GOVERNANCE"
