"""What commands print for programs, and files that they write: whole, whenever the process dies."""

import datetime as dt
import json
import os
from pathlib import Path

import click

from domain.failures import Unavailable


def print_json(value: object) -> None:
    """Print ``value`` as JSON for programs."""
    click.echo(json.dumps(value, indent=2, default=dt.datetime.isoformat, ensure_ascii=False))


def write_whole(option: str, file: Path, content: bytes) -> None:
    """Write ``content`` beside ``file`` and move it there, so that there never is half of it.

    What a run that was killed has left beside it is taken by the next one. What is no regular
    file, such as a terminal or a pipe, is written to as it is.

    Args:
        option: The option that named the file, for the message.
        file: Where to.
        content: All of it.

    Raises:
        Unavailable: It cannot be written; nothing is left of the attempt.
    """
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(content)
        else:
            _replace(file.resolve(), content)
    except OSError as error:
        raise Unavailable(
            f"{option}: {file} cannot be written: {error.strerror}",
            "Make room there, or name another place.",
        ) from error


def _replace(file: Path, content: bytes) -> None:
    draft = file.with_name(f".{file.name}.unfinished")
    try:
        with draft.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
