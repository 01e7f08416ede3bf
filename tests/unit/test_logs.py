"""What log lines hold, whoever writes them."""

import asyncio
import io
import logging
import re
from collections.abc import Iterator

import orjson
import pytest
import structlog

from api.logs import Notes, configure_logs, log_request
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


@pytest.mark.parametrize(
    ("path", "seconds", "notes"),
    [
        ("/graphql/2026-10", 0.000034, Notes("2026-10", None, [1, 3])),
        ('/é"\\\n', 12.3456, Notes(None, "Look", (), ["INTERNAL", "TIMEOUT"])),
        ("/", 0.0, Notes(None, "a\u2028b", [])),
    ],
)
def test_the_line_of_a_request_is_like_any_other(
    stream: io.StringIO, path: str, seconds: float, notes: Notes
) -> None:
    """The short way writes what the processors would, but for the time."""
    configure_logs(LogFormat.JSON, stream)
    log_request("0123456789abcdef", "POST", path, 200, seconds, notes)
    structlog.get_logger("cordgraph").info(
        "request",
        request_id="0123456789abcdef",
        method="POST",
        path=path,
        status=200,
        ms=round(seconds * 1000, 2),
        version=notes.version,
        operation=notes.operation,
        releases=list(notes.releases),
        codes=list(notes.codes),
    )
    short, long, nothing = stream.getvalue().split("\n")
    assert nothing == ""
    assert re.fullmatch(r".*[0-9]T[0-9:]{8}\.[0-9]{6}Z\"\}", short)
    assert _timeless(short) == _timeless(long)


def _timeless(line: str) -> str:
    return re.sub(r'"timestamp":"[^"]*"', "", line)


async def test_lines_of_one_turn_are_written_together(stream: io.StringIO) -> None:
    """They are there as soon as the loop has turned."""
    configure_logs(LogFormat.JSON, stream)
    for number in range(3):
        log_request(str(number), "GET", "/", 200, 0.0, Notes(None, None, ()))
    assert stream.getvalue() == ""
    await asyncio.sleep(0)
    lines = [orjson.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["request_id"] for line in lines] == ["0", "1", "2"]


def test_the_lines_of_requests_go_where_the_others_go(stream: io.StringIO) -> None:
    """Also after something else was configured, as tests do."""
    configure_logs(LogFormat.JSON, stream)
    with structlog.testing.capture_logs() as lines:
        log_request("1", "GET", "/", 200, 0.0, Notes(None, None, ()))
    assert ([line["request_id"] for line in lines], stream.getvalue()) == (["1"], "")
    configure_logs(LogFormat.CONSOLE, stream)
    log_request("2", "GET", "/", 200, 0.0, Notes(None, None, ()))
    assert "request_id" in stream.getvalue()
