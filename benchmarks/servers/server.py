"""A server that is measured: one process on a core of its own, on a free port of this machine."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.cores import on_server_core
from domain.failures import Unavailable

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")


class Server:
    """A server process while the context lasts.

    Args:
        name: Short name, as in the results.
        command: What starts it; ``{port}`` in an argument stands for its port.
        environment: Its variables, beside the few that every process gets.
        logs: Folder for its log, which is a file as it would be in production.
        folder: Where it runs.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        logs: Path,
        folder: Path = ROOT,
    ) -> None:
        self.name = name
        self.port = _free_port()
        self._command = [part.replace("{port}", str(self.port)) for part in command]
        self._environment = dict(environment)
        self._folder = folder
        self.log = logs / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        passed_on = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own servers
                on_server_core(self._command),
                cwd=self._folder,
                env={**passed_on, "PORT": str(self.port), **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def resident_bytes(self) -> int:
        """Memory of the process that is in RAM now."""
        assert self._process is not None  # noqa: S101 - for the type checker
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    @property
    def worked_seconds(self) -> float:
        """Processor time that the process has used so far."""
        assert self._process is not None  # noqa: S101 - for the type checker
        status = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii")
        user, system = status.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send one request and return status and body of the answer."""
        connection = HTTPConnection(HOST, self.port, timeout=30)
        try:
            headers = {"Content-Type": "application/json"} if body else {}
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _wait(self) -> None:
        """Return once it answers anything at all."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            assert self._process is not None  # noqa: S101 - for the type checker
            if self._process.poll() is not None:
                break
            try:
                self.ask("GET", "/")
            except (OSError, HTTPException):
                time.sleep(0.1)
            else:
                return
        raise Unavailable(f"the server {self.name} does not start", f"Its log: {self.log}")

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port
