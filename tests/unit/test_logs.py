"""What log lines hold, whoever writes them."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog

from api.logs import configure_logs
from api.settings import LogFormat


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A place for log lines; the process logs as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def _fail(token: str) -> None:
    held = {"authorization": token}
    raise LookupError(f"{len(held)} header")


@pytest.mark.parametrize("log_format", [LogFormat.JSON, LogFormat.CONSOLE])
def test_a_traceback_has_no_local_variables(stream: io.StringIO, log_format: LogFormat) -> None:
    """Requests live in local variables, and shall not reach the log by that way."""
    configure_logs(log_format, stream)
    log = structlog.get_logger("cordgraph")
    token = "secret"[::-1]
    try:
        _fail(token)
    except LookupError:
        log.exception("fault", request_id="r1")
        logging.getLogger("asyncio").exception("fault elsewhere")
    lines = stream.getvalue()
    assert lines.count("1 header") == 2
    assert lines.count("_fail") >= 2
    assert token not in lines


def test_lines_of_libraries_have_the_same_form(stream: io.StringIO) -> None:
    """A library's warning is a JSON line with its logger; its chatter is none."""
    configure_logs(LogFormat.JSON, stream)
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("asyncpg").warning("a notice")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    (line,) = (orjson.loads(each) for each in stream.getvalue().splitlines())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "Invalid HTTP request received.",
        "level": "warning",
        "logger": "uvicorn.error",
    }


def test_what_is_no_terminal_gets_json(stream: io.StringIO) -> None:
    """Files and pipes are read by programs."""
    configure_logs(LogFormat.AUTO, stream)
    structlog.get_logger("cordgraph").info("request", path="/é")
    assert orjson.loads(stream.getvalue())["path"] == "/é"
