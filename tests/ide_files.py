"""The files of the IDE that come from npm, built once where that is possible."""

from api.ide.build import build, is_current
from domain.failures import Unavailable
from tests.node_project import give_up


def require_ide() -> None:
    """Build the IDE unless it is there; skip the test where that fails."""
    if is_current():
        return
    try:
        build()
    except Unavailable as failure:
        give_up(failure.message)
