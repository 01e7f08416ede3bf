"""Log lines: structured, to standard error, as JSON or for people."""

import asyncio
import datetime as dt
import logging
import sys
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TextIO

import orjson
import structlog

from api.settings import LogFormat

QUIET = {"asyncpg": logging.ERROR, "asyncio": logging.WARNING, "uvicorn": logging.WARNING}
"""Least levels of the libraries' own loggers."""

_log = structlog.get_logger("cordgraph")


def configure_logs(log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Send all log lines of this process to ``stream`` (standard error) in ``log_format``."""
    target = stream or sys.stderr
    if log_format is LogFormat.AUTO:
        log_format = LogFormat.CONSOLE if target.isatty() else LogFormat.JSON
    before: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = _rendering(log_format)
    _direct.of(target if log_format is LogFormat.JSON else None, last[-1])
    structlog.configure(
        processors=[*before, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *before],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)


class Notes:
    """What is logged of an answer, whichever request it goes to.

    Attributes:
        version: Version of the schema that answered.
        operation: Name of the operation.
        releases: Releases that were read.
        codes: Codes of the errors in the answer.
        json: The same in JSON, without braces.
    """

    __slots__ = ("codes", "json", "operation", "releases", "version")

    def __init__(
        self,
        version: str | None,
        operation: str | None,
        releases: Sequence[int],
        codes: Sequence[str] = (),
    ) -> None:
        self.version = version
        self.operation = operation
        self.releases = releases
        self.codes = codes
        self.json = (
            f'"version":{_text(version)},"operation":{_text(operation)},'
            f'"releases":[{",".join(map(str, releases))}],"codes":[{",".join(map(_text, codes))}]'
        )


def log_request(
    request_id: str, method: str, path: str, status: int, seconds: float, notes: Notes
) -> None:
    """Write the line of one request.

    It looks like any other, but as JSON it goes past the processors, which take longer than a
    kept answer, and is written together with those of the same turn of the event loop.
    """
    milliseconds = round(seconds * 1000, 2)
    if _direct.on:
        _direct.write(
            f'{{"request_id":"{request_id}","method":{_text(method)},"path":{_text(path)},'
            f'"status":{status},"ms":{milliseconds},{notes.json},'
            '"event":"request","level":"info","timestamp":"'
        )
        return
    _log.info(
        "request",
        request_id=request_id,
        method=method,
        path=path,
        status=status,
        ms=milliseconds,
        version=notes.version,
        operation=notes.operation,
        releases=list(notes.releases),
        codes=list(notes.codes),
    )


class _Direct:
    """Lines of JSON on their way to a stream.

    Only while it is what the process logs to: tests, and whoever embeds this, may have set
    something else since.
    """

    def __init__(self) -> None:
        self._stream: TextIO | None = None
        self._renderer: structlog.types.Processor | None = None
        self._lines: list[str] = []

    def of(self, stream: TextIO | None, renderer: structlog.types.Processor) -> None:
        """Write to ``stream``, or not at all, for as long as ``renderer`` is the last processor."""
        self._stream = stream
        self._renderer = renderer

    @property
    def on(self) -> bool:
        """Whether lines should be written here; that does not change within a turn of the loop."""
        if self._lines:
            return True
        if self._stream is None:
            return False
        processors = structlog.get_config()["processors"]
        return bool(processors) and processors[-1] is self._renderer

    def write(self, line: str) -> None:
        """Write a line at the end of this turn of the loop, or now if there is no loop.

        Args:
            line: All of it up to the time, which is the same for the lines of a turn.
        """
        self._lines.append(line)
        if len(self._lines) > 1:
            return
        try:
            asyncio.get_running_loop().call_soon(self._flush)
        except RuntimeError:
            self._flush()

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        if self._stream is not None:
            end = f'{_now()}"}}\n'
            self._stream.write(end.join([*lines, ""]))
            self._stream.flush()


_direct = _Direct()


@lru_cache(maxsize=1_024)
def _text(text: str | None) -> str:
    """Return a text in JSON."""
    return orjson.dumps(text).decode()


def _now() -> str:
    microseconds = time.time_ns() // 1_000
    return f"{_second(microseconds // 1_000_000)}.{microseconds % 1_000_000:06}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _rendering(log_format: LogFormat) -> list[structlog.types.Processor]:
    """Return the last processors; tracebacks come without local variables, which hold requests."""
    if log_format is LogFormat.CONSOLE:
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.processors.ExceptionRenderer(transform),
        structlog.processors.JSONRenderer(_as_json),
    ]


def _as_json(line: dict[str, Any], **_: object) -> str:
    return orjson.dumps(line, default=repr).decode()
