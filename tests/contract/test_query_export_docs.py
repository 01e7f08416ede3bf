"""The examples of docs/export.md run, and say what they show."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from api.settings import Settings
from database.access import Access
from tests.answer_form import same_form
from tests.guide_blocks import guide_blocks
from tests.serving import serving

_LINES, _TABLE, _PROGRAM = (
    block for block in guide_blocks() if block.name.startswith("docs/export.md")
)
_SERVICE = "http://127.0.0.1:8000"


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_print_lines_of_the_shown_form(published: Access, tmp_path: Path) -> None:
    """The numbers shown are those of the demonstration."""
    with serving(published) as url:
        for block in (_LINES, _TABLE):
            text = block.text.replace(_SERVICE, url)
            printed = _run(["bash", "-eu", "-c", text], tmp_path)
            assert block.shown is not None
            if block is _LINES:
                assert same_form(json.loads(block.shown), json.loads(printed))
            else:
                shown, found = block.shown.splitlines(), printed.splitlines()
                assert found[0] == shown[0]
                form = re.compile(r"cbu_[0-9a-f]{20},[A-Z]{2},([\d.]*),([\d.]*)")
                assert form.fullmatch(shown[1])
                assert form.fullmatch(found[1])


def test_the_program_reads_all_units(published: Access, tmp_path: Path) -> None:
    """In one go."""
    with serving(published) as url:
        text = _PROGRAM.text.replace(_SERVICE, url)
        printed = _run([sys.executable, "-W", "error", "-c", text], tmp_path)
        assert printed == f"{_units_of_guangdong(url)} units\n"


def test_the_program_goes_on_when_its_quota_is_spent(
    published: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time that the last line tells, without losing or repeating a unit."""
    monkeypatch.setattr("api.quota.counter.WINDOW_S", 3)
    with serving(published, Settings(anonymous_quota=30_000)) as url:
        text = _PROGRAM.text.replace(_SERVICE, url).replace("time.sleep(wait)", _NOTED)
        printed = _run([sys.executable, "-W", "error", "-c", text], tmp_path)
        *waits, last = printed.splitlines()
        assert 1 <= len(waits) <= 4
        assert all(1 <= int(wait) <= 3 for wait in waits)
        assert last == f"{_units_of_guangdong(url)} units"


_NOTED = "print(wait); time.sleep(wait)"


def _units_of_guangdong(url: str) -> int:
    asked = {"query": '{ bank(code: "GD") { unitCount } }'}
    answer = httpx.post(f"{url}/graphql", json=asked).json()
    number: int = answer["data"]["bank"]["unitCount"]
    return number
