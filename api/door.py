"""How many connections are open at once, and which one goes when there is no room for another."""

import resource
from typing import Protocol

import structlog

RESERVED_FILES = 100
"""File descriptors kept for everything else than clients and the database's pool."""
OVERFLOW = 50
"""Connections above the most that are told why they are refused; further ones are just closed."""

_log = structlog.get_logger("cordgraph")


class Guest(Protocol):
    """A connection, as far as the door knows it."""

    def leave(self) -> None:
        """Close the connection, once what is being sent has been taken."""

    def refuse(self) -> None:
        """Tell the client that there is no room."""

    def drop(self) -> None:
        """Close the connection at once."""


class Door:
    """Counts connections. One that waits for nothing but its client makes room for a new one."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: set[Guest] = set()
        self._idle: dict[Guest, None] = {}

    def __len__(self) -> int:
        """Count the open connections."""
        return len(self._open)

    def enter(self, guest: Guest) -> None:
        """Let ``guest`` in; without room the one that has been idle longest has to leave."""
        self._open.add(guest)
        excess = len(self._open) - self.most
        if excess > OVERFLOW:
            guest.drop()
        elif excess > 0 and not self._idle:
            guest.refuse()
        else:
            self.idle(guest)
            if excess > 0:
                longest = next(iter(self._idle))
                del self._idle[longest]
                longest.leave()

    def idle(self, guest: Guest) -> None:
        """Note that ``guest`` has no request that is being answered."""
        self._idle.pop(guest, None)
        self._idle[guest] = None

    def busy(self, guest: Guest) -> None:
        """Note that a request of ``guest`` is being answered."""
        self._idle.pop(guest, None)

    def exit(self, guest: Guest) -> None:
        """Note that the connection is closed."""
        self._open.discard(guest)
        self._idle.pop(guest, None)


def open_door(wanted: int, pool_size: int) -> Door:
    """Return a door for ``wanted`` connections, or as many as file descriptors allow.

    The process raises its own limit as far as it may.
    """
    reserved = RESERVED_FILES + pool_size
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted + reserved:
        soft = wanted + reserved if hard == resource.RLIM_INFINITY else min(hard, wanted + reserved)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < wanted + reserved:
            most = max(1, soft - reserved)
            _log.warning("too few file descriptors", connections=most, wanted=wanted)
            return Door(most)
    return Door(wanted)
