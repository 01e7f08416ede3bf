"""Log lines: structured, to standard error, as JSON or for people."""

import logging
import sys
from typing import Any, TextIO

import orjson
import structlog

from api.settings import LogFormat

QUIET = {"asyncpg": logging.ERROR, "asyncio": logging.WARNING, "uvicorn": logging.WARNING}
"""Least levels of the libraries' own loggers."""


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
