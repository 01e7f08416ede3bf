"""Serving the application: uvicorn with uvloop and httptools, until a signal comes."""

import asyncio
import errno
import importlib.util
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.application import Application
from api.collector import calm_collector
from api.connection import Connection
from api.door import open_door
from api.logs import configure_logs
from api.settings import Settings
from api.storage import check_access
from api.workers import Workers
from database.access import Access
from domain.failures import Unavailable

_BACKLOG = 2048
_NEIGHBOURS = 20

_log = structlog.get_logger("cordgraph")


def bind(host: str, port: int, *, next_free: bool = False) -> socket.socket:
    """Return a listening socket on ``host`` and ``port``; 0 takes any free port.

    Args:
        host: Address or name of this machine.
        port: Wanted port.
        next_free: Take one of the next 20 ports if the wanted one is in use; the caller tells the
            user, by the socket's own name.

    Raises:
        Unavailable: The port is in use, needs rights that we lack, or the host is not ours.
    """
    for candidate in range(port, port + 1 + (_NEIGHBOURS if next_free and port else 0)):
        try:
            return _listening(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or candidate > 65_535:  # noqa: PLR2004
                raise _cannot_listen(host, port, error) from error
            in_use = error
    raise _cannot_listen(host, port, in_use) from in_use


def serve(
    settings: Settings,
    access: Access,
    listener: socket.socket,
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests on ``listener`` until SIGINT or SIGTERM; running requests may finish.

    Returns normally after a signal, so that the caller can clean up. With several workers each is
    a process of its own, and this one watches over them.

    Args:
        settings: How to wait and to log.
        access: Addresses of the database.
        listener: A socket from `bind`; it is closed at the end.
        announce: Called once when nothing stands in the way any more.

    Raises:
        Refused: The database's roles have too many rights.
        Unavailable: The database does not answer, or has no tables.
    """
    configure_logs(settings.log_format)
    asyncio.run(check_access(access, settings))
    if settings.workers == 1:
        _answer(listener, settings, access, announce)
        return
    if not settings.redis_url:
        _log.warning(
            "each worker counts quotas for itself, so clients may spend more; "
            "CORDGRAPH_REDIS_URL has them counted together",
            workers=settings.workers,
        )
    arguments = (settings, access)
    workers = Workers(settings.workers, _answer, listener, arguments, settings.shutdown_timeout_s)
    workers.run(announce)


def _answer(
    listener: socket.socket,
    settings: Settings,
    access: Access,
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests in this process."""
    configure_logs(settings.log_format)
    server = make_server(create_app(settings, access), settings)
    calm_collector()
    announce()
    server.run(sockets=[listener])


def make_server(app: ASGIApp, settings: Settings) -> "Server":
    """Return a server for ``app``; it runs in any thread, and heeds signals in the main one."""

    class Configured(Connection):
        head_timeout_s = settings.header_timeout_s
        send_timeout_s = settings.send_timeout_s
        door = open_door(settings.max_connections, settings.pool_size)
        at_once = staticmethod(app.edge.at_once) if isinstance(app, Application) else None
        again = staticmethod(app.edge.again) if isinstance(app, Application) else None

    config = uvicorn.Config(
        app,
        loop="uvloop" if importlib.util.find_spec("uvloop") else "asyncio",
        http=Configured,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=settings.shutdown_timeout_s,
    )
    return Server(config)


class Server(uvicorn.Server):
    """Uvicorn's server, which ends on a signal without sending it to itself once more."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Have SIGINT and SIGTERM end the server while the context lasts."""
        if not _in_main_thread():
            yield
            return
        watched = (signal.SIGINT, signal.SIGTERM)
        before = {each: signal.signal(each, self.handle_exit) for each in watched}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _listening(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> Unavailable:
    return Unavailable(
        f"cannot listen on {host} port {port}: {error.strerror or error}",
        "Choose another one with --host and --port, or CORDGRAPH_HOST and CORDGRAPH_PORT.",
    )
