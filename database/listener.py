"""The unix socket of the embedded server: where it is and what it answers."""

import os
import re
import socket
import stat
from enum import Enum
from pathlib import Path

from database.account import Account
from domain.failures import Unavailable

PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"

# The address of a unix socket holds 103 bytes on macOS and 107 on Linux.
_LONGEST_ADDRESS = 103
# Commas and quotes have a meaning in the server's setting and in connection strings.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9 ._/+~@-]+", re.ASCII)
_CANNOT_CONNECT_NOW = b"C57P03\0"
_SECONDS = 2.0


class Answer(Enum):
    """What a server said to a client that wants to connect."""

    NONE = "no server listens"
    NOT_YET = "it is starting up, recovering or shutting down"
    READY = "it takes connections"


def listener_folder(data: Path) -> Path:
    """Return the folder of the socket: ``data``, or a short one in /tmp if that cannot serve."""
    address = data / f"{SOCKET_NAME}.lock"
    if len(os.fsencode(address)) <= _LONGEST_ADDRESS and _PLAIN_PATH.fullmatch(str(data)):
        return data
    # Named for the folder and not for its path, which may differ between mounts.
    parent = data.parent.stat()
    return Path("/tmp") / f"cordgraph-{parent.st_dev:x}-{parent.st_ino:x}"  # noqa: S108 - checked below


def make_listener_folder(folder: Path, account: Account) -> None:
    """Make sure that ``folder`` exists and that nobody but ``account`` can enter it.

    Raises:
        Unavailable: Somebody else made it first.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid in (os.geteuid(), account.uid)
    if not ours or stat.S_IMODE(status.st_mode) & 0o077:
        raise Unavailable(
            f"{folder}, the folder for the server's socket, belongs to somebody else",
            "Remove it, or set CORDGRAPH_HOME to a folder with a short and plain path.",
        )
    account.own(folder)


def ask(folder: Path, user: str, database: str) -> Answer:
    """Knock at the socket in ``folder`` as ``user`` and hear the first answer.

    A file, a lock or a process id can be left over from a server that is gone; only an answer
    in PostgreSQL's protocol proves that one is there.
    """
    words = ("user", user, "database", database)
    packet = b"\0\x03\0\0" + b"".join(word.encode() + b"\0" for word in words) + b"\0"
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_SECONDS)
        try:
            client.connect(str(folder / SOCKET_NAME))
            client.sendall((len(packet) + 4).to_bytes(4, "big") + packet)
            answer = client.recv(1024)
        except OSError:
            return Answer.NONE
    if not answer:
        return Answer.NONE
    return Answer.NOT_YET if answer[:1] == b"E" and _CANNOT_CONNECT_NOW in answer else Answer.READY
