"""The system account that PostgreSQL runs as; it refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from domain.failures import Unavailable

OVERRIDE = "CORDGRAPH_POSTGRES_USER"
_ORDINARY = ("postgres", "nobody")
_FIRST_CLOSED = 'for d; do [ -x "$d" ] || { printf %s "$d"; exit 1; }; done'


class ProcessOptions(TypedDict, total=False):
    """How `subprocess` starts a program as another account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """An entry of the passwd database; ``drop`` if processes must change to it (we are root)."""

    name: str
    uid: int
    gid: int
    drop: bool

    def process_options(self) -> ProcessOptions:
        """Return what makes `subprocess` start a program as this account."""
        if not self.drop:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give ``path``, which must be ours, to this account."""
        if self.drop:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_execute(self, program: Path) -> bool:
        """Say whether ``program --version`` runs as this account."""
        try:
            return (
                subprocess.run(  # noqa: S603 - a program of PostgreSQL
                    [program, "--version"],
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    check=False,
                    **self.process_options(),
                ).returncode
                == 0
            )
        except OSError:
            return False

    def interrupt(self, pid: int) -> None:
        """Send SIGINT as this account, so that a false ``pid`` hits no process but its own."""
        subprocess.run(  # noqa: S603 - a fixed script, the number is its argument
            ["/bin/sh", "-c", 'kill -INT "$1"', "sh", str(pid)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **self.process_options(),
        )

    def require_path_to(self, folder: Path) -> None:
        """Check that this account can reach ``folder``, as access rules of any kind have it.

        Raises:
            Unavailable: A parent is closed to it. Nobody's rights are changed to open it.
        """
        path = [*reversed(folder.parents), folder]
        answer = subprocess.run(  # noqa: S603 - a fixed script, the folders are its arguments
            ["/bin/sh", "-c", _FIRST_CLOSED, "sh", *path],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **self.process_options(),
        )
        if answer.returncode:
            raise Unavailable(
                f"the account {self.name}, which PostgreSQL runs as, cannot enter {answer.stdout}",
                "Set CORDGRAPH_HOME to a folder that it can reach, such as /var/lib/cordgraph, "
                "or run as an ordinary user.",
            )


def server_account(data: Path, environ: Mapping[str, str]) -> Account:
    """Return the account for the server of ``data``: ourselves, unless we are root.

    For root it is the owner of ``data`` if that exists, else the account that `OVERRIDE` names,
    else ``postgres`` or ``nobody``.

    Raises:
        Unavailable: There is no such account, or we have no entry in the passwd database.
    """
    if os.geteuid():
        return _by_uid(os.geteuid(), drop=False)
    if data.exists():
        return _by_uid(data.stat().st_uid, drop=True)
    named = environ.get(OVERRIDE)
    for name in (named,) if named else _ORDINARY:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drop=True)
    wanted = f"{OVERRIDE}={named} is not" if named else "neither postgres nor nobody is"
    raise Unavailable(
        f"PostgreSQL does not run as root, and {wanted} an ordinary account of this machine",
        f"Name an ordinary account in {OVERRIDE}.",
    )


def _by_uid(uid: int, *, drop: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise Unavailable(
            f"PostgreSQL needs a named account, and user id {uid} has no entry in the passwd "
            "database",
            "Add one for it, or run as another user.",
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drop=drop)
