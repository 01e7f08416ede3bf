"""Failures that a user can do something about."""


class Failure(Exception):  # noqa: N818 - it is what the user is told, not a fault of ours
    """A refusal in the user's words; the command line prints it without a traceback.

    Attributes:
        message: What is wrong, naming the value and the place.
        hint: What to do about it, or ``None``.
        exit_code: Exit status of the command line (see `Refused` and `Unavailable`).
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Refused(Failure):
    """The input or the state of the data does not allow what was asked. Exit code 1."""


class Unavailable(Failure):
    """Something that is needed is missing, busy or not reachable. Exit code 3."""

    exit_code = 3
