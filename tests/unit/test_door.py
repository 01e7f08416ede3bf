"""Who may stay when there is no room."""

import subprocess
import sys
from pathlib import Path

from api.door import OVERFLOW, Door


class Guest:
    """A connection that remembers what it was told."""

    def __init__(self) -> None:
        self.told = ""

    def leave(self) -> None:
        """Be asked to leave."""
        self.told = "leave"

    def refuse(self) -> None:
        """Be told that there is no room."""
        self.told = "refuse"

    def drop(self) -> None:
        """Be thrown out."""
        self.told = "drop"


def _entered(door: Door, number: int) -> list[Guest]:
    guests = [Guest() for _ in range(number)]
    for guest in guests:
        door.enter(guest)
    return guests


def test_the_longest_idle_makes_room() -> None:
    """Whoever is busy stays, and being busy makes an idle time begin anew."""
    door = Door(3)
    a, b, c = _entered(door, 3)
    door.busy(a)
    door.busy(b)
    door.idle(b)
    _entered(door, 1)
    assert (a.told, b.told, c.told) == ("", "", "leave")
    door.exit(c)
    _entered(door, 1)
    assert (a.told, b.told) == ("", "leave")
    assert len(door) == 4


def test_without_anybody_idle_newcomers_are_refused_and_then_dropped() -> None:
    """A few are told why; the crowd is not."""
    door = Door(2)
    for guest in _entered(door, 2):
        door.busy(guest)
    crowd = _entered(door, OVERFLOW + 2)
    assert [guest.told for guest in crowd] == ["refuse"] * OVERFLOW + ["drop"] * 2


def test_file_descriptors_bound_the_connections() -> None:
    """A process that may open 300 files keeps 110 of them for itself."""
    code = (
        "import resource; from api.door import open_door;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (250, 300));"
        "print(open_door(50, 10).most, open_door(1000, 10).most,"
        " resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "50 190 (300, 300)"
